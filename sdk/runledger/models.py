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
    """One of start, pause, continue, cancel, retry, approve, reject, delegate, redo."""
    allowed: bool
    code: str | None
    """Of the refusal that the command would meet."""
    why_not: str | None
    verdicts: list[StepVerdict]
    """Of a retry or redo: for each step that runs again, whether that is safe."""
    must_accept: bool
    """Not all are safe: the command is refused without `accept_unsafe`."""


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
    """People by name. Nobody and no group: everybody who holds the role approver."""
    groups: list[str]
    required: int
    """How many must agree."""
    agreed: int
    rejections: int
    """How many must disagree for it to be rejected."""
    rejected: int
    not_own: bool
    barred: list[Barred]
    """Whose own it is, where the policy says that these do not decide."""
    decisions: list[Decision]
    delegations: list[Delegation]
    """Oldest first."""
    delegates: list[str]
    """Who decides in somebody's place now."""
    requested_at: datetime
    requested_by: str
    attempt: int | None
    """The one whose output it is about; null: it is about what the step needs."""
    subject_digest: str
    """Of output and summary. Send it, and the iteration, with the decision."""
    subject: Content | None
    summary: str
    """What the author of the output wrote to reviewers."""
    redo: SentBack | None
    """What led to this iteration."""
    expires_at: datetime | None
    on_expiry: str | None
    """What it counts as if it expires."""
    expired: bool
    reminders: int
    reminded_at: datetime | None
    closed_at: datetime | None
    closed_because: str
    standing: Standing
    version: int
    """Of the run."""
    asks_form: bool
    """A form is to be filled in: the review has its schema."""
    position: int
    degraded: bool


class ApprovalList(Model):
    position: int
    """Everything up to this place of the log is in the answer."""
    stale: bool
    """What the caller had asked for did not arrive in time: this is older."""
    next: str | None
    """Cursor of the next page; null where this is the last one."""
    degraded: list[UUID]
    """Runs of this answer whose newest events could not be applied to it."""
    items: list[Approval]


class ApprovalPolicy(Model):
    """Who may decide, how many of them must agree, and by when."""

    approvers: list[str] = []
    groups: list[str] = []
    required: int = 1
    rejections: int = 1
    not_own: bool = False
    expires_s: float | None = None
    on_expiry: str = "reject"
    """One of reject, approve."""
    remind_s: float | None = None
    form: dict[str, Any] | None = None


class Attempt(Model):
    number: int
    iteration: int
    outcome: str
    """One of running, completed, failed, canceled, reset, released, unknown."""
    actor: str
    started_at: datetime | None
    ended_at: datetime | None
    duration_s: float | None
    output: Content | None
    error: Failure | None
    given_up: str | None
    """Why its outcome is unknown, where we know that: its worker was not heard of in
    time, or it took longer than the step may."""
    late: list[str]
    """Outcomes that were reported when it was no longer the current attempt."""
    job: StepJob | None
    """Null where a service carries the step out and reports it."""


class Awaited(Model):
    """What is waited for now. Members that say nothing of it are null or empty."""

    kind: str
    """`start`: somebody to start the run; `continue`: to end its hold; `worker`: one
    that takes the job; `time`: the moment `until`, to be tried again; `job`: the
    worker that has it; `report`: a service that carries the step out; `people`: a
    decision; `stop`: the worker that has it to stop, since the run is being
    canceled. One of start, continue, worker, time, job, report, people, stop."""
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


class Backoff(Model):
    """How long a failed step waits before it is tried again."""

    first_s: float = 0
    factor: float = 2
    most_s: float = 3600


class Barred(Model):
    """One who does not decide, since it is about their own."""

    person: str
    why: str


class BatchAnswer(Model):
    items: list[ItemAnswer]
    position: int


class BeatAnswer(Model):
    """``ok``: the lease is extended. ``stop``: so it is, but the run is being
    canceled: stop, and report ``stop_job`` (what is done all the same may be
    reported as done). ``gone``: the lease is no longer the worker's, and what it
    reports is discarded."""

    run_id: UUID
    step: str
    lease: UUID
    state: str
    """One of ok, stop, gone."""
    reason: str


class BulkAnswer(Model):
    """Where the operation is after the command. How it goes on, the query API shows."""

    bulk_id: UUID
    state: str
    """One of running, stopping, stopped, completed."""
    total: int
    version: int
    position: int
    repeated: bool = False


class BulkDetail(Model):
    position: int
    """Everything up to this place of the log is in the answer."""
    stale: bool
    """What the caller had asked for did not arrive in time: this is older."""
    bulk_id: UUID
    """Also the correlation id of every event that it has caused."""
    command: str
    """One of cancel, retry, approve, reject, redo."""
    options: dict[str, Any]
    """Of the command: force, retry_from, accept_unsafe, step."""
    filter: dict[str, Any]
    """What was given of it, but for runs that were named one by one."""
    named_runs: int
    """How many were named one by one."""
    reason: str
    state: str
    """One of running, stopping, stopped, completed."""
    total: int
    """Items of the list, which never changes."""
    done: int
    nothing: int
    """It was so already."""
    refused: int
    not_found: int
    left: int
    """Without a result as yet; for good, if it was stopped."""
    took_as_is: bool
    """No preview was held against the list."""
    started_at: datetime
    started_by: str
    stop_asked_at: datetime | None
    stop_asked_by: str | None
    stop_reason: str | None
    ended_at: datetime | None
    version: int
    """How many events it has."""
    last_position: int
    """Of its last event."""
    degraded: bool
    progressed_at: datetime | None
    """When the last result was recorded."""
    per_second: float | None
    """Items, over the last 500 and up to now; null where it is over, or none has a
    result yet."""
    refusals: list[BulkRefusal]
    """Why items were refused, the most frequent code first."""


class BulkItem(Model):
    nth: int
    """Place in the list, from 1."""
    run_id: UUID
    workflow: str | None
    """Null where no such run was known when the list was made."""
    number: int | None
    step: str | None
    """Approve and reject: whose question it is."""
    iteration: int | None
    subject_digest: str | None
    """Of what was previewed: nothing else is decided about."""
    result: str
    """One of pending, done, nothing, refused, not_found."""
    code: str | None
    """Of the refusal."""
    message: str | None
    run_version: int | None
    """Of the run, after it."""
    run_position: int | None
    new_run: UUID | None
    """The run that a retry made."""
    new_number: int | None
    at: datetime
    """When it was listed, or its result recorded."""


class BulkItemList(Model):
    position: int
    """Everything up to this place of the log is in the answer."""
    stale: bool
    """What the caller had asked for did not arrive in time: this is older."""
    next: str | None
    """Cursor of the next page; null where this is the last one."""
    degraded: list[UUID]
    """Runs of this answer whose newest events could not be applied to it."""
    items: list[BulkItem]


class BulkList(Model):
    position: int
    """Everything up to this place of the log is in the answer."""
    stale: bool
    """What the caller had asked for did not arrive in time: this is older."""
    next: str | None
    """Cursor of the next page; null where this is the last one."""
    degraded: list[UUID]
    """Runs of this answer whose newest events could not be applied to it."""
    items: list[BulkOperation]


class BulkOperation(Model):
    bulk_id: UUID
    """Also the correlation id of every event that it has caused."""
    command: str
    """One of cancel, retry, approve, reject, redo."""
    options: dict[str, Any]
    """Of the command: force, retry_from, accept_unsafe, step."""
    filter: dict[str, Any]
    """What was given of it, but for runs that were named one by one."""
    named_runs: int
    """How many were named one by one."""
    reason: str
    state: str
    """One of running, stopping, stopped, completed."""
    total: int
    """Items of the list, which never changes."""
    done: int
    nothing: int
    """It was so already."""
    refused: int
    not_found: int
    left: int
    """Without a result as yet; for good, if it was stopped."""
    took_as_is: bool
    """No preview was held against the list."""
    started_at: datetime
    started_by: str
    stop_asked_at: datetime | None
    stop_asked_by: str | None
    stop_reason: str | None
    ended_at: datetime | None
    version: int
    """How many events it has."""
    last_position: int
    """Of its last event."""
    degraded: bool


class BulkPreview(Model):
    """What a bulk operation would be about if it started now."""

    total: int
    items: list[PreviewItem]
    expected: dict[str, int]
    refusals: list[ExpectedRefusal]
    safety: SafetyCounts | None
    digest: str
    position: int
    head: int


class BulkRefusal(Model):
    code: str
    items: int
    message: str
    """Of one of them."""


class Carried(Model):
    """A step that is not run again: its output is taken over."""

    step: str
    from_run: UUID
    attempt: int | None


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
    """Everything up to this place of the log is in the answer."""
    stale: bool
    """What the caller had asked for did not arrive in time: this is older."""
    items: list[Day]
    """Days (UTC) on which something was created or ended."""
    since: date
    until: date


class Decision(Model):
    actor: str
    decision: str
    """One of approved, rejected."""
    at: datetime
    comment: str
    form: Any
    """What the policy's form asks for, filled in."""
    on_behalf_of: str | None
    """In whose place, where it was delegated."""
    groups: list[str]
    """Groups of the policy that the person belonged to then."""


class Degradation(Model):
    since_position: int
    error: str


class Delegation(Model):
    """``actor`` has ``to`` decide in their place; or hands back what came from them."""

    actor: str
    to: str
    at: datetime
    comment: str


class DroppedLines(Model):
    """Lines that were kept and are not any more."""

    lines: int
    until: datetime
    """What came before is dropped."""
    why: str


class EarlierDecision(Model):
    """What somebody said of it."""

    actor: str
    decision: str
    """One of approved, rejected."""
    at: datetime
    comment: str
    form: Any


class EarlierIteration(Model):
    """What came of an iteration of the same step, and what people said of it."""

    iteration: int
    output: Any
    summary: str
    decisions: list[EarlierDecision]


class EarlierQuestion(Model):
    """A question that was put before, and what came of it."""

    iteration: int
    state: str
    """One of open, approved, rejected, withdrawn."""
    subject: Content | None
    summary: str
    subject_digest: str
    requested_at: datetime
    requested_by: str
    decisions: list[Decision]
    closed_at: datetime | None
    closed_because: str
    sent_back: SentBack | None
    """What led from it to the next iteration, with the feedback."""


class Event(Model):
    position: int
    """Place in the whole log: without gaps, in the order of commits."""
    stream_id: UUID
    version: int
    """Place in its stream."""
    run_id: UUID | None
    """Null for an event of a workflow, or of a bulk operation."""
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
    data: Any


class EventList(Model):
    position: int
    """Everything up to this place of the log is in the answer."""
    stale: bool
    """What the caller had asked for did not arrive in time: this is older."""
    items: list[Event]
    next: int | None
    """Send it as `after` (ascending) or `before` (descending) for the next page."""
    order: str
    """One of ascending, descending."""


class ExpectedRefusal(Model):
    code: str
    why: str
    items: int


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


class HeartbeatAnswer(Model):
    jobs: list[BeatAnswer]


class HeldJob(Model):
    """A job that a worker has at this moment."""

    run_id: UUID
    workflow: str
    number: int | None
    """Null: the run's row is still to come."""
    step: str
    iteration: int
    attempt: int
    leased_at: datetime
    heartbeat_at: datetime | None
    lease_until: datetime
    progress: Progress | None
    canceling: bool


class ItemAnswer(Model):
    """What the item alone would have been answered."""

    status: int
    key: str
    answer: Answer | None = None
    problem: ProblemDocument | None = None


class Job(Model):
    iteration: int
    attempt: int
    queue: str
    state: str
    """One of queued, leased, succeeded, failed, lost, canceled, released."""
    worker: str
    """Which process, as it calls itself. Empty: nobody has leased it."""
    principal: str
    """Whose token the worker has."""
    lease_s: float
    """Seconds, to the microsecond."""
    queued_at: datetime
    available_at: datetime | None
    """Not to be leased earlier."""
    leased_at: datetime | None
    ended_at: datetime | None
    reason: str
    """Why it was canceled or released."""
    backoff_s: float | None
    """How long it was not to be leased, where that is over."""
    queued_s: float | None
    """How long it then waited for a worker; null while it does."""
    duration_s: float | None
    """From lease to end."""
    heartbeat_at: datetime | None
    """The last one; of a leased job only, and null before the first."""
    lease_until: datetime | None
    progress: Progress | None
    canceling: bool
    """Its worker is told by the next heartbeat to stop."""
    run_id: UUID
    workflow: str
    number: int
    step: str
    outcome: str | None
    """Of its attempt; null before that has started."""
    error: str | None
    """Of its attempt, in one line."""
    version: int
    """Of the run, when it changed last."""
    position: int
    degraded: bool


class JobAnswer(Model):
    """A job that is the worker's now, and what it needs to do it."""

    run_id: UUID
    workflow: str
    workflow_version: int
    number: int
    step: str
    iteration: int
    attempt: int
    lease: UUID
    lease_s: float
    timeout_s: float | None
    effects: str
    """One of none, idempotent, once."""
    retry_of: UUID | None
    inputs: Any
    outputs: dict[str, Any]
    approvals: dict[str, list[EarlierDecision]]
    feedback: str | None
    earlier: list[EarlierIteration]


class JobList(Model):
    position: int
    """Everything up to this place of the log is in the answer."""
    stale: bool
    """What the caller had asked for did not arrive in time: this is older."""
    next: str | None
    """Cursor of the next page; null where this is the last one."""
    degraded: list[UUID]
    """Runs of this answer whose newest events could not be applied to it."""
    items: list[Job]


class LeaseAnswer(Model):
    jobs: list[JobAnswer]
    position: int


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


class LogAnswer(Model):
    items: list[LogItemAnswer]
    """In the order of the request's batches."""


class LogHead(Model):
    position: int
    recorded_at: datetime | None


class LogItemAnswer(Model):
    """What became of one batch."""

    status: int
    next: int | None = None
    """The number that the writer's next line has. With `lines-missing` it is where to
    go on."""
    over_limit: int = 0
    """How many lines of the attempt came after its limit: counted, not kept."""
    problem: ProblemDocument | None = None


class LogLine(Model):
    n: int
    """Its number in the attempt's log: from 1, without gaps."""
    at: datetime
    """As its writer's clock had it."""
    stream: str
    """One of stdout, stderr, log."""
    level: str
    """One of debug, info, warning, error."""
    text: str
    cut: bool
    """It was longer; its end says by how much."""


class LogMatches(Model):
    """How many lines are wanted, from where this page begins."""

    lines: int
    at_least: bool
    """Counting was stopped: there may be more."""


class LogPage(Model):
    lines: list[LogLine]
    """Upwards by number, whichever way it was asked."""
    total: int
    """Lines that the log has, dropped ones among them: the number of its last one."""
    first_kept: int
    """Number of the first line that can still be read; over `total` if none can."""
    dropped: DroppedLines | None
    over_limit: int
    """Lines that came after the attempt's limit: counted, not kept."""
    matches: LogMatches | None
    """Null where neither text nor stream nor level was asked for."""
    next: int
    """`after` of the page behind this one. A search that took too long ends early:
    there it goes on, even where `lines` is empty."""
    previous: int | None
    """`before` of the page ahead of this one; null where there is none."""
    more: bool
    """There are lines behind `next`: ask at once, not after a pause."""
    ended: bool | None
    """The attempt is over; null where this version of the service cannot tell."""
    open: bool
    """Lines may still come: it is not over, or not for long."""


class MadeToken(Model):
    id: UUID
    namespace: str
    name: str
    roles: list[str]
    groups: list[str]
    created_at: datetime
    created_by: str
    expires_at: datetime | None
    revoked_at: datetime | None
    token: str


class Matrix(Model):
    position: int
    """Everything up to this place of the log is in the answer."""
    stale: bool
    """What the caller had asked for did not arrive in time: this is older."""
    workflow: str
    steps: list[MatrixStep]
    """Of all versions in the answer; cells are in this order."""
    runs: list[MatrixColumn]
    """The newest first."""
    next: int | None
    """Send it as `before` for older runs."""
    degraded: list[UUID]


class MatrixColumn(Model):
    run_id: UUID
    number: int
    version: int
    """Of the workflow."""
    state: str
    """One of created, queued, running, waiting_for_approval, paused, completed,
    failed, canceled."""
    created_at: datetime
    duration_s: float | None
    retry_of: UUID | None
    cells: str
    """One character per step: `.` not started, `q` queued, `r` running, `c` completed,
    `w` waiting for approval, `f` failed, `x` canceled, `j` rejected, and a space
    where the run's version has no such step."""
    durations: list[float | None] | None
    """Null where only cells were asked for; so are the attempts."""
    attempts: list[int] | None
    flags: str
    """One hexadecimal digit per step, a sum of 1 (carried over), 2 (has or had an
    approval), 4 (redone), 8 (more than one attempt); a space where there is no such
    step."""
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
    """Everything up to this place of the log is in the answer."""
    stale: bool
    """What the caller had asked for did not arrive in time: this is older."""
    step: str
    state: str
    """One of not_started, queued, running, completed, waiting_for_approval, failed,
    canceled, rejected."""
    kind: str
    """One of task, approval."""
    needs: list[str]
    effects: str | None
    queue: str | None
    """Where workers find its jobs. Null: a service carries it out and reports it."""
    requires: list[str]
    timeout_s: float | None
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
    duration_s: float | None
    """Sum of its attempts: the time that it ran."""
    carried_from: UUID | None
    """The run whose output this retry took over."""
    explanation: str
    """Its state in words."""
    actions: list[Action]
    run_id: UUID
    workflow: str
    number: int
    version: int
    degraded: bool
    as_of: Point | None


class Parked(Model):
    run_id: UUID
    """Of a workflow: its stream."""
    since_position: int
    topic: str
    error: str
    parked_at: datetime
    events: int
    replay: Replay | None
    """The last wish to apply them anew."""


class ParkedCount(Model):
    events: int
    runs: int


class ParkedList(Model):
    position: int
    """Everything up to this place of the log is in the answer."""
    stale: bool
    """What the caller had asked for did not arrive in time: this is older."""
    next: str | None
    """Cursor of the next page; null where this is the last one."""
    degraded: list[UUID]
    """Runs of this answer whose newest events could not be applied to it."""
    items: list[Parked]


class Partition(Model):
    partition: int
    position: int
    published: int
    """Last position that reached this partition in Kafka for certain."""
    next_offset: int
    lag_events: int
    more: bool
    """There are more than were counted."""
    lag_s: float


class Point(Model):
    """The last event of what was asked for."""

    version: int
    position: int
    occurred_at: datetime
    recorded_at: datetime


class PreviewItem(Model):
    """A run of the list, or the question of one of its steps."""

    run_id: UUID
    workflow: str | None
    number: int | None
    state: str | None
    step: str | None
    iteration: int | None
    subject_digest: str | None
    summary: str | None
    expected: str
    """One of done, nothing, refused, not_found."""
    code: str | None
    why: str | None
    verdict: str | None


class ProblemDocument(Model):
    """An error, as RFC 9457 has it. ``type`` ends in a stable code."""

    type: str
    title: str
    status: int
    detail: str
    instance: str | None = None
    errors: list[FieldError] | None = None
    reference: str | None = None


class Process(Model):
    active: bool
    """One is at work now. False: start it, nothing goes on without it."""
    standing_by: int
    """Others that take over if it ends."""


class Processes(Model):
    """At this moment, by the locks that their sessions hold in the database."""

    publisher: Process
    projector: Projectors
    timers: Process
    """Timers, lost leases, bulk operations, retention of logs."""


class Progress(Model):
    """As the step's function told it last."""

    fraction: float | None
    """From 0 to 1, where it can tell."""
    message: str


class Projectors(Model):
    """Active where every partition is projected."""

    active: bool
    """One is at work now. False: start it, nothing goes on without it."""
    standing_by: int
    """Others that take over if it ends."""
    projecting: int
    """Processes that do."""
    unprojected: list[int]
    """Partitions that nobody projects."""


class Publisher(Model):
    epoch: int
    """Grows with every publisher that begins."""
    position: int
    """Everything up to here is in Kafka for certain."""
    published_at: datetime | None
    """When the last event of that was recorded."""
    lag_events: int
    lag_s: float


class Queue(Model):
    queue: str
    queued: int
    """Jobs that a worker may lease now."""
    later: int
    """Jobs that wait for their time, for instance to be tried again."""
    leased: int
    oldest: datetime | None
    """Since when the first of the queued ones is available."""
    workers: int
    """Live ones."""
    slots: int | None
    """Of them together, as far as they say so."""


class QueueList(Model):
    position: int
    """Everything up to this place of the log is in the answer."""
    stale: bool
    """What the caller had asked for did not arrive in time: this is older."""
    items: list[Queue]


class RecentRun(Model):
    run_id: UUID
    number: int
    state: str
    """One of created, queued, running, waiting_for_approval, paused, completed,
    failed, canceled."""
    duration_s: float | None
    """From created to end."""
    created_at: datetime


class RedoSafety(Model):
    position: int
    """Everything up to this place of the log is in the answer."""
    stale: bool
    """What the caller had asked for did not arrive in time: this is older."""
    run_id: UUID
    workflow: str
    number: int
    version: int
    """Of the run, as it was looked at. Send it with the command as If-Match."""
    verdicts: list[StepVerdict]
    """For each step that would run again, in the order of the definition."""
    must_accept: bool
    """Not all are safe: the command is refused without `accept_unsafe`."""
    allowed: bool
    """The caller may send the command now (with `accept_unsafe`, where it must)."""
    code: str | None
    """Of the refusal that it would meet otherwise."""
    why_not: str | None
    step: str
    redone: str | None
    """The step that would be done again: the one asked for, or the one under review by
    it. Null: it is an approval of several."""


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
    """The log's end when it was refused."""
    recorded_at: datetime


class RefusalList(Model):
    position: int
    """Everything up to this place of the log is in the answer."""
    stale: bool
    """What the caller had asked for did not arrive in time: this is older."""
    next: str | None
    """Cursor of the next page; null where this is the last one."""
    degraded: list[UUID]
    """Runs of this answer whose newest events could not be applied to it."""
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


class ReportAnswer(Model):
    status: int
    answer: ReportedAnswer | None = None
    problem: ProblemDocument | None = None


class ReportedAnswer(Model):
    run_id: UUID
    workflow: str
    number: int
    version: int
    position: int
    state: str
    linked: Linked | None = None
    repeated: bool = False
    discarded: bool


class ReportsAnswer(Model):
    items: list[ReportAnswer]
    jobs: list[JobAnswer]
    position: int


class RetrySafety(Model):
    position: int
    """Everything up to this place of the log is in the answer."""
    stale: bool
    """What the caller had asked for did not arrive in time: this is older."""
    run_id: UUID
    workflow: str
    number: int
    version: int
    """Of the run, as it was looked at. Send it with the command as If-Match."""
    verdicts: list[StepVerdict]
    """For each step that would run again, in the order of the definition."""
    must_accept: bool
    """Not all are safe: the command is refused without `accept_unsafe`."""
    allowed: bool
    """The caller may send the command now (with `accept_unsafe`, where it must)."""
    code: str | None
    """Of the refusal that it would meet otherwise."""
    why_not: str | None
    retry_from: str
    workflow_version: int
    """Of the new run."""
    carried: list[Carried]
    """Steps that would not run again."""


class Review(Model):
    position: int
    """Everything up to this place of the log is in the answer."""
    stale: bool
    """What the caller had asked for did not arrive in time: this is older."""
    run_id: UUID
    step: str
    iteration: int
    workflow: str
    number: int
    state: str
    """One of open, approved, rejected, withdrawn."""
    approvers: list[str]
    """People by name. Nobody and no group: everybody who holds the role approver."""
    groups: list[str]
    required: int
    """How many must agree."""
    agreed: int
    rejections: int
    """How many must disagree for it to be rejected."""
    rejected: int
    not_own: bool
    barred: list[Barred]
    """Whose own it is, where the policy says that these do not decide."""
    decisions: list[Decision]
    delegations: list[Delegation]
    """Oldest first."""
    delegates: list[str]
    """Who decides in somebody's place now."""
    requested_at: datetime
    requested_by: str
    attempt: int | None
    """The one whose output it is about; null: it is about what the step needs."""
    subject_digest: str
    """Of output and summary. Send it, and the iteration, with the decision."""
    subject: Content | None
    summary: str
    """What the author of the output wrote to reviewers."""
    redo: SentBack | None
    """What led to this iteration."""
    expires_at: datetime | None
    on_expiry: str | None
    """What it counts as if it expires."""
    expired: bool
    reminders: int
    reminded_at: datetime | None
    closed_at: datetime | None
    closed_because: str
    standing: Standing
    version: int
    """Of the run."""
    run_state: str
    """One of created, queued, running, waiting_for_approval, paused, completed,
    failed, canceled."""
    workflow_version: int
    kind: str
    """One of task, approval."""
    description: str
    """Of the step, by the author of the workflow."""
    about: list[str]
    """The tasks whose outputs are to be approved."""
    inputs: Content | None
    """Of the run."""
    form: dict[str, Any] | None
    """JSON Schema (2020-12) of what ``form`` must be in an approval."""
    expires_s: float | None
    remind_s: float | None
    on_reject: str
    """One of fail, cancel, redo."""
    redoes: str | None
    """The step that a rejection sends back to work."""
    earlier: list[EarlierQuestion]
    """Oldest first."""


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
    """When it came into its present state."""
    duration_s: float | None
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


class RunDetail(Model):
    position: int
    stale: bool
    """What the caller had asked for did not arrive in time: this is older."""
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
    """When it came into its present state."""
    duration_s: float | None
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
    degraded: bool
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


class RunList(Model):
    position: int
    """Everything up to this place of the log is in the answer."""
    stale: bool
    """What the caller had asked for did not arrive in time: this is older."""
    next: str | None
    """Cursor of the next page; null where this is the last one."""
    degraded: list[UUID]
    """Runs of this answer whose newest events could not be applied to it."""
    items: list[Run]


class SafetyCounts(Model):
    """Runs by the worst verdict of the steps that would run again."""

    safe: int
    unknown: int
    unsafe: int


class SentBack(Model):
    """What led to another iteration."""

    step: str
    """The one sent back to work."""
    by: str
    at: datetime
    feedback: str
    after_rejection: bool
    """It followed from a rejection, as the workflow has it."""


class Standing(Model):
    """What one person may do about it: whom was asked for, else the caller."""

    person: str
    may_decide: bool
    why_not: str | None
    in_place_of: str | None
    """Whose place the person has been given."""


class StepApproval(Model):
    iteration: int
    state: str
    """One of open, approved, rejected, withdrawn."""
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
    on_expiry: str | None
    """What it counts as if it expires."""
    expired: bool
    reminders: int
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
    queue: str | None = None
    requires: list[str] = []
    timeout_s: float | None = None
    max_attempts: int = 1
    backoff: Backoff = Backoff()
    max_losses: int = 5
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
    queue: str | None
    """Where workers find its jobs. Null: a service carries it out and reports it."""
    requires: list[str]
    timeout_s: float | None
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
    duration_s: float | None
    """Sum of its attempts: the time that it ran."""
    carried_from: UUID | None
    """The run whose output this retry took over."""
    explanation: str
    """Its state in words."""
    actions: list[Action]


class StepJob(Model):
    """The lease under which a worker carries out an attempt."""

    iteration: int
    attempt: int
    queue: str
    state: str
    """One of queued, leased, succeeded, failed, lost, canceled, released."""
    worker: str
    """Which process, as it calls itself. Empty: nobody has leased it."""
    principal: str
    """Whose token the worker has."""
    lease_s: float
    """Seconds, to the microsecond."""
    queued_at: datetime
    available_at: datetime | None
    """Not to be leased earlier."""
    leased_at: datetime | None
    ended_at: datetime | None
    reason: str
    """Why it was canceled or released."""
    backoff_s: float | None
    """How long it was not to be leased, where that is over."""
    queued_s: float | None
    """How long it then waited for a worker; null while it does."""
    duration_s: float | None
    """From lease to end."""
    heartbeat_at: datetime | None
    """The last one; of a leased job only, and null before the first."""
    lease_until: datetime | None
    progress: Progress | None
    canceling: bool
    """Its worker is told by the next heartbeat to stop."""


class StepVerdict(Model):
    """May this step run again without harm, and why we think so."""

    step: str
    verdict: str
    """One of safe, unsafe, unknown."""
    reasons: list[str] = []


class System(Model):
    log: LogHead
    publisher: Publisher
    processes: Processes
    generations: list[Generation]
    parked: ParkedCount
    followers: int
    """Who follows the live stream of this process."""
    position: int
    """Everything up to here is in the read tables."""


class Token(Model):
    id: UUID
    namespace: str
    name: str
    roles: list[str]
    groups: list[str]
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


class VersionList(Model):
    position: int
    """Everything up to this place of the log is in the answer."""
    stale: bool
    """What the caller had asked for did not arrive in time: this is older."""
    next: str | None
    """Cursor of the next page; null where this is the last one."""
    degraded: list[UUID]
    """Runs of this answer whose newest events could not be applied to it."""
    items: list[WorkflowVersion]
    """The newest first."""


class Waits(Model):
    """How long a step waited, apart from running, as far as that is over."""

    backoff_s: float
    """Seconds, to the microsecond."""
    queued_s: float
    """Seconds, to the microsecond."""
    people_s: float
    """Seconds, to the microsecond."""


class Worker(Model):
    worker: str
    """As it calls itself."""
    state: str
    """Offline: not heard of for a minute. One of live, offline."""
    principal: str
    """Whose token it has."""
    queue: str
    workflows: list[str]
    capabilities: list[str]
    slots: int | None
    """How many jobs it carries out at a time, if it says so."""
    first_seen: datetime
    seen: datetime
    jobs: list[HeldJob]


class WorkerList(Model):
    position: int
    """Everything up to this place of the log is in the answer."""
    stale: bool
    """What the caller had asked for did not arrive in time: this is older."""
    next: str | None
    """Cursor of the next page; null where this is the last one."""
    degraded: list[UUID]
    """Runs of this answer whose newest events could not be applied to it."""
    items: list[Worker]


class Workflow(Model):
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


class WorkflowDefinition(Model):
    """One version of a workflow, as its author wrote it."""

    name: str
    steps: list[StepDefinition] = []
    on_failure: str = "drain"
    """One of drain, continue."""
    timeout_s: float | None = None
    input_schema: dict[str, Any] | None = None
    description: str = ""
    metadata: dict[str, Any] | None = None


class WorkflowDetail(Model):
    position: int
    """Everything up to this place of the log is in the answer."""
    stale: bool
    """What the caller had asked for did not arrive in time: this is older."""
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
    """Everything up to this place of the log is in the answer."""
    stale: bool
    """What the caller had asked for did not arrive in time: this is older."""
    next: str | None
    """Cursor of the next page; null where this is the last one."""
    degraded: list[UUID]
    """Runs of this answer whose newest events could not be applied to it."""
    items: list[Workflow]


class WorkflowVersion(Model):
    version: int
    digest: str
    registered_at: datetime
    registered_by: str
    step_count: int
