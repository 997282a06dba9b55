"""Runs and their steps."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from domain.run.events import Content, Failure, StepVerdict
from domain.run.state import RunState, StepState
from query_api.answers.base import Listed, Placed, Seconds, Shape
from query_api.answers.deciding import Barred, Decision, Delegation
from query_api.answers.jobs import Outcome, Progress, StepJob


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
    canceling: bool
    """Cancellation was asked for, and some step has not stopped yet."""
    cause: Cause | None
    step_counts: dict[str, int]
    """Steps by their state."""
    active_steps: list[str]
    """Running, queued or waiting; the first 20."""
    retry_of: UUID | None
    root_run: UUID | None
    retry_from: str | None
    retries: list[UUID]
    other_inputs: bool
    """A retry that was given inputs of its own."""
    version: int
    """How many events it has."""
    position: int
    degraded: bool


class RunList(Listed):
    items: list[RunSummary]


class Attempt(Shape):
    number: int
    iteration: int
    outcome: Outcome
    actor: str
    started_at: datetime | None
    ended_at: datetime | None
    duration_s: Seconds | None
    output: Content | None
    error: Failure | None
    given_up: Literal["lost", "timed_out"] | None
    """Why its outcome is unknown, where we know that: its worker was not heard of in
    time, or it took longer than the step may."""
    late: list[str]
    """Outcomes that were reported when it was no longer the current attempt."""
    job: StepJob | None
    """Null where a service carries the step out and reports it."""


class StepApproval(Shape):
    iteration: int
    state: Literal["open", "approved", "rejected", "withdrawn"]
    approvers: list[str]
    """People by name. Nobody and no group: everybody who holds the role approver."""
    groups: list[str]
    required: int
    agreed: int
    rejections: int
    """How many must disagree for it to be rejected."""
    rejected: int
    not_own: bool
    barred: list[Barred]
    decisions: list[Decision]
    delegations: list[Delegation]
    attempt: int | None
    subject_digest: str
    """Of what is to be approved. Send it with the decision."""
    subject: Content | None
    summary: str
    requested_at: datetime
    requested_by: str
    expires_at: datetime | None
    on_expiry: Literal["reject", "approve"] | None
    """What it counts as if it expires."""
    expired: bool
    reminders: int
    closed_at: datetime | None
    closed_because: str


class Action(Shape):
    """What the caller may, or may not, do now."""

    command: Literal[
        "start",
        "pause",
        "continue",
        "cancel",
        "retry",
        "approve",
        "reject",
        "delegate",
        "redo",
    ]
    allowed: bool
    code: str | None
    """Of the refusal that the command would meet."""
    why_not: str | None
    verdicts: list[StepVerdict]
    """Of a retry or redo: for each step that runs again, whether that is safe."""
    must_accept: bool
    """Not all are safe: the command is refused without `accept_unsafe`."""


class Awaited(Shape):
    """What is waited for now. Members that say nothing of it are null or empty."""

    kind: Literal[
        "start", "continue", "worker", "time", "job", "report", "people", "stop"
    ]
    """`start`: somebody to start the run; `continue`: to end its hold; `worker`: one
    that takes the job; `time`: the moment `until`, to be tried again; `job`: the worker
    that has it; `report`: a service that carries the step out; `people`: a decision;
    `stop`: the worker that has it to stop, since the run is being canceled."""
    step: str | None
    attempt: int | None
    """The one that runs, or that it is queued for."""
    since: datetime | None
    until: datetime | None
    """When it is available, times out, or expires."""
    queue: str | None
    requires: list[str]
    """What its worker must be capable of."""
    workers: int | None
    """Live workers that would take it."""
    worker: str | None
    heartbeat_at: datetime | None
    lease_until: datetime | None
    progress: Progress | None
    actor: str | None
    """Who created, held or canceled the run, carries the step out, or asked."""
    reason: str
    approvers: list[str]
    groups: list[str]
    required: int | None
    agreed: int | None


class Waits(Shape):
    """How long a step waited, apart from running, as far as that is over."""

    backoff_s: Seconds
    """For its time, before it could be leased (again)."""
    queued_s: Seconds
    """For a worker. Of steps that a service reports: before the last attempt."""
    people_s: Seconds
    """For decisions."""


class StepDetail(Shape):
    step: str
    state: StepState
    kind: Literal["task", "approval"]
    needs: list[str]
    effects: Literal["none", "idempotent", "once"] | None
    queue: str | None
    """Where workers find its jobs. Null: a service carries it out and reports it."""
    requires: list[str]
    timeout_s: Seconds | None
    """How long an attempt may take."""
    max_attempts: int | None
    max_losses: int | None
    description: str
    iteration: int
    attempts: list[Attempt]
    losses: int
    """Attempts of this iteration that were lost."""
    job: StepJob | None
    """The one that is queued or leased now."""
    awaits: Awaited | None
    """What it waits for now, if anything."""
    waits: Waits
    approvals: list[StepApproval]
    output: Content | None
    error: Failure | None
    reason: str
    actor: str
    changed_at: datetime | None
    queued_at: datetime | None
    available_at: datetime | None
    """Not to be started earlier."""
    started_at: datetime | None
    ended_at: datetime | None
    times_out_at: datetime | None
    """When the running attempt will have taken too long."""
    duration_s: Seconds | None
    """Sum of its attempts: the time that it ran."""
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
    awaits: list[Awaited]
    """What it waits for now; the first 50 of its steps, each of which says it too."""
    times_out_at: datetime | None
    """When it will have taken longer than its workflow allows."""
    steps: list[StepDetail]
    """In the order of the definition."""
    carried: list[str]
    """Steps that this retry did not run again: their outputs come from another run."""
    verdicts: list[StepVerdict]
    """Of a retry: what was known of steps that it runs again, when it was asked for."""
    lineage: Lineage
    actions: list[Action]
    degradation: Degradation | None
    as_of: Point | None
    """Where it is told as it was; null: as it is now."""
