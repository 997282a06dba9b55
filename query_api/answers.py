"""What is answered, as models: for the OpenAPI document and for whoever types clients.

Answers are not made through them (a matrix has thousands of cells); the tests hold
every kind of answer against its model.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from domain.run.events import Content, Failure, StepVerdict
from domain.run.state import RunState, StepState
from domain.workflow.definition import WorkflowDefinition

Seconds = Annotated[float, Field(ge=0, description="Seconds, to the microsecond.")]


class Shape(BaseModel):
    """Base of all: nothing is answered that is not described."""

    model_config = ConfigDict(extra="forbid")


class Placed(Shape):
    position: int
    """Everything up to this place of the log is in the answer."""
    stale: bool
    """What the caller had asked for did not arrive in time: this is older."""


class Listed(Placed):
    next: str | None
    """Cursor of the next page; null where this is the last one."""
    degraded: list[UUID]
    """Runs of this answer whose newest events could not be applied to it."""


class Cause(Shape):
    """Why a run is failed, canceled or held."""

    actor: str
    reason: str
    step: str | None
    attempt: int | None
    error: Failure | None


class RunSummary(Shape):
    run_id: UUID
    workflow: str
    workflow_version: int
    number: int
    state: RunState
    observed: bool
    source: str | None
    external_id: str | None
    created_at: datetime
    created_by: str
    started_at: datetime | None
    ended_at: datetime | None
    changed_at: datetime
    """When it came into its present state."""
    duration_s: Seconds | None
    """From created to end."""
    held: bool
    waiting: bool
    cancel_requested: bool
    cause: Cause | None
    step_counts: dict[str, int]
    """Steps by their state."""
    active_steps: list[str]
    """Running, queued or waiting; the first 20."""
    retry_of: UUID | None
    root_run: UUID | None
    retry_from: str | None
    retries: list[UUID]
    version: int
    """How many events it has."""
    position: int
    degraded: bool


class RunList(Listed):
    items: list[RunSummary]


class Attempt(Shape):
    number: int
    iteration: int
    outcome: Literal["running", "completed", "failed", "canceled", "reset", "unknown"]
    actor: str
    started_at: datetime | None
    ended_at: datetime | None
    duration_s: Seconds | None
    output: Content | None
    error: Failure | None
    late: list[str]
    """Outcomes that were reported when it was no longer the current attempt."""


class Decision(Shape):
    actor: str
    decision: Literal["approved", "rejected"]
    at: datetime
    comment: str


class StepApproval(Shape):
    iteration: int
    state: Literal["open", "approved", "rejected", "withdrawn"]
    approvers: list[str]
    """Who may decide. Empty: everybody who holds the role approver."""
    required: int
    agreed: int
    decisions: list[Decision]
    attempt: int | None
    subject_digest: str
    """Of what is to be approved. Send it with the decision."""
    subject: Content | None
    summary: str
    requested_at: datetime
    requested_by: str
    closed_at: datetime | None
    closed_because: str


class Action(Shape):
    """What the caller may, or may not, do now."""

    command: Literal[
        "start", "pause", "continue", "cancel", "retry", "approve", "reject", "redo"
    ]
    allowed: bool
    code: str | None
    """Of the refusal that the command would meet."""
    why_not: str | None
    verdicts: list[StepVerdict]
    """Of a retry or redo: for each step that runs again, whether that is safe."""


class StepDetail(Shape):
    step: str
    state: StepState
    kind: Literal["task", "approval"]
    needs: list[str]
    effects: Literal["none", "idempotent", "once"] | None
    description: str
    iteration: int
    attempts: list[Attempt]
    approvals: list[StepApproval]
    output: Content | None
    error: Failure | None
    reason: str
    actor: str
    changed_at: datetime | None
    queued_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    duration_s: Seconds | None
    """Sum of its attempts."""
    carried_from: UUID | None
    """The run whose output this retry took over."""
    explanation: str
    """Its state in words."""
    actions: list[Action]


class Point(Shape):
    """The last event of what was asked for."""

    version: int
    position: int
    occurred_at: datetime
    recorded_at: datetime


class StepAnswer(StepDetail, Placed):
    run_id: UUID
    workflow: str
    number: int
    version: int
    degraded: bool
    as_of: Point | None


class Link(Shape):
    """A run of the same chain of retries. Null: its row is still to come."""

    run_id: UUID
    workflow: str | None
    number: int | None
    state: RunState | None
    created_at: datetime | None


class Lineage(Shape):
    retry_of: Link | None
    root: Link | None
    retries: list[Link]


class Degradation(Shape):
    since_position: int
    error: str


class RunAnswer(RunSummary, Placed):
    inputs: Content | None
    explanation: str
    """Its state in words: what it waits for, since when, who can act; why it ended."""
    steps: list[StepDetail]
    """In the order of the definition."""
    lineage: Lineage
    actions: list[Action]
    degradation: Degradation | None
    as_of: Point | None
    """Where it is told as it was; null: as it is now."""


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
    durations: list[Seconds | None]
    attempts: list[int]
    flags: str
    """One hexadecimal digit per step, a sum of 1 (carried over), 2 (has or had an
    approval), 4 (redone); a space where there is no such step."""
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


class Approval(Shape):
    run_id: UUID
    step: str
    iteration: int
    workflow: str
    number: int
    state: Literal["open", "approved", "rejected", "withdrawn"]
    approvers: list[str]
    required: int
    agreed: int
    decisions: list[Decision]
    requested_at: datetime
    requested_by: str
    subject_digest: str
    subject: Content | None
    summary: str
    closed_at: datetime | None
    closed_because: str
    version: int
    """Of the run."""
    position: int
    degraded: bool


class ApprovalList(Listed):
    items: list[Approval]


class EventItem(Shape):
    position: int
    """Place in the whole log: without gaps, in the order of commits."""
    stream_id: UUID
    version: int
    """Place in its stream."""
    run_id: UUID | None
    """Null for an event of a workflow."""
    workflow: str | None
    number: int | None
    topic: str
    summary: str
    """The event in a plain sentence."""
    event_id: UUID
    actor: str
    recorded_by: str
    """Who reported it: the actor, unless somebody spoke for it."""
    occurred_at: datetime
    recorded_at: datetime
    correlation_id: UUID | None
    causation_id: UUID | None
    trace: str | None
    data: JsonValue


class EventList(Placed):
    items: list[EventItem]
    next: int | None
    """Send it as `after` (ascending) or `before` (descending) for the next page."""
    order: Literal["ascending", "descending"]


class Topic(Shape):
    topic: str
    description: str


class TopicList(Shape):
    items: list[Topic]


class Refusal(Shape):
    id: UUID
    run_id: UUID | None
    command: str
    body: JsonValue
    actor: str
    recorded_by: str
    code: str
    message: str
    version_seen: int
    position: int
    """The log's end when it was refused."""
    recorded_at: datetime


class RefusalList(Listed):
    items: list[Refusal]


class Replay(Shape):
    requested_by: str
    requested_at: datetime
    done_at: datetime | None
    result: str | None


class Parked(Shape):
    run_id: UUID
    """Of a workflow: its stream."""
    since_position: int
    topic: str
    error: str
    parked_at: datetime
    events: int
    replay: Replay | None
    """The last wish to apply them anew."""


class ParkedList(Listed):
    items: list[Parked]


class LogHead(Shape):
    position: int
    recorded_at: datetime | None


class Publisher(Shape):
    epoch: int
    position: int
    lag_events: int
    lag_s: float


class Partition(Shape):
    partition: int
    position: int
    published: int
    """Last position that reached this partition in Kafka for certain."""
    next_offset: int
    lag_events: int
    more: bool
    """There are more than were counted."""
    lag_s: float


class Generation(Shape):
    id: int
    state: Literal["building", "current"]
    created_at: datetime
    flipped_at: datetime | None
    lag_s: float
    partitions: list[Partition]


class ParkedCount(Shape):
    events: int
    runs: int


class System(Shape):
    log: LogHead
    publisher: Publisher
    generations: list[Generation]
    parked: ParkedCount
    followers: int
    """Who follows the live stream of this process."""
    position: int
    """Everything up to here is in the read tables."""
