"""Everything that can happen to a run and its steps.

Each event that changes a run's or a step's state says so by its class; a step event
names the step, the iteration (redo) and, where there is one, the attempt.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, JsonValue

from domain.events import Event
from domain.workflow.policy import ApprovalPolicy

PauseCause = Literal["operator", "approval"]


class Failure(BaseModel):
    """An error as the failing code told it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: str = "Error"
    message: str = ""
    traceback: str = ""

    @property
    def said(self) -> str:
        """Type and message, as people read them."""
        return f"{self.type}: {self.message}" if self.message else self.type


class Content(BaseModel):
    """A value in the event, or, where it is too large for one, its digest.

    A large value lies in the table ``contents`` under namespace and digest.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    value: JsonValue = None
    digest: str | None = None
    """SHA-256 of the value's canonical JSON, where the value lies apart."""
    size: int | None = None


class CarriedStep(BaseModel):
    """A step that a retry does not run again: its output comes from the old run."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    step: str
    from_run: UUID
    attempt: int | None = None
    output: Content | None = None
    output_by: tuple[str, ...] = ()
    """Who brought the output about there: reported it, or asked for its redo."""


class StepVerdict(BaseModel):
    """May this step run again without harm, and why we think so."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    step: str
    verdict: Literal["safe", "unsafe", "unknown"]
    reasons: tuple[str, ...] = ()


class RunCreated(Event):
    topic: ClassVar[str] = "run.created"

    workflow: str
    workflow_version: int
    number: int
    observed: bool = False
    inputs: Content | None = None
    source: str | None = None
    """Where an observed run ran."""
    external_id: str | None = None
    """What its source calls it."""
    source_digest: str | None = None
    """What was imported, so that importing it again is recognised."""
    retry_of: UUID | None = None
    root_run: UUID | None = None
    """First run of a chain of retries."""
    retry_from: str | None = None
    """``failed``, ``start`` or ``step:NAME``."""
    reason: str = ""
    carried: tuple[CarriedStep, ...] = ()
    verdicts: tuple[StepVerdict, ...] = ()
    accepted_unsafe: bool = False
    """Whoever asked for the retry was shown verdicts other than safe, and accepted."""
    other_inputs: bool = False
    """A retry that was given inputs of its own, not those of the old run."""


class RunQueued(Event):
    topic: ClassVar[str] = "run.queued"


class RunStarted(Event):
    """The first step started."""

    topic: ClassVar[str] = "run.started"


class RunPaused(Event):
    """cause=approval: nothing goes on but people's decisions. operator: a hold."""

    topic: ClassVar[str] = "run.paused"

    cause: PauseCause
    reason: str = ""


class RunContinued(Event):
    topic: ClassVar[str] = "run.continued"

    cause: PauseCause
    state: Literal["created", "queued", "running", "waiting_for_approval"]
    """The state the run is in from here on."""
    reason: str = ""


class RunCompleted(Event):
    topic: ClassVar[str] = "run.completed"

    duration_us: int | None = None
    """As the source told it, where the times do not say (observed runs)."""


class RunFailed(Event):
    topic: ClassVar[str] = "run.failed"

    step: str | None
    attempt: int | None
    error: Failure | None = None
    reason: str = ""
    duration_us: int | None = None


class RunCancelRequested(Event):
    topic: ClassVar[str] = "run.cancel_requested"

    reason: str = ""
    force: bool = False


class RunCanceled(Event):
    topic: ClassVar[str] = "run.canceled"

    reason: str = ""
    duration_us: int | None = None


class RunRetried(Event):
    """A link to the new run. The finished run's state ignores it."""

    topic: ClassVar[str] = "run.retried"

    new_run: UUID
    new_number: int
    retry_from: str
    reason: str = ""


class RunTimedOut(Event):
    """It took longer than its workflow allows: RunFailed follows."""

    topic: ClassVar[str] = "run.timed_out"

    timeout_s: float


class StepEvent(Event):
    """Base of what happens to a step."""

    step: str
    iteration: int = 1


class StepQueued(StepEvent):
    topic: ClassVar[str] = "run.step.queued"

    attempt: int | None = None
    """Number the next attempt will have; unknown for observed runs."""
    available_at: datetime | None = None


class StepStarted(StepEvent):
    topic: ClassVar[str] = "run.step.started"

    attempt: int


class StepCompleted(StepEvent):
    """Done: by its attempt's end, or by approval of its output (``approved``)."""

    topic: ClassVar[str] = "run.step.completed"

    attempt: int | None = None
    """None for an approval step, which has no attempt."""
    output: Content | None = None
    """Where it was approved it came with the request, and is not repeated."""
    approved: bool = False
    duration_us: int | None = None
    """As the source told it, where it tells no start (observed runs)."""


class StepAttemptFailed(StepEvent):
    topic: ClassVar[str] = "run.step.attempt_failed"

    attempt: int
    error: Failure
    retryable: bool = True
    duration_us: int | None = None


class StepRetryScheduled(StepEvent):
    """Queued again by itself, for the attempt named here."""

    topic: ClassVar[str] = "run.step.retry_scheduled"

    attempt: int
    available_at: datetime | None = None


class StepTimedOut(StepEvent):
    """The attempt took longer than the step allows. It is told to stop, but may have
    done its work, or still be at it: its outcome is unknown."""

    topic: ClassVar[str] = "run.step.timed_out"

    attempt: int
    timeout_s: float


class StepFailed(StepEvent):
    """Failed for good. Nothing but a retry of the run, or a redo, runs it again."""

    topic: ClassVar[str] = "run.step.failed"

    attempt: int | None = None
    error: Failure | None = None
    outcome: Literal["failed", "unknown"] = "failed"


class StepCanceled(StepEvent):
    topic: ClassVar[str] = "run.step.canceled"

    attempt: int | None = None
    """The attempt that was running, if one was."""
    reason: str = ""
    outcome: Literal["canceled", "unknown"] = "canceled"
    """Of that attempt: unknown where nobody could tell it to stop."""


class StepRejected(StepEvent):
    topic: ClassVar[str] = "run.step.rejected"

    attempt: int | None = None
    reason: str = ""


class StepRedoRequested(StepEvent):
    """Another iteration is wanted. ``iteration`` is the one to come."""

    topic: ClassVar[str] = "run.step.redo_requested"

    feedback: str = ""
    because_of: str | None = None
    """The approval step whose rejection or reviewer asked for it."""
    after_rejection: bool = False
    """It follows from a rejection, as the step's definition has it."""
    verdicts: tuple[StepVerdict, ...] = ()
    """Of the steps that will run again, as they were when it was asked for."""
    accepted_unsafe: bool = False
    """Whoever asked for it was shown verdicts other than safe, and accepted."""


class StepReset(StepEvent):
    """Built on a step that is redone: back to not started. ``iteration``: the next."""

    topic: ClassVar[str] = "run.step.reset"

    because_of: str
    attempt: int | None = None
    """The attempt that was running and whose report will be discarded."""


class StepReportDiscarded(StepEvent):
    """A late report: of an attempt that is no longer current. Changes no state."""

    topic: ClassVar[str] = "run.step.report_discarded"

    attempt: int
    outcome: Literal[
        "started", "completed", "failed", "approval_requested", "released", "stopped"
    ]
    """What it told. Of jobs also that its worker gives it back, or has stopped."""
    reason: str
    output: Content | None = None
    error: Failure | None = None


class StepNoted(StepEvent):
    """Something the source of an observed run told that changes no state."""

    topic: ClassVar[str] = "run.step.noted"

    transition: str
    note: str = ""


class ApprovalRequested(StepEvent):
    """A question to people. ``attempt``: whose output it is about, if any."""

    topic: ClassVar[str] = "run.approval.requested"

    attempt: int | None = None
    policy: ApprovalPolicy
    subject: Content | None = None
    """What is to be approved: the output of the attempt or of the needed steps."""
    summary: str = ""
    subject_digest: str
    duration_us: int | None = None


class ApprovalDecided(StepEvent):
    topic: ClassVar[str] = "run.approval.decided"

    decision: Literal["approved", "rejected"]
    comment: str = ""
    subject_digest: str
    seen_version: int | None = None
    """Version of the run that the person was shown; recorded, not checked."""
    form: JsonValue = None
    """What the policy's form asks for, filled in."""
    on_behalf_of: str | None = None
    """Who had delegated the decision."""
    groups: tuple[str, ...] = ()
    """Groups of the policy that the person belonged to then."""


class ApprovalWithdrawn(StepEvent):
    topic: ClassVar[str] = "run.approval.withdrawn"

    cause: str


class ApprovalDelegated(StepEvent):
    """One who may decide has somebody else decide in their place."""

    topic: ClassVar[str] = "run.approval.delegated"

    to: str
    comment: str = ""


class ApprovalReminded(StepEvent):
    """The question is still open. Changes no state; whoever notifies people listens."""

    topic: ClassVar[str] = "run.approval.reminded"

    nth: int


class ApprovalExpired(StepEvent):
    """Nobody, or too few, decided in time: it counts as ``counts_as``."""

    topic: ClassVar[str] = "run.approval.expired"

    counts_as: Literal["reject", "approve"]
