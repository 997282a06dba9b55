"""Workflows, their matrix and their days."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from domain.run.state import RunState
from domain.workflow.definition import WorkflowDefinition
from query_api.answers.base import Listed, Placed, Seconds, Shape


class MatrixStep(Shape):
    name: str
    kind: Literal["task", "approval"]
    needs: list[str]


class MatrixRun(Shape):
    run_id: UUID
    number: int
    version: int
    """Of the workflow."""
    state: RunState
    created_at: datetime
    duration_s: Seconds | None
    retry_of: UUID | None
    cells: str
    """One character per step: `.` not started, `q` queued, `r` running, `c` completed,
    `w` waiting for approval, `f` failed, `x` canceled, `j` rejected, and a space where
    the run's version has no such step."""
    durations: list[Seconds | None] | None
    """Null where only cells were asked for; so are the attempts."""
    attempts: list[int] | None
    flags: str
    """One hexadecimal digit per step, a sum of 1 (carried over), 2 (has or had an
    approval), 4 (redone), 8 (more than one attempt); a space where there is no such
    step."""
    degraded: bool


class Matrix(Placed):
    workflow: str
    steps: list[MatrixStep]
    """Of all versions in the answer; cells are in this order."""
    runs: list[MatrixRun]
    """The newest first."""
    next: int | None
    """Send it as `before` for older runs."""
    degraded: list[UUID]


class RecentRun(Shape):
    run_id: UUID
    number: int
    state: RunState
    duration_s: Seconds | None
    """From created to end."""
    created_at: datetime


class WorkflowSummary(Shape):
    name: str
    version: int
    digest: str
    step_count: int
    registered_at: datetime
    registered_by: str
    position: int
    runs: dict[str, int]
    """Runs by their state."""
    recent: list[RecentRun]
    """The last 30, newest first."""


class WorkflowList(Listed):
    items: list[WorkflowSummary]


class WorkflowAnswer(Placed):
    name: str
    version: int
    newest_version: int
    digest: str
    definition: WorkflowDefinition
    registered_at: datetime
    registered_by: str
    runs: dict[str, int]


class WorkflowVersion(Shape):
    version: int
    digest: str
    registered_at: datetime
    registered_by: str
    step_count: int


class VersionList(Listed):
    items: list[WorkflowVersion]
    """The newest first."""


class Day(Shape):
    day: date
    created: int
    completed: int
    failed: int
    canceled: int
    duration_s: Seconds
    """Sum over the runs completed on this day."""


class Days(Placed):
    items: list[Day]
    """Days (UTC) on which something was created or ended."""
    since: date
    until: date
