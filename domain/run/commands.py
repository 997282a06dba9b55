"""What may be asked of a run. ``type`` tells them apart in a batch."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import Field, JsonValue, StringConstraints

from domain.commands import Command, Report
from domain.ids import Line, Name, Text
from domain.run.events import Failure
from domain.workflow.policy import ApprovalPolicy

Attempt = Annotated[int, Field(ge=1, le=1_000_000)]
Microseconds = Annotated[int, Field(ge=0, le=10**15)]
RetryFrom = Annotated[str, StringConstraints(pattern=r"^(failed|start|step:.{1,200})$")]


class CreateRun(Command):
    role: ClassVar[str] = "operator"
    type: Literal["create_run"] = "create_run"

    workflow: Name
    version: int | None = Field(default=None, ge=1)
    """By default the newest."""
    inputs: JsonValue = None
    start: bool = True


class StartRun(Command):
    role: ClassVar[str] = "operator"
    type: Literal["start_run"] = "start_run"


class PauseRun(Command):
    role: ClassVar[str] = "operator"
    type: Literal["pause_run"] = "pause_run"

    reason: Text = ""


class ContinueRun(Command):
    role: ClassVar[str] = "operator"
    type: Literal["continue_run"] = "continue_run"

    reason: Text = ""


class CancelRun(Command):
    role: ClassVar[str] = "operator"
    type: Literal["cancel_run"] = "cancel_run"

    reason: Text = ""
    force: bool = False


class RetryRun(Command):
    """Run a finished run's unfinished part again, as a new run linked to it."""

    role: ClassVar[str] = "operator"
    type: Literal["retry_run"] = "retry_run"

    retry_from: RetryFrom = "failed"
    """``failed`` (all that did not complete), ``start``, or ``step:NAME``."""
    version: int | None = Field(default=None, ge=1)
    """By default the version of the old run."""
    reason: Text = ""
    inputs: JsonValue = None
    """Other inputs than the old run's, where this member is there at all."""
    accept_unsafe: bool = False
    """The caller has seen which steps are not safe to run again, and accepts that."""


class StartStep(Report):
    type: Literal["start_step"] = "start_step"

    step: Name
    attempt: Attempt | None = None
    """The attempt meant; told again, the report is recognised as the same."""


class CompleteStep(Report):
    type: Literal["complete_step"] = "complete_step"

    step: Name
    attempt: Attempt | None = None
    lease: UUID | None = None
    """Of the job that carried it out. Steps with a queue only."""
    output: JsonValue = None
    duration_us: Microseconds | None = None
    """Observed runs whose source tells a duration but no start."""


class FailStep(Report):
    type: Literal["fail_step"] = "fail_step"

    step: Name
    attempt: Attempt | None = None
    lease: UUID | None = None
    """Of the job that carried it out. Steps with a queue only."""
    error: Failure = Failure()
    retryable: bool = True
    duration_us: Microseconds | None = None


class RequestApproval(Report):
    """The attempt has succeeded; people are asked about its output."""

    type: Literal["request_approval"] = "request_approval"

    step: Name
    attempt: Attempt | None = None
    lease: UUID | None = None
    """Of the job that carried it out. Steps with a queue only."""
    output: JsonValue = None
    summary: Text = ""
    policy: ApprovalPolicy | None = None
    """By default the step's own."""
    duration_us: Microseconds | None = None


class ReleaseJob(Command):
    """A worker gives its job back, unfinished: another one may take it."""

    role: ClassVar[str] = "worker"
    type: Literal["release_job"] = "release_job"

    step: Name
    attempt: Attempt
    lease: UUID
    delay_s: float = Field(default=0, ge=0, le=86_400, allow_inf_nan=False)
    """Not to be leased again before so long has passed."""
    reason: Text = ""


class StopJob(Command):
    """A worker tells that it has stopped, as its heartbeat asked it to."""

    role: ClassVar[str] = "worker"
    type: Literal["stop_job"] = "stop_job"

    step: Name
    attempt: Attempt
    lease: UUID
    reason: Text = ""


class Decide(Report):
    """Base of the two answers to an approval."""

    role: ClassVar[str] = "approver"

    step: Name
    iteration: int | None = Field(default=None, ge=1)
    """The iteration the person was shown; a stale one is refused."""
    subject_digest: Line | None = None
    """The digest the person was shown; a stale one is refused."""
    comment: Text = ""
    seen_version: int | None = Field(default=None, ge=1)
    form: JsonValue = None
    """What the policy's form asks for."""


class Approve(Decide):
    type: Literal["approve"] = "approve"


class Reject(Decide):
    type: Literal["reject"] = "reject"


class DelegateApproval(Command):
    """Have somebody else decide in the caller's place."""

    role: ClassVar[str] = "approver"
    type: Literal["delegate_approval"] = "delegate_approval"

    step: Name
    iteration: int | None = Field(default=None, ge=1)
    """The iteration the person was shown; a stale one is refused."""
    to: Annotated[Line, Field(min_length=1)]
    """Who is to decide: the name that their token speaks as."""
    comment: Text = ""


class RedoStep(Command):
    """Another iteration of a step, and of all that was built on it."""

    role: ClassVar[str] = "approver"
    type: Literal["redo_step"] = "redo_step"

    step: Name
    feedback: Text = ""
    accept_unsafe: bool = False
    """The caller has seen which steps are not safe to run again, and accepts that."""


class ObserveRun(Report):
    """Put a run on record that ran, or runs, elsewhere."""

    type: Literal["observe_run"] = "observe_run"

    workflow: Name
    version: int | None = Field(default=None, ge=1)
    inputs: JsonValue = None
    source: Line
    external_id: Line
    source_digest: Line | None = None
    """Digest of what is imported: the same again changes nothing."""


class QueueStep(Report):
    """Observed runs only: the source has planned the step."""

    type: Literal["queue_step"] = "queue_step"

    step: Name


class CancelStep(Report):
    """Observed runs only: the source gave the step up or left it out."""

    type: Literal["cancel_step"] = "cancel_step"

    step: Name
    reason: Text = ""


class NoteStep(Report):
    """Observed runs only: told by the source, changing no state."""

    type: Literal["note_step"] = "note_step"

    step: Name
    transition: Line
    note: Text = ""


class EndRun(Report):
    """Observed runs only: how it ended, by its source."""

    type: Literal["end_run"] = "end_run"

    outcome: Literal["completed", "failed", "canceled"]
    step: Name | None = None
    """The step that failed or was rejected."""
    error: Failure | None = None
    reason: Text = ""
    duration_us: Microseconds | None = None


Opening = CreateRun | ObserveRun
"""Commands that make a run."""

RunCommand = Annotated[
    CreateRun
    | StartRun
    | PauseRun
    | ContinueRun
    | CancelRun
    | RetryRun
    | StartStep
    | CompleteStep
    | FailStep
    | RequestApproval
    | ReleaseJob
    | StopJob
    | Approve
    | Reject
    | DelegateApproval
    | RedoStep
    | ObserveRun
    | QueueStep
    | CancelStep
    | NoteStep
    | EndRun,
    Field(discriminator="type"),
]
