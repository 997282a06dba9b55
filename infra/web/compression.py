"""Large answers are sent compressed: a matrix is a sixth of itself then.

Quickly rather than well, and beside the loop where it would take long; docs/choices.md
has what it costs. Streams are not, since each of their lines should go out at once.
"""

from __future__ import annotations

import asyncio
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from infra.web.headers import Raw

OVER_BYTES = 4 * 1024
"""Less fits a few packets either way, and every command's answer is less."""
BESIDE_THE_LOOP_BYTES = 256 * 1024
LEVEL = 1

VARY: Raw = (b"vary", b"accept-encoding")
GZIP: Raw = (b"content-encoding", b"gzip")

_GZIP_FORMAT = 31


def accepts_gzip(accepted: bytes) -> bool:
    """Whether a header Accept-Encoding names gzip, and not to refuse it."""
    for one in accepted.split(b","):
        coding, _, weight = one.partition(b";")
        if coding.strip().lower() == b"gzip":
            return weight.replace(b" ", b"") not in (b"q=0", b"q=0.0", b"q=0.00")
    return False


async def compressed(body: bytes) -> bytes:
    """``body`` as gzip."""
    if len(body) > BESIDE_THE_LOOP_BYTES:
        return await asyncio.to_thread(_compress, body)
    return _compress(body)


def _compress(body: bytes) -> bytes:
    return zlib.compress(body, LEVEL, _GZIP_FORMAT)
