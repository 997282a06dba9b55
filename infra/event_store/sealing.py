"""An append made ready to be sent: encoded, hashed, and as rows of bytes.

Done in the caller's task, while the writer waits for the server.
"""

from __future__ import annotations

import hashlib
import struct
from typing import TYPE_CHECKING, NamedTuple

from domain.errors import TooLarge
from domain.ports import NO_HASH, End
from infra.codec import MAX_STATE_BYTES, encode
from infra.event_store import hashing, wire
from infra.event_store.agenda_rows import agenda_rows

if TYPE_CHECKING:
    from uuid import UUID

    from domain.events import By
    from domain.ports import Append, Key, NewRefusal, Stretch
    from infra.event_store.agenda_rows import AgendaRows

# Fields of ledger.new_event before and after the texts.
_START = struct.Struct(">iii16siiq")
_MOMENT = struct.Struct(">iiq")
_END = struct.Struct(">ii32sii16s")

_FIELDS = 13
_TO_2000 = 946_684_800_000_000
"""PostgreSQL counts microseconds from there."""

_topics: dict[str, tuple[bytes, bytes]] = {}
"""Topics as a field of the row and of the hash: there are a few dozen of them."""


class Sealed(NamedTuple):
    """Rows of an append, positions and recorded_at excepted: the server's to give."""

    events: list[bytes]
    predecessors: list[bytes]
    ends: tuple[tuple[UUID, int, bytes, int], ...]
    """Of each stretch: stream, version and hash of its last event, and which of the
    append's events that is, from 1."""
    refusals: list[bytes]
    contents: list[bytes]
    size: int
    """Bytes, for batches that fit."""
    agendas: AgendaRows | None
    """Jobs and timers, where there is anything of them."""

    def landed(self, base: int) -> tuple[End, ...]:
        """The ends, once it is known which position comes before the first event."""
        return tuple(
            End(version, base + nth, digest) for _, version, digest, nth in self.ends
        )


def seal(append: Append) -> Sealed:
    """Encode and hash all of an append.

    Raises:
        TooLarge: an event is over ``MAX_STATE_BYTES``.
    """
    events: list[bytes] = []
    predecessors: list[bytes] = []
    ends: list[tuple[UUID, int, bytes, int]] = []
    correlation = wire.uuid(append.correlation_id)
    causation = wire.uuid(append.causation_id)
    after = correlation + causation + wire.text(append.trace)
    after_hashed = (
        correlation[4:] + causation[4:] + hashing.prefixed(_utf8(append.trace))
    )
    namespace = wire.text(append.namespace)
    for stretch in append.stretches:
        if stretch.version:
            predecessors.append(_predecessor(stretch))
        digest = _seal_stretch(stretch, namespace, after, after_hashed, events)
        version = stretch.version + len(stretch.facts)
        ends.append((stretch.stream_id, version, digest, len(events)))
    refusals = [_refusal(namespace, one) for one in append.refusals]
    contents = [
        wire.composite(
            namespace,
            wire.text(digest),
            wire.int8(len(body)),
            wire.field(wire.BYTEA, body),
        )
        for digest, body in append.contents.items()
    ]
    size = sum(map(len, events)) + sum(map(len, refusals)) + sum(map(len, contents))
    agendas = None
    if append.agendas:
        agendas = agenda_rows(namespace, append.agendas)
        size += agendas.size
    return Sealed(events, predecessors, tuple(ends), refusals, contents, size, agendas)


def _seal_stretch(
    stretch: Stretch,
    namespace: bytes,
    after: bytes,
    after_hashed: bytes,
    events: list[bytes],
) -> bytes:
    """Add the rows of one stretch to ``events``; the hash of its last event."""
    stream_id = stretch.stream_id.bytes
    version = stretch.version
    digest = stretch.hash if version else NO_HASH
    by: By | None = None
    recorded_by: str | None = None
    before = before_hashed = b""
    for event, fact_by, fact_recorded_by in stretch.facts:
        # Nearly always the same for all events of an append.
        if fact_by is not by or fact_recorded_by is not recorded_by:
            by, recorded_by = fact_by, fact_recorded_by
            before, before_hashed = _envelope(namespace, by, recorded_by)
        version += 1
        topic, topic_hashed = _topics.get(event.topic) or _topic(event.topic)
        state = encode(event)
        if len(state) > MAX_STATE_BYTES:
            raise TooLarge(
                f"One event would take {len(state)} bytes; the limit is "
                f"{MAX_STATE_BYTES}.",
                limit=MAX_STATE_BYTES,
            )
        digest = hashlib.sha256(
            b"".join(
                (
                    hashing.start(digest, stream_id, version),
                    topic_hashed,
                    before_hashed,
                    after_hashed,
                    hashing.prefixed(state),
                )
            )
        ).digest()
        row = b"".join(
            (
                _START.pack(_FIELDS, wire.UUID, 16, stream_id, wire.INT8, 8, version),
                topic,
                before,
                after,
                wire.field(wire.BYTEA, state),
                _END.pack(
                    wire.BYTEA, 32, digest, wire.UUID, 16, hashing.event_id(digest)
                ),
            )
        )
        events.append(len(row).to_bytes(4, "big") + row)
    return digest


def key_row(
    namespace: str, key: Key, ends: tuple[tuple[UUID, int, bytes, int], ...], base: int
) -> bytes:
    """The row of an append's key; ``base`` events of the batch come before it."""
    start = (
        wire.text(namespace),
        wire.text(key.principal),
        wire.text(key.key),
        wire.field(wire.BYTEA, key.body_digest),
    )
    if not ends:
        answer = key.nothing_done
        assert answer is not None, "a key without events must say what to answer"
        return wire.composite(
            *start,
            wire.uuid(answer.run_id),
            wire.int8(answer.version),
            wire.int8(answer.position),
            wire.NO_INT8,
            wire.NO_UUID,
            wire.NO_INT8,
            wire.NO_INT8,
        )
    (stream_id, version, _, nth), *linked = ends
    linked_id, linked_version, linked_nth = None, None, None
    if linked:
        other, linked_version, _, other_nth = linked[0]
        linked_id, linked_nth = other, base + other_nth
    return wire.composite(
        *start,
        wire.uuid(stream_id),
        wire.int8(version),
        wire.NO_INT8,
        wire.int8(base + nth),
        wire.uuid(linked_id),
        wire.int8(linked_version),
        wire.int8(linked_nth),
    )


def _envelope(namespace: bytes, by: By, recorded_by: str) -> tuple[bytes, bytes]:
    """Namespace to occurred_at, as fields of the row and of the hash."""
    actor, recorder = wire.text(by.actor), wire.text(recorded_by)
    moment = hashing.microseconds(by.at)
    return (
        namespace
        + actor
        + recorder
        + _MOMENT.pack(wire.TIMESTAMPTZ, 8, moment - _TO_2000),
        namespace[4:]
        + actor[4:]
        + recorder[4:]
        + hashing.prefixed(moment.to_bytes(8, "big", signed=True)),
    )


def _topic(topic: str) -> tuple[bytes, bytes]:
    row = wire.text(topic)
    _topics[topic] = (row, row[4:])
    return _topics[topic]


def _predecessor(stretch: Stretch) -> bytes:
    return wire.composite(
        wire.uuid(stretch.stream_id),
        wire.int8(stretch.version),
        wire.field(wire.BYTEA, stretch.hash),
    )


def _refusal(namespace: bytes, refusal: NewRefusal) -> bytes:
    return wire.composite(
        wire.uuid(refusal.id),
        namespace,
        wire.uuid(refusal.run_id),
        wire.text(refusal.command),
        wire.text(refusal.body),
        wire.text(refusal.actor),
        wire.text(refusal.recorded_by),
        wire.text(refusal.code),
        wire.text(refusal.message),
        wire.int8(refusal.version_seen),
        wire.text(refusal.key),
    )


def _utf8(value: str | None) -> bytes | None:
    return None if value is None else value.encode()
