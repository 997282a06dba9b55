"""What the rules make of a command to a bulk operation. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.bulk.commands import EndBulk, RecordItems, StartBulk, StopBulk
from domain.bulk.events import (
    BulkEnded,
    BulkItemsDone,
    BulkListed,
    BulkStarted,
    BulkStopRequested,
)
from domain.bulk.evolution import fold
from domain.bulk.items import (
    RESULTS,
    list_digest,
    pieces,
    previewed_total,
    same_list,
)
from domain.errors import BulkEmpty, BulkListChanged, UnknownBulk

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from domain.bulk.commands import BulkTask
    from domain.bulk.state import Bulk
    from domain.events import By, Event

LISTED = 500
"""Items of one event of the list, at most."""
RECORDED = 100
"""Results of one event, at most."""


def decide_all(
    bulk: Bulk, commands: Sequence[BulkTask], by: By
) -> tuple[list[Event], Bulk]:
    """The events of all commands, each on top of the one before, and where they lead.

    Raises:
        Refused, NotFound: the rules do not allow one of them.
    """
    found: list[Event] = []
    for command in commands:
        events = decide(bulk, command)
        bulk = fold(bulk, ((event, by) for event in events))
        found += events
    return found, bulk


def decide(bulk: Bulk, command: BulkTask) -> list[Event]:
    """The events that a command leads to; none where it is so already."""
    if isinstance(command, StartBulk):
        return [] if bulk.version else _start(command)
    if not bulk.version:
        raise UnknownBulk("There is no such bulk operation.")
    match command:
        case StopBulk():
            return _stop(bulk, command)
        case RecordItems():
            return _record(bulk, command)
        case EndBulk():
            return _end(bulk)


def _start(command: StartBulk) -> list[Event]:
    items = command.items
    position = int(command.digest.split("-")[1]) if command.digest else 0
    digest = list_digest(items, position)
    if not command.take_as_is:
        _require_previewed(command, digest)
    if not items:
        raise BulkEmpty(
            "Nothing fits this filter: there is nothing to do. Look at a preview."
        )
    started = BulkStarted(
        command=command.command,
        filter=command.filter.model_copy(update={"run_ids": ()}),
        named_runs=len(command.filter.run_ids),
        total=len(items),
        digest=digest,
        took_as_is=command.take_as_is,
        reason=command.reason,
        groups=command.groups,
    )
    listed = [
        BulkListed(first=first, items=piece) for first, piece in pieces(items, LISTED)
    ]
    return [started, *listed]


def _require_previewed(command: StartBulk, digest: str) -> None:
    total = len(command.items)
    if command.digest is None:
        raise BulkListChanged(
            f"No preview was named, and {total:,} items are on the list: look at the "
            "preview and send its digest, or say take_as_is.",
            total=total,
        )
    if same_list(command.digest, digest):
        return
    before = previewed_total(command.digest)
    members: dict[str, Any] = {
        "previewed": before,
        "total": total,
        "changed": list(command.changed),
    }
    numbers = (
        f"it had {before:,} items and has {total:,}"
        if before != total
        else f"it still has {total:,} items, but not the same ones"
    )
    names = ", ".join(command.changed)
    since = f" New on it or changed since: {names}." if names else ""
    raise BulkListChanged(
        f"The list is another one than the preview showed: {numbers}.{since} Look at a "
        "new preview and send its digest, or say take_as_is.",
        **members,
    )


def _stop(bulk: Bulk, command: StopBulk) -> list[Event]:
    """Once is enough; what has ended has ended."""
    if bulk.state != "running":
        return []
    return [BulkStopRequested(reason=command.reason)]


def _record(bulk: Bulk, command: RecordItems) -> list[Event]:
    """Nothing where another runner was first: its results stand."""
    if bulk.final or command.first != bulk.done + 1:
        return []
    return [
        BulkItemsDone(first=bulk.done + first, results=piece)
        for first, piece in pieces(command.results, RECORDED)
    ]


def _end(bulk: Bulk) -> list[Event]:
    left = bulk.total - bulk.done
    if bulk.final or (left and bulk.state != "stopping"):
        return []
    counts = {result: bulk.counts.get(result, 0) for result in RESULTS}
    outcome = "stopped" if left else "completed"
    return [BulkEnded.model_validate({**counts, "left": left, "outcome": outcome})]
