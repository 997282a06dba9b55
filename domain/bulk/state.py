"""A bulk operation as the fold of its events. ``evolve`` is in ``evolution``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import datetime

    from domain.bulk.commands import BulkCommand, RunFilter
    from domain.bulk.items import BulkItem, Result

BulkState = Literal["running", "stopping", "stopped", "completed"]


@dataclass(slots=True, frozen=True)
class StopRequest:
    actor: str
    at: datetime
    reason: str = ""


@dataclass(slots=True, frozen=True)
class Bulk:
    """``version`` 0 means that it does not exist yet."""

    version: int = 0
    state: BulkState = "running"
    command: BulkCommand | None = None
    filter: RunFilter | None = None
    named_runs: int = 0
    total: int = 0
    digest: str = ""
    took_as_is: bool = False
    reason: str = ""
    groups: tuple[str, ...] = ()
    started_by: str = ""
    started_at: datetime | None = None
    items: tuple[BulkItem, ...] = ()
    """In the order of the list: as many as ``total`` once all are listed."""
    counts: dict[Result, int] = field(default_factory=dict)
    """Items by what became of them. They are done in the order of the list."""
    stop: StopRequest | None = None
    ended_at: datetime | None = None

    @property
    def final(self) -> bool:
        return self.state in ("stopped", "completed")

    @property
    def done(self) -> int:
        """Items that have a result: the first so many of the list."""
        return sum(self.counts.values())
