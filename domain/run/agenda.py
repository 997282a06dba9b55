"""What is to be done for a run from outside: jobs to lease, timers to fire.

Rows of the tables that are written in the same transaction as the events, so that
carrying work out depends on nothing but the store. They follow from the folded run
alone: each is a function of it, and what changes is the difference of two.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Literal, NamedTuple

from domain.run.state import Run, StepRun
from domain.run.times import duration_us

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime
    from uuid import UUID

    from domain.events import By, Event
    from domain.run.state import Job
    from domain.workflow.definition import StepDefinition

TimerKind = Literal[
    "step_timeout", "run_timeout", "approval_expiry", "approval_reminder"
]


class QueuedJob(NamedTuple):
    """A job that a worker may lease, ``wait_us`` after it was recorded."""

    step: str
    iteration: int
    attempt: int
    queue: str
    requires: tuple[str, ...]
    wait_us: int


class LeasedJob(NamedTuple):
    """A job that a worker has, until ``lease_us`` after it was recorded; each heartbeat
    adds as much to the moment at which it comes."""

    step: str
    iteration: int
    attempt: int
    queue: str
    lease: UUID
    worker: str
    principal: str
    lease_us: int
    canceling: bool
    """Its heartbeat passes on that it is to stop."""


class Timer(NamedTuple):
    """Something to be asked of the run, ``wait_us`` after it was recorded."""

    kind: TimerKind
    step: str
    """Empty for a run's."""
    iteration: int
    nth: int
    """The attempt of a step's timeout, the number of a reminder; else 0. With kind,
    step and iteration it says what is meant: the command that it becomes names them,
    so that one that comes late or twice does nothing."""
    wait_us: int


class Agenda(NamedTuple):
    """What becomes of the rows of one run. At most one job a step, one timer a kind and
    step: what is put replaces what was there."""

    queued: tuple[QueuedJob, ...] = ()
    leased: tuple[LeasedJob, ...] = ()
    timers: tuple[Timer, ...] = ()
    dropped_jobs: tuple[str, ...] = ()
    """Steps that have no job any more."""
    dropped_timers: tuple[tuple[TimerKind, str], ...] = ()

    def __bool__(self) -> bool:
        return any(self)


NOTHING = Agenda()


class _Due(NamedTuple):
    """A timer by the moment at which it is due."""

    kind: TimerKind
    iteration: int
    nth: int
    due: datetime


def agenda(before: Run, after: Run, events: Iterable[Event], by: By) -> Agenda:
    """How the rows of a run change by these events. Waits count from ``by.at``.

    All steps are looked at only where something about the whole run has changed that
    their rows depend on; otherwise those that the events name.
    """
    if after.observed:
        return NOTHING
    if _ruled_by(before) == _ruled_by(after):
        names: Iterable[str] = {
            step: None for event in events if (step := event.__dict__.get("step"))
        }
    else:
        names = after.steps
    changes = _Changes(by.at)
    for name in names:
        changes.of_step(before, after, name)
    changes.of_run(before, after)
    return changes.found()


def whole_agenda(run: Run, by: By) -> Agenda:
    """All rows that there are to be for the run."""
    if run.observed:
        return NOTHING
    changes = _Changes(by.at)
    nothing = Run(run.definition)
    for name in run.steps:
        changes.of_step(nothing, run, name)
    changes.of_run(nothing, run)
    return changes.found()


def _ruled_by(run: Run) -> tuple[bool, bool, bool]:
    """What the rows of every step depend on."""
    return run.held, run.cancel_requested is not None, run.final


class _Changes:
    """The difference in the making."""

    def __init__(self, at: datetime) -> None:
        self._at = at
        self._queued: list[QueuedJob] = []
        self._leased: list[LeasedJob] = []
        self._timers: list[Timer] = []
        self._dropped_jobs: list[str] = []
        self._dropped_timers: list[tuple[TimerKind, str]] = []

    def found(self) -> Agenda:
        return Agenda(
            tuple(self._queued),
            tuple(self._leased),
            tuple(self._timers),
            tuple(self._dropped_jobs),
            tuple(self._dropped_timers),
        )

    def of_step(self, before: Run, after: Run, name: str) -> None:
        definition = after.definition.by_name[name]
        was, now = before.steps.get(name), after.steps[name]
        if definition.queue is not None:
            old, new = _job(before, was), _job(after, now)
            if new is None:
                if old is not None:
                    self._dropped_jobs.append(name)
            elif new is not old or _canceling(before) != _canceling(after):
                self._put_job(after, definition, new)
        if definition.timeout_s is not None or now.approvals:
            old_timers = {each.kind: each for each in _timers(before, definition, was)}
            for timer in _timers(after, definition, now):
                if old_timers.pop(timer.kind, None) != timer:
                    self._put_timer(name, timer)
            self._dropped_timers += ((kind, name) for kind in old_timers)

    def of_run(self, before: Run, after: Run) -> None:
        if after.definition.timeout_s is None:
            return
        old, new = _run_timer(before), _run_timer(after)
        if new is not None and new != old:
            self._put_timer("", new)
        elif new is None and old is not None:
            self._dropped_timers.append((old.kind, ""))

    def _put_job(self, run: Run, definition: StepDefinition, job: Job) -> None:
        if job.lease is None:
            self._queued.append(
                QueuedJob(
                    definition.name,
                    job.iteration,
                    job.attempt,
                    job.queue,
                    definition.requires,
                    duration_us(self._at, job.available_at) or 0,
                )
            )
        else:
            self._leased.append(
                LeasedJob(
                    definition.name,
                    job.iteration,
                    job.attempt,
                    job.queue,
                    job.lease,
                    job.worker,
                    job.principal,
                    round(job.lease_s * 1_000_000),
                    _canceling(run),
                )
            )

    def _put_timer(self, step: str, timer: _Due) -> None:
        wait_us = duration_us(self._at, timer.due) or 0
        self._timers.append(
            Timer(timer.kind, step, timer.iteration, timer.nth, wait_us)
        )


def _canceling(run: Run) -> bool:
    return run.cancel_requested is not None


def _job(run: Run, step: StepRun | None) -> Job | None:
    """The job that has a row. While the run is held none is there to be leased."""
    job = None if step is None else step.open_job
    if job is None or run.final or (run.held and job.lease is None):
        return None
    return job


def _timers(
    run: Run, definition: StepDefinition, step: StepRun | None
) -> Iterator[_Due]:
    """What is to be asked about a step, held or not: time does not stop for a hold."""
    if step is None or run.final:
        return
    running = step.current
    if definition.timeout_s is not None and running is not None and running.started_at:
        due = running.started_at + timedelta(seconds=definition.timeout_s)
        yield _Due("step_timeout", step.iteration, running.number, due)
    approval = step.open_approval
    if approval is None:
        return
    asked, policy = approval.requested_at, approval.policy
    if policy.expires_s is not None:
        due = asked + timedelta(seconds=policy.expires_s)
        yield _Due("approval_expiry", approval.iteration, 0, due)
    if policy.remind_s is not None:
        due = (approval.reminded_at or asked) + timedelta(seconds=policy.remind_s)
        yield _Due("approval_reminder", approval.iteration, approval.reminders + 1, due)


def _run_timer(run: Run) -> _Due | None:
    limit = run.definition.timeout_s
    if limit is None or run.final or run.queued_at is None:
        return None
    return _Due("run_timeout", 0, 0, run.queued_at + timedelta(seconds=limit))
