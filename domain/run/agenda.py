"""What is to be done for a run from outside: jobs to lease, timers to fire.

Rows of the tables that are written in the same transaction as the events, so that
carrying work out depends on nothing but the store. They follow from the folded run
alone: each is a function of it, and what changes is the difference of two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from domain.events import By, Event
    from domain.run.state import Run

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


def agenda(before: Run, after: Run, events: Iterable[Event], by: By) -> Agenda:
    """How the rows of a run change by these events. Waits count from ``by.at``."""
    raise NotImplementedError
