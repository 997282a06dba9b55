"""What happens to jobs: the leases under which workers carry out attempts.

A job is queued by the event that queues its step (``StepQueued``,
``StepRetryScheduled``, ``StepRequeued``), where the step has a queue; all else that
happens to it says so by an event of its own, beside the one that tells what became of
the step.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from domain.run.events import StepEvent


class JobEvent(StepEvent):
    """Base. Step, iteration and attempt name the job."""

    attempt: int


class JobLeased(JobEvent):
    """A worker has taken it. The actor is the principal that it works as."""

    topic: ClassVar[str] = "run.job.leased"

    lease: UUID
    """What its reports must name: a lease is never given twice."""
    worker: str
    """Which process, as it calls itself."""
    lease_s: float
    """It is lost when so long passes without a heartbeat."""


class JobSucceeded(JobEvent):
    topic: ClassVar[str] = "run.job.succeeded"


class JobFailed(JobEvent):
    topic: ClassVar[str] = "run.job.failed"


class JobLost(JobEvent):
    """Its lease ran out. Whether the work was done, nobody knows."""

    topic: ClassVar[str] = "run.job.lost"


class JobCanceled(JobEvent):
    """Nobody needs it any more; a worker that has it is told by its heartbeat."""

    topic: ClassVar[str] = "run.job.canceled"

    reason: str = ""


class JobReleased(JobEvent):
    """Its worker gave it back, unfinished: StepRequeued follows, or StepCanceled where
    the run is ending."""

    topic: ClassVar[str] = "run.job.released"

    reason: str = ""


class StepAttemptLost(StepEvent):
    """The attempt's outcome is unknown."""

    topic: ClassVar[str] = "run.step.attempt_lost"

    attempt: int


class StepRequeued(StepEvent):
    """Queued again since its attempt was given back: no failure, costs no attempt."""

    topic: ClassVar[str] = "run.step.requeued"

    attempt: int
    """Number the next attempt will have."""
    available_at: datetime | None = None
    reason: str = ""
