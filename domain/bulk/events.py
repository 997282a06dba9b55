"""What happens to a bulk operation. Its stream is its own, beside those of runs."""

from __future__ import annotations

from typing import ClassVar, Literal

from domain.bulk.commands import BulkCommand, RunFilter
from domain.bulk.items import BulkItem, ItemResult
from domain.events import Event


class BulkStarted(Event):
    """Somebody wants the same done to many runs. The list of them follows."""

    topic: ClassVar[str] = "bulk.started"

    command: BulkCommand
    filter: RunFilter
    """As it was given, but for the runs that it named: the list has those."""
    named_runs: int = 0
    """How many runs it named one by one."""
    total: int
    digest: str
    """Of the list; the preview's, unless the list was taken as it was."""
    took_as_is: bool = False
    """No preview was held against the list."""
    reason: str = ""
    groups: tuple[str, ...] = ()
    """Of people, that whoever started it belonged to then."""


class BulkListed(Event):
    """Some of the runs that it is about: the list is in as many events as it takes."""

    topic: ClassVar[str] = "bulk.listed"

    first: int
    """Place of the first one in the list, from 1."""
    items: tuple[BulkItem, ...]


class BulkItemsDone(Event):
    """What became of the next items, in the order of the list."""

    topic: ClassVar[str] = "bulk.items_done"

    first: int
    """Place of the first one in the list, from 1."""
    results: tuple[ItemResult, ...]


class BulkStopRequested(Event):
    """What is not done yet is to be left as it is."""

    topic: ClassVar[str] = "bulk.stop_requested"

    reason: str = ""


class BulkEnded(Event):
    """Every item has its result (completed), or the rest was left alone (stopped)."""

    topic: ClassVar[str] = "bulk.ended"

    outcome: Literal["completed", "stopped"]
    done: int = 0
    nothing: int = 0
    refused: int = 0
    not_found: int = 0
    left: int = 0
    """Not done, since it was stopped."""
