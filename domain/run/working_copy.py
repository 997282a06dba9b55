"""A private copy of a run, which ``evolution`` writes to while it folds."""

from __future__ import annotations

from dataclasses import fields
from operator import attrgetter
from typing import TYPE_CHECKING, NoReturn

from domain.errors import BrokenHistory
from domain.run.state import Attempt, Run, StepRun
from domain.run.times import duration_us

if TYPE_CHECKING:
    from typing import Literal

    from domain.events import By, Event
    from domain.run.events import Content, Failure, StepEvent

_run_values = attrgetter(*(field.name for field in fields(Run)))
_step_values = attrgetter(*(field.name for field in fields(StepRun)))


class WorkingCopy:
    """The run may be written to; a step only once ``step`` has handed it out.

    Steps are copied when first touched, so that a fold of one event over a run of
    2,000 steps copies one of them, and a fold of 2,000 events each step once.
    """

    __slots__ = ("_own", "run")

    def __init__(self, run: Run) -> None:
        self.run = Run(*_run_values(run))
        self.run.steps = run.steps.copy()
        self._own: set[str] = set()

    def step(self, event: StepEvent) -> StepRun:
        """The event's step, to write to, at the event's iteration."""
        step = self.any_iteration(event)
        if event.iteration != step.iteration:
            broken(event, f"the step is at iteration {step.iteration}")
        return step

    def next_iteration(self, event: StepEvent) -> StepRun:
        """The same, for an event that takes the step to its next iteration."""
        step = self.any_iteration(event)
        if event.iteration != step.iteration + 1:
            broken(event, f"the step is at iteration {step.iteration}")
        return step

    def any_iteration(self, event: StepEvent) -> StepRun:
        name = event.step
        run = self.run
        known = run.steps.get(name)
        if name in self._own and known is not None:
            return known
        if known is not None:
            own = StepRun(*_step_values(known))
        elif run.observed and not run.definition.steps:
            own = StepRun(name)
        else:
            broken(event, "the workflow has no such step")
        self.add(own)
        return own

    def add(self, step: StepRun) -> None:
        """A step that is new in the run, or a copy of our own."""
        self.run.steps[step.name] = step
        self._own.add(step.name)

    def end_attempt(
        self,
        step: StepRun,
        event: StepEvent,
        number: int,
        outcome: Literal["completed", "failed"],
        by: By,
        told_us: int | None,
        *,
        output: Content | None = None,
        error: Failure | None = None,
    ) -> None:
        """The running attempt ended as told; on observed runs one without a start."""
        attempts = step.attempts
        last = attempts[-1] if attempts else None
        if last is not None and last.outcome == "running" and last.number == number:
            actor, start = last.actor, last.started_at
            attempts = attempts[:-1]
        elif self.run.observed and (last is None or number > last.number):
            actor, start = by.actor, None
            close_as_unknown(step)
            attempts = step.attempts
        else:
            broken(event, f"attempt {number} is not running")
        step.attempts = (
            *attempts,
            Attempt(
                number,
                step.iteration,
                outcome,
                actor,
                start,
                by.at,
                duration_us(start, by.at) if told_us is None else told_us,
                output,
                error,
            ),
        )


def close_as_unknown(step: StepRun, error: Failure | None = None) -> None:
    """An attempt whose end nobody told: no end is made up."""
    if (running := step.current) is not None:
        step.attempts = (
            *step.attempts[:-1],
            Attempt(
                running.number,
                running.iteration,
                "unknown",
                running.actor,
                running.started_at,
                error=error,
            ),
        )


def cut_attempt(
    step: StepRun,
    event: StepEvent,
    number: int | None,
    outcome: Literal["canceled", "reset", "released", "unknown"],
    by: By,
) -> None:
    """The running attempt, if there is one, no longer counts."""
    running = step.current
    if (None if running is None else running.number) != number:
        now = "none is" if running is None else f"attempt {running.number} is"
        broken(event, f"it names attempt {number} as the running one, but {now}")
    if running is None:
        return
    if outcome == "unknown":
        close_as_unknown(step)
        return
    step.attempts = (
        *step.attempts[:-1],
        Attempt(
            running.number,
            running.iteration,
            outcome,
            running.actor,
            running.started_at,
            by.at,
            duration_us(running.started_at, by.at),
        ),
    )


def broken(event: Event, why: str) -> NoReturn:
    step = getattr(event, "step", None)
    where = "" if step is None else f" of step {step!r}"
    raise BrokenHistory(
        f"{event.topic}{where} does not follow from the events before it: {why}."
    )
