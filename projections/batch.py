"""What a batch did to runs, workflows, bulk operations: all read models are given."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol

from domain.run.state import StepState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from domain.bulk.state import Bulk
    from domain.events import Event
    from domain.run.state import Run, StepRun
    from domain.workflow.events import WorkflowVersionRegistered
    from projections.change import Change

CELLS = {
    StepState.NOT_STARTED: ".",
    StepState.QUEUED: "q",
    StepState.RUNNING: "r",
    StepState.COMPLETED: "c",
    StepState.WAITING: "w",
    StepState.FAILED: "f",
    StepState.CANCELED: "x",
    StepState.REJECTED: "j",
}
"""A step's state as one character."""


class Mark(NamedTuple):
    """The event that changed something last: its version in the run, its position."""

    version: int
    position: int


class Counted(Protocol):
    """What the counting read models have to know of a run: of the state before and of
    the one after. They add the difference."""

    @property
    def workflow(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def created_at(self) -> datetime | None: ...
    @property
    def ended_at(self) -> datetime | None: ...
    @property
    def duration_us(self) -> int | None: ...


@dataclass(slots=True)
class RunChange:
    """A run before and after the batch, and what of it was touched.

    Marks follow from the events alone, never from how they were cut into batches:
    so a rebuild yields the same rows.
    """

    run_id: UUID
    namespace: str
    partition: int
    before: Counted | None
    """As the counts have it; None if they have not seen the run yet."""
    after: Run
    last: Mark
    steps: dict[str, Mark]
    """Each step that an event of the batch named; every one if the run is new."""
    iterations: dict[tuple[str, int], Mark]
    """The same by step and iteration, for what exists once per iteration."""
    attempts: dict[tuple[str, int, int], Mark]
    """The same by step, iteration and attempt, as far as events name one."""
    events: Sequence[tuple[Change, Event]]
    cells: str
    """The state of every step, a character each: cheaper to look through than they."""

    def touched(self) -> list[tuple[StepRun, Mark]]:
        steps = self.after.steps
        return [(steps[name], mark) for name, mark in self.steps.items()]


class WorkflowChange(NamedTuple):
    """A version that was registered."""

    namespace: str
    partition: int
    position: int
    version: int
    actor: str
    at: datetime
    event: WorkflowVersionRegistered
    change: Change


class BulkChange(NamedTuple):
    """A bulk operation after the batch, and what happened to it there."""

    bulk_id: UUID
    namespace: str
    partition: int
    after: Bulk
    last: Mark
    events: Sequence[tuple[Change, Event]]


@dataclass(slots=True)
class Batch:
    runs: list[RunChange] = field(default_factory=list)
    workflows: list[WorkflowChange] = field(default_factory=list)
    bulks: list[BulkChange] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.runs or self.workflows or self.bulks)
