"""What the APIs answer. Written by hand, so that they read well; a test compares them
with the services' OpenAPI documents, member by member, and says which is stale.

Members that a newer service adds are kept (``model_extra``), so nothing breaks.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

Item = TypeVar("Item")


class Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="allow")


class Linked(Model):
    """The other run of a retry: its place after the command."""

    run_id: UUID
    number: int
    version: int
    position: int


class Answer(Model):
    """To a command: where its run is now."""

    run_id: UUID
    workflow: str
    number: int
    version: int
    position: int
    state: str
    linked: Linked | None = None
    repeated: bool = False
    """The command was done before, under the same key."""


class Registered(Model):
    """To a registration: the version that has this definition."""

    workflow: str
    version: int
    position: int
    repeated: bool = False


class Content(Model):
    """A value, or the digest under which ``Client.content`` has it."""

    value: Any = None
    digest: str | None = None
    size: int | None = None


class Failure(Model):
    type: str = "Error"
    message: str = ""
    traceback: str = ""


class Cause(Model):
    """Why a run is failed, canceled or held."""

    actor: str = ""
    reason: str = ""
    step: str | None = None
    attempt: int | None = None
    error: Failure | None = None


class Attempt(Model):
    number: int
    iteration: int
    outcome: str
    actor: str
    started_at: datetime | None = None
    ended_at: datetime | None = None
    duration_s: float | None = None
    output: Content | None = None
    error: Failure | None = None


class Decision(Model):
    actor: str
    decision: str
    at: datetime
    comment: str = ""


class StepApproval(Model):
    """A question that a step put to people, with their answers."""

    iteration: int
    state: str
    approvers: list[str] = []
    required: int = 1
    agreed: int = 0
    decisions: list[Decision] = []
    attempt: int | None = None
    subject_digest: str
    subject: Content | None = None
    summary: str = ""
    requested_at: datetime
    requested_by: str
    closed_at: datetime | None = None
    closed_because: str = ""


class Step(Model):
    """A step inside one run."""

    step: str
    state: str
    iteration: int
    attempts: list[Attempt] = []
    approvals: list[StepApproval] = []
    output: Content | None = None
    error: Failure | None = None
    reason: str = ""
    actor: str = ""
    changed_at: datetime | None = None
    queued_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    duration_s: float | None = None
    carried_from: UUID | None = None


class Run(Model):
    """A run as lists have it."""

    run_id: UUID
    workflow: str
    workflow_version: int
    number: int
    state: str
    observed: bool = False
    source: str | None = None
    external_id: str | None = None
    created_at: datetime
    created_by: str = ""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    changed_at: datetime | None = None
    duration_s: float | None = None
    held: bool = False
    waiting: bool = False
    cancel_requested: bool = False
    cause: Cause | None = None
    step_counts: dict[str, int] = {}
    active_steps: list[str] = []
    retry_of: UUID | None = None
    root_run: UUID | None = None
    retry_from: str | None = None
    retries: list[UUID] = []
    version: int
    position: int
    degraded: bool = False


class StepDetail(Step):
    """A step with its place in the workflow, and what may be done to it."""

    kind: str = "task"
    needs: list[str] = []
    effects: str | None = None
    description: str = ""
    explanation: str = ""
    actions: list[Any] = []


class RunDetail(Run):
    """A run with its steps, in the workflow's order."""

    inputs: Content | None = None
    explanation: str = ""
    """What it waits for or why it ended, in a sentence or two."""
    steps: list[StepDetail] = []
    lineage: dict[str, Any] = {}
    """Links to the runs before and after this one in its chain of retries."""
    actions: list[Any] = []
    degradation: dict[str, Any] | None = None
    as_of: dict[str, Any] | None = None
    """The event that the answer is as of, where an earlier state was asked for."""
    stale: bool = False


class OneStep(StepDetail):
    """A step with the run that it belongs to."""

    run_id: UUID
    workflow: str
    number: int
    version: int
    position: int
    stale: bool = False
    degraded: bool = False
    as_of: dict[str, Any] | None = None


class StepDefinition(Model):
    name: str
    kind: str = "task"
    needs: list[str] = []


class WorkflowDefinition(Model):
    name: str
    steps: list[StepDefinition] = []
    on_failure: str = "drain"
    description: str = ""
    metadata: dict[str, Any] = {}


class Workflow(Model):
    """A workflow as lists have it."""

    name: str
    version: int
    digest: str
    step_count: int
    registered_at: datetime
    registered_by: str
    position: int = 0
    runs: dict[str, int] = {}
    """How many runs are in each state."""


class WorkflowDetail(Model):
    """One version of a workflow."""

    name: str
    version: int
    newest_version: int
    digest: str
    definition: WorkflowDefinition
    registered_at: datetime
    registered_by: str
    runs: dict[str, int] = {}
    position: int = 0
    stale: bool = False


class MatrixColumn(Model):
    """One run, aligned to the matrix's steps."""

    run_id: UUID
    number: int
    version: int
    state: str
    created_at: datetime
    duration_s: float | None = None
    retry_of: UUID | None = None
    cells: str
    """A character for each step: its state."""
    durations: list[float | None] = []
    """Seconds."""
    attempts: list[int] = []
    flags: str = ""
    """A hexadecimal digit for each step: 1 carried, 2 approval, 4 redone."""
    degraded: bool = False


class Matrix(Model):
    """Steps down, runs across; newest run first."""

    workflow: str
    steps: list[StepDefinition] = []
    runs: list[MatrixColumn] = []
    next: int | None = None
    """The ``before`` of the columns before these."""
    position: int
    stale: bool = False
    degraded: list[UUID] = []


class Day(Model):
    """What happened to a workflow's runs on one day."""

    day: date
    created: int
    completed: int
    failed: int
    canceled: int
    duration_s: float | None = None


class Days(Model):
    items: list[Day]
    since: date
    until: date
    position: int = 0
    stale: bool = False


class Approval(Model):
    """A question as the inbox has it."""

    run_id: UUID
    workflow: str
    number: int
    step: str
    iteration: int
    state: str
    approvers: list[str] = []
    required: int = 1
    agreed: int = 0
    decisions: list[Decision] = []
    subject_digest: str
    subject: Content | None = None
    summary: str = ""
    requested_at: datetime
    requested_by: str
    closed_at: datetime | None = None
    closed_because: str | None = None


class Event(Model):
    """An event of the log, with its envelope and a plain sentence."""

    position: int
    stream_id: UUID
    version: int
    run_id: UUID | None = None
    workflow: str | None = None
    number: int | None = None
    topic: str
    summary: str
    event_id: UUID
    actor: str
    recorded_by: str
    occurred_at: datetime
    recorded_at: datetime
    correlation_id: UUID | None = None
    causation_id: UUID | None = None
    trace: str | None = None
    data: Any = None


class Events(Model):
    """A part of the log. ``next`` is the ``after`` (or ``before``) of what follows."""

    items: list[Event]
    next: int | None = None
    order: str = "descending"
    position: int = 0
    stale: bool = False


class Refusal(Model):
    """A command that the rules did not allow."""

    command: str
    actor: str
    code: str
    message: str
    recorded_at: datetime


class Page(Model, Generic[Item]):
    """A part of a list. ``next`` gets the part after it, if there is one."""

    items: list[Item]
    next: str | None = None
    position: int = 0
    stale: bool = False
    degraded: list[UUID] = []
