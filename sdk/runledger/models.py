"""What the APIs answer. Made by generate_models.py: do not edit.

Members that a newer service adds are kept (``model_extra``), so nothing breaks.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """Base of all: immutable, tolerant of what is new."""

    model_config = ConfigDict(frozen=True, extra="allow")


class Action(Model):
    """What the caller may, or may not, do now."""

    command: str
    """One of start, pause, continue, cancel, retry, approve, reject, redo."""
    allowed: bool
    code: str | None
    why_not: str | None
    verdicts: list[StepVerdict]


class Answer(Model):
    """Where the run is after the command. What it looks like, the query API tells:
    give it version or position, and it waits until it can show them."""

    run_id: UUID
    workflow: str
    number: int
    version: int
    position: int
    state: str
    linked: Linked | None = None
    repeated: bool = False


class Approval(Model):
    run_id: UUID
    step: str
    iteration: int
    workflow: str
    number: int
    state: str
    """One of open, approved, rejected, withdrawn."""
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
    position: int
    degraded: bool


class ApprovalList(Model):
    position: int
    stale: bool
    next: str | None
    degraded: list[UUID]
    items: list[Approval]


class ApprovalPolicy(Model):
    """Who may decide, and how many of them must agree."""

    approvers: list[str] = []
    required: int = 1


class Attempt(Model):
    number: int
    iteration: int
    outcome: str
    """One of running, completed, failed, canceled, reset, unknown."""
    actor: str
    started_at: datetime | None
    ended_at: datetime | None
    duration_s: float | None
    output: Content | None
    error: Failure | None
    late: list[str]


class BatchAnswer(Model):
    items: list[ItemAnswer]
    position: int


class Cause(Model):
    """Why a run is failed, canceled or held."""

    actor: str
    reason: str
    step: str | None
    attempt: int | None
    error: Failure | None


class Content(Model):
    """A value in the event, or, where it is too large for one, its digest."""

    value: Any = None
    digest: str | None = None
    size: int | None = None


class Day(Model):
    day: date
    created: int
    completed: int
    failed: int
    canceled: int
    duration_s: float
    """Seconds, to the microsecond."""


class Days(Model):
    position: int
    stale: bool
    items: list[Day]
    since: date
    until: date


class Decision(Model):
    actor: str
    decision: str
    """One of approved, rejected."""
    at: datetime
    comment: str


class Degradation(Model):
    since_position: int
    error: str


class Event(Model):
    position: int
    stream_id: UUID
    version: int
    run_id: UUID | None
    workflow: str | None
    number: int | None
    topic: str
    summary: str
    event_id: UUID
    actor: str
    recorded_by: str
    occurred_at: datetime
    recorded_at: datetime
    correlation_id: UUID | None
    causation_id: UUID | None
    trace: str | None
    data: Any


class EventList(Model):
    position: int
    stale: bool
    items: list[Event]
    next: int | None
    order: str
    """One of ascending, descending."""


class Failure(Model):
    """An error as the failing code told it."""

    type: str = "Error"
    message: str = ""
    traceback: str = ""


class FieldError(Model):
    """One thing that does not fit. ``pointer`` into the body, or ``parameter``."""

    detail: str
    pointer: str | None = None
    parameter: str | None = None


class Generation(Model):
    id: int
    state: str
    """One of building, current."""
    created_at: datetime
    flipped_at: datetime | None
    lag_s: float
    partitions: list[Partition]


class ItemAnswer(Model):
    """What the item alone would have been answered."""

    status: int
    key: str
    answer: Answer | None = None
    problem: ProblemDocument | None = None


class Lineage(Model):
    retry_of: Link | None
    root: Link | None
    retries: list[Link]


class Link(Model):
    """A run of the same chain of retries. Null: its row is still to come."""

    run_id: UUID
    workflow: str | None
    number: int | None
    state: str | None
    created_at: datetime | None


class Linked(Model):
    """The other run of a retry."""

    run_id: UUID
    number: int
    version: int
    position: int


class LogHead(Model):
    position: int
    recorded_at: datetime | None


class MadeToken(Model):
    id: UUID
    namespace: str
    name: str
    roles: list[str]
    created_at: datetime
    created_by: str
    expires_at: datetime | None
    revoked_at: datetime | None
    token: str


class Matrix(Model):
    position: int
    stale: bool
    workflow: str
    steps: list[MatrixStep]
    runs: list[MatrixColumn]
    next: int | None
    degraded: list[UUID]


class MatrixColumn(Model):
    run_id: UUID
    number: int
    version: int
    state: str
    """One of created, queued, running, waiting_for_approval, paused, completed,
    failed, canceled."""
    created_at: datetime
    duration_s: float | None
    retry_of: UUID | None
    cells: str
    durations: list[float | None]
    attempts: list[int]
    flags: str
    degraded: bool


class MatrixStep(Model):
    name: str
    kind: str
    """One of task, approval."""
    needs: list[str]


class OnReject(Model):
    """What a rejection leads to."""

    action: str = "fail"
    """One of fail, cancel, redo."""
    step: str | None = None


class OneStep(Model):
    position: int
    stale: bool
    step: str
    state: str
    """One of not_started, queued, running, completed, waiting_for_approval, failed,
    canceled, rejected."""
    kind: str
    """One of task, approval."""
    needs: list[str]
    effects: str | None
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
    duration_s: float | None
    carried_from: UUID | None
    explanation: str
    actions: list[Action]
    run_id: UUID
    workflow: str
    number: int
    version: int
    degraded: bool
    as_of: Point | None


class Parked(Model):
    run_id: UUID
    since_position: int
    topic: str
    error: str
    parked_at: datetime
    events: int
    replay: Replay | None


class ParkedCount(Model):
    events: int
    runs: int


class ParkedList(Model):
    position: int
    stale: bool
    next: str | None
    degraded: list[UUID]
    items: list[Parked]


class Partition(Model):
    partition: int
    position: int
    published: int
    next_offset: int
    lag_events: int
    more: bool
    lag_s: float


class Point(Model):
    """The last event of what was asked for."""

    version: int
    position: int
    occurred_at: datetime
    recorded_at: datetime


class ProblemDocument(Model):
    """An error, as RFC 9457 has it. ``type`` ends in a stable code."""

    type: str
    title: str
    status: int
    detail: str
    instance: str | None = None
    errors: list[FieldError] | None = None
    reference: str | None = None


class Publisher(Model):
    epoch: int
    position: int
    lag_events: int
    lag_s: float


class Refusal(Model):
    id: UUID
    run_id: UUID | None
    command: str
    body: Any
    actor: str
    recorded_by: str
    code: str
    message: str
    version_seen: int
    position: int
    recorded_at: datetime


class RefusalList(Model):
    position: int
    stale: bool
    next: str | None
    degraded: list[UUID]
    items: list[Refusal]


class Registered(Model):
    """The version that has this definition."""

    workflow: str
    version: int
    position: int
    repeated: bool = False


class Replay(Model):
    requested_by: str
    requested_at: datetime
    done_at: datetime | None
    result: str | None


class ReplayRequest(Model):
    """A wish; GET /v1/{ns}/parked of the query API shows what is still parked."""

    request_id: int
    run_id: UUID


class Run(Model):
    run_id: UUID
    workflow: str
    workflow_version: int
    number: int
    state: str
    """One of created, queued, running, waiting_for_approval, paused, completed,
    failed, canceled."""
    observed: bool
    source: str | None
    external_id: str | None
    created_at: datetime
    created_by: str
    started_at: datetime | None
    ended_at: datetime | None
    changed_at: datetime
    duration_s: float | None
    held: bool
    waiting: bool
    cancel_requested: bool
    cause: Cause | None
    step_counts: dict[str, int]
    active_steps: list[str]
    retry_of: UUID | None
    root_run: UUID | None
    retry_from: str | None
    retries: list[UUID]
    version: int
    position: int
    degraded: bool


class RunDetail(Model):
    position: int
    stale: bool
    run_id: UUID
    workflow: str
    workflow_version: int
    number: int
    state: str
    """One of created, queued, running, waiting_for_approval, paused, completed,
    failed, canceled."""
    observed: bool
    source: str | None
    external_id: str | None
    created_at: datetime
    created_by: str
    started_at: datetime | None
    ended_at: datetime | None
    changed_at: datetime
    duration_s: float | None
    held: bool
    waiting: bool
    cancel_requested: bool
    cause: Cause | None
    step_counts: dict[str, int]
    active_steps: list[str]
    retry_of: UUID | None
    root_run: UUID | None
    retry_from: str | None
    retries: list[UUID]
    version: int
    degraded: bool
    inputs: Content | None
    explanation: str
    steps: list[StepDetail]
    lineage: Lineage
    actions: list[Action]
    degradation: Degradation | None
    as_of: Point | None


class RunList(Model):
    position: int
    stale: bool
    next: str | None
    degraded: list[UUID]
    items: list[Run]


class StepApproval(Model):
    iteration: int
    state: str
    """One of open, approved, rejected, withdrawn."""
    approvers: list[str]
    required: int
    agreed: int
    decisions: list[Decision]
    attempt: int | None
    subject_digest: str
    subject: Content | None
    summary: str
    requested_at: datetime
    requested_by: str
    closed_at: datetime | None
    closed_because: str


class StepDefinition(Model):
    """A named place in a workflow version."""

    name: str
    kind: str = "task"
    """One of task, approval."""
    needs: list[str] = []
    effects: str = "idempotent"
    """One of none, idempotent, once."""
    max_attempts: int = 1
    approval: ApprovalPolicy | None = None
    on_reject: OnReject = OnReject()
    description: str = ""


class StepDetail(Model):
    step: str
    state: str
    """One of not_started, queued, running, completed, waiting_for_approval, failed,
    canceled, rejected."""
    kind: str
    """One of task, approval."""
    needs: list[str]
    effects: str | None
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
    duration_s: float | None
    carried_from: UUID | None
    explanation: str
    actions: list[Action]


class StepVerdict(Model):
    """May this step run again without harm, and why we think so."""

    step: str
    verdict: str
    """One of safe, unsafe, unknown."""
    reasons: list[str] = []


class System(Model):
    log: LogHead
    publisher: Publisher
    generations: list[Generation]
    parked: ParkedCount
    followers: int
    position: int


class Token(Model):
    id: UUID
    namespace: str
    name: str
    roles: list[str]
    created_at: datetime
    created_by: str
    expires_at: datetime | None
    revoked_at: datetime | None


class Tokens(Model):
    items: list[Token]


class Topic(Model):
    topic: str
    description: str


class TopicList(Model):
    items: list[Topic]


class Workflow(Model):
    name: str
    version: int
    digest: str
    step_count: int
    registered_at: datetime
    registered_by: str
    position: int
    runs: dict[str, int]


class WorkflowDefinition(Model):
    """One version of a workflow, as its author wrote it."""

    name: str
    steps: list[StepDefinition] = []
    on_failure: str = "drain"
    """One of drain, continue."""
    description: str = ""
    metadata: dict[str, Any] | None = None


class WorkflowDetail(Model):
    position: int
    stale: bool
    name: str
    version: int
    newest_version: int
    digest: str
    definition: WorkflowDefinition
    registered_at: datetime
    registered_by: str
    runs: dict[str, int]


class WorkflowList(Model):
    position: int
    stale: bool
    next: str | None
    degraded: list[UUID]
    items: list[Workflow]
