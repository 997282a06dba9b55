"""Each event of a bulk operation as one plain sentence."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from domain.bulk.events import (
    BulkEnded,
    BulkItemsDone,
    BulkListed,
    BulkStarted,
    BulkStopRequested,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from domain.events import Event

SAID = {
    "done": "done",
    "nothing": "with nothing to do",
    "refused": "refused",
    "not_found": "not found",
    "left": "left alone",
}


def _started(event: BulkStarted, actor: str) -> str:
    items = "item" if event.total == 1 else "items"
    said = f"{actor} started a bulk {event.command.type} of {event.total:,} {items}"
    return _why(said, event.reason)


def _listed(event: BulkListed, actor: str) -> str:
    last = event.first + len(event.items) - 1
    return f"The bulk operation is about these runs: {event.first:,} to {last:,}"


def _items_done(event: BulkItemsDone, actor: str) -> str:
    found: Counter[str] = Counter(each.result for each in event.results)
    return f"Of the bulk operation's items were {_counted(found)}"


def _stop_requested(event: BulkStopRequested, actor: str) -> str:
    return _why(f"{actor} asked to stop the bulk operation", event.reason)


def _ended(event: BulkEnded, actor: str) -> str:
    counts = event.model_dump(exclude={"outcome"})
    return f"The bulk operation {event.outcome}: {_counted(counts)}"


def _counted(counts: Mapping[str, int]) -> str:
    found = [
        f"{counts[name]:,} {said}" for name, said in SAID.items() if counts.get(name)
    ]
    return ", ".join(found) or "nothing done"


def _why(said: str, why: str) -> str:
    line = " ".join(why.split())
    if len(line) > 200:
        line = f"{line[:199]}…"
    return f"{said}: {line}" if line else said


SENTENCES: dict[type[Event], Callable[[Any, str], str]] = {
    BulkStarted: _started,
    BulkListed: _listed,
    BulkItemsDone: _items_done,
    BulkStopRequested: _stop_requested,
    BulkEnded: _ended,
}
