"""Values that are too large for an event: canonical JSON, its digest, detaching."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from domain.events import Event

INLINE_BYTES = 32_768


def canonical_json(value: object) -> bytes:
    """The one spelling of a JSON value: keys sorted, no blanks, UTF-8."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False
    ).encode()


def digest(value: object) -> str:
    """SHA-256 of the value's canonical JSON."""
    return hashlib.sha256(canonical_json(value)).hexdigest()


def detach(
    events: Sequence[Event], limit_bytes: int = INLINE_BYTES
) -> tuple[list[Event], dict[str, bytes]]:
    """The events with large values replaced by digests, and those values' bytes."""
    raise NotImplementedError
