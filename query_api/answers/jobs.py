"""Jobs, the workers that carry them out, and the queues that they wait in."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from query_api.answers.base import Listed, Placed, Seconds, Shape

JobState = Literal[
    "queued", "leased", "succeeded", "failed", "lost", "canceled", "released"
]
Outcome = Literal[
    "running", "completed", "failed", "canceled", "reset", "released", "unknown"
]


class Progress(Shape):
    """As the step's function told it last."""

    fraction: float | None
    """From 0 to 1, where it can tell."""
    message: str


class StepJob(Shape):
    """The lease under which a worker carries out an attempt."""

    iteration: int
    attempt: int
    queue: str
    state: JobState
    worker: str
    """Which process, as it calls itself. Empty: nobody has leased it."""
    principal: str
    """Whose token the worker has."""
    lease_s: Seconds
    """It is lost when so long passes without a heartbeat."""
    queued_at: datetime
    available_at: datetime | None
    """Not to be leased earlier."""
    leased_at: datetime | None
    ended_at: datetime | None
    reason: str
    """Why it was canceled or released."""
    backoff_s: Seconds | None
    """How long it was not to be leased, where that is over."""
    queued_s: Seconds | None
    """How long it then waited for a worker; null while it does."""
    duration_s: Seconds | None
    """From lease to end."""
    heartbeat_at: datetime | None
    """The last one; of a leased job only, and null before the first."""
    lease_until: datetime | None
    progress: Progress | None
    canceling: bool
    """Its worker is told by the next heartbeat to stop."""


class Job(StepJob):
    run_id: UUID
    workflow: str
    number: int
    step: str
    outcome: Outcome | None
    """Of its attempt; null before that has started."""
    error: str | None
    """Of its attempt, in one line."""
    version: int
    """Of the run, when it changed last."""
    position: int
    degraded: bool


class JobList(Listed):
    items: list[Job]


class HeldJob(Shape):
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


class Worker(Shape):
    worker: str
    """As it calls itself."""
    state: Literal["live", "offline"]
    """Offline: not heard of for a minute."""
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


class WorkerList(Listed):
    items: list[Worker]


class Queue(Shape):
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


class QueueList(Placed):
    items: list[Queue]
