"""Values that may be too large for an event: canonical JSON, digests, detaching."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from domain.run.events import (
    ApprovalRequested,
    Content,
    RunCreated,
    StepCompleted,
    StepReportDiscarded,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic import JsonValue

    from domain.events import Event

INLINE_BYTES = 32_768
"""A larger value lies apart."""
TOGETHER_BYTES = 4 * INLINE_BYTES
"""What the values of one event may have together; an event holds 256 KiB in all."""


def canonical_json(value: object) -> bytes:
    """The one spelling of a JSON value: keys sorted, no blanks, UTF-8."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8", "surrogatepass")


def digest(value: object) -> str:
    """SHA-256 of the value's canonical JSON."""
    return hashlib.sha256(canonical_json(value)).hexdigest()


def content(value: JsonValue) -> Content | None:
    """As an event holds it; nothing where there is nothing."""
    return None if value is None else Content.model_construct(value=value)


def content_digest(found: Content | None) -> str:
    """The digest of the value, whether it lies here or apart."""
    if found is None:
        return digest(None)
    return digest(found.value) if found.digest is None else found.digest


def same_content(one: Content | None, other: Content | None) -> bool:
    if one is None or other is None or one.digest is None is other.digest:
        return (one and one.value) == (other and other.value)
    return content_digest(one) == content_digest(other)


def detach(
    events: Sequence[Event], limit_bytes: int = INLINE_BYTES
) -> tuple[list[Event], dict[str, bytes]]:
    """The events with large values replaced by digests, and those values' bytes."""
    apart: dict[str, bytes] = {}
    return [_detached(event, limit_bytes, apart) for event in events], apart


def _detached(event: Event, limit: int, apart: dict[str, bytes]) -> Event:
    match event:
        case RunCreated():
            found = _Detaching(limit, apart)
            inputs = found.detach(event.inputs)
            carried = tuple(
                each.model_copy(update={"output": found.detach(each.output)})
                for each in event.carried
            )
            if not found.any:
                return event
            return event.model_copy(update={"inputs": inputs, "carried": carried})
        case StepCompleted() | StepReportDiscarded():
            field, value = "output", event.output
        case ApprovalRequested():
            field, value = "subject", event.subject
        case _:
            return event
    found = _Detaching(limit, apart)
    value = found.detach(value)
    return event.model_copy(update={field: value}) if found.any else event


class _Detaching:
    """The values of one event, one after the other."""

    def __init__(self, limit: int, apart: dict[str, bytes]) -> None:
        self._limit = limit
        self._left = max(TOGETHER_BYTES, limit)
        self._apart = apart
        self.any = False

    def detach(self, found: Content | None) -> Content | None:
        if found is None or found.digest is not None:
            return found
        body = canonical_json(found.value)
        size = len(body)
        if size <= self._limit and (size <= self._left or size <= _WORTH_IT):
            self._left -= size
            return found
        key = hashlib.sha256(body).hexdigest()
        self._apart[key] = body
        self.any = True
        return Content(digest=key, size=size)


_WORTH_IT = 128
"""The digest of a smaller value would take more room than the value."""
