"""The hash of an event: over all it says, and over the hash of its predecessor.

SHA-256 over these fields in this order, each as its length (4 bytes, big endian) and
its bytes, a missing one as the length -1 alone::

    hash of the stream's previous event (32 zero bytes before the first)
    originator_id (16), originator_version (8, big endian)
    topic, namespace, actor, recorded_by (UTF-8)
    occurred_at (8, big endian: microseconds since 1970-01-01 UTC)
    correlation_id, causation_id (16), trace (UTF-8)
    state

Position and recorded_at are not known yet when it is made: the batch's row in
``log_batches`` covers them.
"""

from __future__ import annotations

import hashlib
import struct
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from uuid import UUID

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

_LENGTH = struct.Struct(">i")
_START = struct.Struct(">i32si16siq")

_VERSION_8 = 0x8 << 76
_VARIANT = 0b10 << 62
_RANDOM = (1 << 128) - 1 & ~(0xF << 76) & ~(0b11 << 62)


def microseconds(moment: datetime) -> int:
    """Since 1970, exactly.

    Raises:
        TypeError: the moment has no time zone.
    """
    return (moment - _EPOCH) // _MICROSECOND


def prefixed(value: bytes | None) -> bytes:
    """A field as it goes into the hash."""
    if value is None:
        return b"\xff\xff\xff\xff"
    return _LENGTH.pack(len(value)) + value


def start(previous: bytes, stream_id: bytes, version: int) -> bytes:
    """The first three fields."""
    return _START.pack(32, previous, 16, stream_id, 8, version)


def event_id(digest: bytes) -> bytes:
    """The first 16 bytes of a hash, marked as a UUID of version 8."""
    number = int.from_bytes(digest[:16], "big")
    return (number & _RANDOM | _VERSION_8 | _VARIANT).to_bytes(16, "big")


def event_hash(
    previous: bytes,
    stream_id: UUID,
    version: int,
    topic: str,
    namespace: str,
    actor: str,
    recorded_by: str,
    occurred_at: datetime,
    correlation_id: UUID | None,
    causation_id: UUID | None,
    trace: str | None,
    state: bytes,
) -> bytes:
    """The hash of one event, for whoever verifies; the writer builds it in passing."""
    return hashlib.sha256(
        start(previous, stream_id.bytes, version)
        + prefixed(topic.encode())
        + prefixed(namespace.encode())
        + prefixed(actor.encode())
        + prefixed(recorded_by.encode())
        + prefixed(microseconds(occurred_at).to_bytes(8, "big", signed=True))
        + prefixed(correlation_id.bytes if correlation_id else None)
        + prefixed(causation_id.bytes if causation_id else None)
        + prefixed(trace.encode() if trace is not None else None)
        + prefixed(state)
    ).digest()
