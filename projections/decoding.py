"""Stored events back to events, as far as that goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from domain.events import By
from infra.codec import decode

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from domain.events import Event
    from projections.change import Change

_EVENT_BYTES = 600
"""Roughly what an event adds to a folded run, beside the values that it carries."""


class Failure(NamedTuple):
    """An event that could not be applied, or comes after one of its run."""

    change: Change
    error: str


class Stretch(NamedTuple):
    """Decoded events of one stream, in a row."""

    events: list[tuple[Change, Event]]
    pairs: list[tuple[Event, By]]
    bytes: int


def decode_all(changes: Sequence[Change], failures: list[Failure]) -> Stretch:
    """As far as they can be decoded; the rest goes to ``failures``."""
    events: list[tuple[Change, Event]] = []
    pairs: list[tuple[Event, By]] = []
    size = 0
    for index, change in enumerate(changes):
        try:
            event = decode(change.topic, change.state)
        except Exception as error:
            failures += all_of(changes[index:], reason(error))
            break
        events.append((change, event))
        pairs.append((event, By(change.actor, change.occurred_at)))
        size += len(change.state) + _EVENT_BYTES
    return Stretch(events, pairs, size)


def all_of(changes: Iterable[Change], error: str) -> list[Failure]:
    return [Failure(change, error) for change in changes]


def reason(error: BaseException) -> str:
    """What is kept of an error: enough to act on, small enough for a row."""
    return f"{type(error).__name__}: {error}".replace("\x00", "")[:2_000]
