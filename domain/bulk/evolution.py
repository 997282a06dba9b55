"""From events to the bulk operation. The one given stays as it is."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, NoReturn

from domain.bulk.events import (
    BulkEnded,
    BulkItemsDone,
    BulkListed,
    BulkStarted,
    BulkStopRequested,
)
from domain.bulk.state import Bulk, StopRequest
from domain.errors import BrokenHistory

if TYPE_CHECKING:
    from collections.abc import Iterable

    from domain.bulk.items import Result
    from domain.events import By, Event


def fold(bulk: Bulk, events: Iterable[tuple[Event, By]]) -> Bulk:
    """The operation after these events.

    Raises:
        BrokenHistory: one of them cannot have happened to it.
    """
    for event, by in events:
        bulk = evolve(bulk, event, by)
    return bulk


def evolve(bulk: Bulk, event: Event, by: By) -> Bulk:
    """The operation after one more event.

    Raises:
        BrokenHistory: it cannot have happened to it.
    """
    if isinstance(event, BulkStarted) == bool(bulk.version):
        _broken(event, "it is not the first one" if bulk.version else "nothing started")
    if bulk.final:
        _broken(event, f"the operation is {bulk.state} for good")
    return replace(_changed(bulk, event, by), version=bulk.version + 1)


def _changed(bulk: Bulk, event: Event, by: By) -> Bulk:
    match event:
        case BulkStarted():
            return Bulk(
                command=event.command,
                filter=event.filter,
                named_runs=event.named_runs,
                total=event.total,
                digest=event.digest,
                took_as_is=event.took_as_is,
                reason=event.reason,
                groups=event.groups,
                started_by=by.actor,
                started_at=by.at,
            )
        case BulkListed():
            if event.first != len(bulk.items) + 1:
                _broken(event, f"{len(bulk.items)} items were listed before it")
            return replace(bulk, items=bulk.items + event.items)
        case BulkItemsDone():
            if event.first != bulk.done + 1:
                _broken(event, f"{bulk.done} items were done before it")
            if bulk.done + len(event.results) > len(bulk.items):
                _broken(event, f"only {len(bulk.items)} items are listed")
            found: Counter[Result] = Counter(each.result for each in event.results)
            counts = {
                result: bulk.counts.get(result, 0) + found[result]
                for result in bulk.counts.keys() | found.keys()
            }
            return replace(bulk, counts=counts)
        case BulkStopRequested():
            stop = StopRequest(by.actor, by.at, event.reason)
            return replace(bulk, state="stopping", stop=stop)
        case BulkEnded():
            return replace(bulk, state=event.outcome, ended_at=by.at)
    return _broken(event, "it is no event of a bulk operation")


def _broken(event: Event, why: str) -> NoReturn:
    raise BrokenHistory(f"{event.topic} cannot have happened: {why}.")
