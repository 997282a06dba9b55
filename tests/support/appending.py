"""Appends made by hand, and a check of the whole log that shares no code with it."""

from __future__ import annotations

import hashlib
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import psycopg

from domain.events import By
from domain.ids import Namespace
from domain.ports import NO_HASH, Append, Appended, Fact, Key, Stretch
from domain.run.events import StepStarted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from domain.events import Event
    from domain.ports import StoredAnswer

NAMESPACE = Namespace("default")
MOMENT = datetime(2026, 11, 22, 9, 30, 0, 123_456, tzinfo=UTC)
BY = By("ada", MOMENT)


def facts(*events: Event) -> list[Fact]:
    return [Fact(event, BY, "service") for event in events]


def some(count: int = 1) -> list[Event]:
    """Events that nobody folds."""
    return [StepStarted(step="build", attempt=n + 1) for n in range(count)]


def addition(
    stream_id: uuid.UUID | None = None,
    *events: Event,
    version: int = 0,
    previous: bytes = NO_HASH,
    key: Key | None = None,
    contents: Mapping[str, bytes] | None = None,
) -> Append:
    """An append to one stream, a new one if none is named."""
    stretch = Stretch(
        stream_id or uuid.uuid4(), version, previous, facts(*(events or some()))
    )
    return Append(NAMESPACE, [stretch], key=key, contents=contents or {})


def key(name: str, body: bytes = b"a") -> Key:
    return Key("service", name, hashlib.sha256(body).digest())


def appended(result: Appended | StoredAnswer) -> Appended:
    assert isinstance(result, Appended), result
    return result


def verify(url: str) -> int:
    """Check every hash, every batch and the order of all; the number of events.

    Written from docs/event-store.md and the standard library alone.
    """
    with psycopg.connect(url) as connection:
        events = connection.execute(
            """
            SELECT notification_id, originator_id, originator_version, topic, namespace,
                   actor, recorded_by,
                   (extract(epoch FROM occurred_at) * 1000000)::bigint,
                   correlation_id, causation_id, trace, state, hash, event_id,
                   recorded_at
              FROM ledger.runledger_events ORDER BY notification_id
            """
        ).fetchall()
        batches = connection.execute(
            """
            SELECT first, last, (extract(epoch FROM recorded_at) * 1000000)::bigint,
                   digest, chain, recorded_at
              FROM ledger.log_batches ORDER BY first
            """
        ).fetchall()
        head = connection.execute(
            "SELECT position, chain, recorded_at FROM ledger.log_head"
        ).fetchone()
    assert [event[0] for event in events] == list(range(1, len(events) + 1))
    ends: dict[uuid.UUID, tuple[int, bytes]] = {}
    for event in events:
        _check_event(event, ends)
    chain = bytes(32)
    position = 0
    moment = datetime(1970, 1, 1, tzinfo=UTC)
    for first, last, recorded_us, digest, stored, recorded_at in batches:
        assert first == position + 1
        assert recorded_at >= moment
        position, moment = last, recorded_at
        inside = events[first - 1 : last]
        assert {event[14] for event in inside} == {recorded_at}
        assert (
            digest == hashlib.sha256(b"".join(event[12] for event in inside)).digest()
        )
        numbers = b"".join(n.to_bytes(8, "big") for n in (first, last, recorded_us))
        chain = hashlib.sha256(chain + numbers + digest).digest()
        assert stored == chain
    assert head is not None
    assert head[:2] == (len(events), chain)
    assert position == len(events)
    assert head[2] >= moment
    return len(events)


def _check_event(
    event: tuple[Any, ...], ends: dict[uuid.UUID, tuple[int, bytes]]
) -> None:
    stream, version, *texts, occurred, correlation, causation, trace, state = event[
        1:12
    ]
    known, previous = ends.get(stream, (0, bytes(32)))
    assert version == known + 1
    parts: list[bytes | None] = [previous, stream.bytes, version.to_bytes(8, "big")]
    parts += [text.encode() for text in texts]
    parts.append(occurred.to_bytes(8, "big", signed=True))
    parts += [part.bytes if part else None for part in (correlation, causation)]
    parts += [None if trace is None else trace.encode(), state]
    length = [-1 if part is None else len(part) for part in parts]
    whole = b"".join(
        n.to_bytes(4, "big", signed=True) + (part or b"")
        for n, part in zip(length, parts, strict=True)
    )
    digest = hashlib.sha256(whole).digest()
    assert digest == event[12], f"hash of position {event[0]}"
    event_id = event[13]
    assert event_id.version == 8
    assert event_id.variant == uuid.RFC_4122
    assert event_id.bytes[:6] == digest[:6]
    assert event_id.bytes[9:] == digest[9:16]
    ends[stream] = (version, digest)
