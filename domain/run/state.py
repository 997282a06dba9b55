"""A run as the fold of its events. ``evolve`` is in ``evolution``."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from pydantic import JsonValue

    from domain.run.events import Content, Failure, StepVerdict
    from domain.workflow.definition import WorkflowDefinition
    from domain.workflow.policy import ApprovalPolicy


class RunState(StrEnum):
    CREATED = "created"
    QUEUED = "queued"
    RUNNING = "running"
    WAITING = "waiting_for_approval"
    PAUSED = "paused"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELED = "canceled"


FINAL = frozenset({RunState.COMPLETED, RunState.FAILED, RunState.CANCELED})


class StepState(StrEnum):
    NOT_STARTED = "not_started"
    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    WAITING = "waiting_for_approval"
    FAILED = "failed"
    CANCELED = "canceled"
    REJECTED = "rejected"


LOST = "Lost"
TIMED_OUT = "TimedOut"
"""Types of the errors of attempts that nobody reported the end of."""


@dataclass(slots=True, frozen=True)
class Attempt:
    """One try of a step run. Numbers never restart, not even by a redo."""

    number: int
    iteration: int
    outcome: Literal[
        "running", "completed", "failed", "canceled", "reset", "released", "unknown"
    ]
    actor: str
    """Who reported its start (or, where no start was told, its end)."""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    duration_us: int | None = None
    """End minus start, or as the source told it; None while running or unknown."""
    output: Content | None = None
    error: Failure | None = None
    late: tuple[str, ...] = ()
    """Outcomes that were reported when the attempt was no longer current."""

    @property
    def lost(self) -> bool:
        """Its job's lease ran out."""
        return self.given_up == LOST

    @property
    def given_up(self) -> str | None:
        """LOST or TIMED_OUT, where that is why its outcome is unknown."""
        if self.outcome != "unknown" or self.error is None:
            return None
        return self.error.type


class Job(NamedTuple):
    """The lease under which one worker carries out one attempt. At most one job of a
    step is queued or leased. Iteration and attempt together name it within its step.

    (A tuple, since each step's fold makes three of them: a frozen class costs five
    times as much to make.)
    """

    iteration: int
    attempt: int
    queue: str
    state: Literal[
        "queued", "leased", "succeeded", "failed", "lost", "canceled", "released"
    ]
    queued_at: datetime
    available_at: datetime | None = None
    """Not to be leased earlier."""
    lease: UUID | None = None
    worker: str = ""
    """Which process, as it calls itself."""
    principal: str = ""
    """Whose token it leased with, and must report with."""
    lease_s: float = 0
    leased_at: datetime | None = None
    ended_at: datetime | None = None
    reason: str = ""
    """Why it is canceled or released."""

    @property
    def open(self) -> bool:
        return self.state in ("queued", "leased")


@dataclass(slots=True, frozen=True)
class Decision:
    actor: str
    decision: Literal["approved", "rejected"]
    at: datetime
    comment: str = ""
    form: JsonValue = None
    on_behalf_of: str | None = None
    groups: tuple[str, ...] = ()


@dataclass(slots=True, frozen=True)
class Delegation:
    """``actor`` has ``to`` decide in their place."""

    actor: str
    to: str
    at: datetime
    comment: str = ""


@dataclass(slots=True, frozen=True)
class Barred:
    """One who may not decide, since it is about something of their own."""

    person: str
    why: str


@dataclass(slots=True, frozen=True)
class Approval:
    """The question that a waiting step puts to people, once per iteration."""

    iteration: int
    policy: ApprovalPolicy
    subject_digest: str
    requested_at: datetime
    requested_by: str
    attempt: int | None = None
    subject: Content | None = None
    summary: str = ""
    decisions: tuple[Decision, ...] = ()
    delegations: tuple[Delegation, ...] = ()
    """Oldest first. ``domain.run.approvers`` says what they come to."""
    barred: tuple[Barred, ...] = ()
    """As it was when it was asked. None unless the policy says ``not_own``."""
    reminders: int = 0
    reminded_at: datetime | None = None
    """When the last of them was recorded; the next one counts from there."""
    expired: bool = False
    state: Literal["open", "approved", "rejected", "withdrawn"] = "open"
    closed_at: datetime | None = None
    closed_because: str = ""


@dataclass(slots=True, frozen=True)
class Redo:
    """What led to an iteration."""

    iteration: int
    """The one that it led to."""
    step: str
    """The one that was sent back to work: this step, or one that it is built on."""
    actor: str
    at: datetime
    feedback: str = ""
    after_rejection: bool = False
    """It followed from a rejection, as the workflow has it: nobody is its author."""


@dataclass(slots=True)
class StepRun:
    """A step inside one run. Only ``evolution`` writes to it, and to private copies:
    the run holds a new one after each change. (Frozen would make folding slow.)
    """

    name: str
    state: StepState = StepState.NOT_STARTED
    iteration: int = 1
    attempts: tuple[Attempt, ...] = ()
    jobs: tuple[Job, ...] = ()
    """Oldest first; none where a service carries the step out and reports it."""
    changed_at: datetime | None = None
    """When it came into its present state."""
    queued_at: datetime | None = None
    available_at: datetime | None = None
    output: Content | None = None
    output_by: tuple[str, ...] = ()
    """Who reported the attempt that the output is of."""
    error: Failure | None = None
    reason: str = ""
    """Why it is canceled, rejected or to be done again; the feedback of a redo."""
    actor: str = ""
    """Who brought it into its present state."""
    approvals: tuple[Approval, ...] = ()
    """Oldest first; at most the last one is open."""
    redos: tuple[Redo, ...] = ()
    """Oldest first: one for each iteration but the first."""
    carried_from: UUID | None = None
    """The run whose output this retry took over."""

    @property
    def current(self) -> Attempt | None:
        """The attempt that is running."""
        last = self.attempts[-1] if self.attempts else None
        return last if last is not None and last.outcome == "running" else None

    @property
    def open_job(self) -> Job | None:
        """The one that is queued or leased."""
        last = self.jobs[-1] if self.jobs else None
        return last if last is not None and last.open else None

    @property
    def open_approval(self) -> Approval | None:
        last = self.approvals[-1] if self.approvals else None
        return last if last is not None and last.state == "open" else None

    @property
    def duration_us(self) -> int | None:
        """Sum of its ended attempts; None where none has a known duration."""
        known = [a.duration_us for a in self.attempts if a.duration_us is not None]
        return sum(known) if known else None


@dataclass(slots=True, frozen=True)
class Cause:
    """Why a run is failed, canceled or held. Always told, never guessed."""

    actor: str
    reason: str = ""
    step: str | None = None
    attempt: int | None = None
    error: Failure | None = None


@dataclass(slots=True)
class Run:
    """The whole run. Made by ``Run(definition)`` and filled by ``evolve``.

    ``version`` 0 means that it does not exist yet. ``steps`` keeps the definition's
    order; steps of an observed run whose graph is unknown come as they are first told.
    """

    definition: WorkflowDefinition
    version: int = 0
    state: RunState = RunState.CREATED
    workflow: str = ""
    workflow_version: int = 0
    number: int = 0
    observed: bool = False
    inputs: Content | None = None
    source: str | None = None
    external_id: str | None = None
    source_digest: str | None = None
    created_at: datetime | None = None
    created_by: str = ""
    queued_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    changed_at: datetime | None = None
    """When it came into its present state."""
    duration_us: int | None = None
    """From created to end, or as the source told it."""
    held: bool = False
    """An operator's hold: a fact of its own beside waiting."""
    waiting: bool = False
    """RunPaused(cause=approval) stands."""
    cancel_requested: Cause | None = None
    cause: Cause | None = None
    """Why it is failed, canceled or held."""
    steps: dict[str, StepRun] = field(default_factory=dict)
    retry_of: UUID | None = None
    root_run: UUID | None = None
    retry_from: str | None = None
    retries: tuple[UUID, ...] = ()
    other_inputs: bool = False
    verdicts: dict[str, StepVerdict] = field(default_factory=dict)
    """What was known, when this retry was asked for, of steps that ran before it."""

    @property
    def final(self) -> bool:
        return self.state in FINAL
