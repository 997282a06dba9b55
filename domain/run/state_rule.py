"""The run's state: one rule, and the events that say when it changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.run.events import RunContinued, RunPaused, RunQueued, RunStarted
from domain.run.state import RunState, StepState

if TYPE_CHECKING:
    from typing import Literal

    from domain.run.deciding import Decision
    from domain.run.state import Run


def state_by_rule(run: Run) -> RunState:
    """The first that holds: final; paused; running; waiting; queued; created.

    A run that has started and of which nothing is running, queued or waiting stays
    running: it is between two steps. A managed run is so only within a decision, an
    observed one until its source tells what comes next.
    """
    if run.final:
        return run.state
    return RunState.PAUSED if run.held else state_without_hold(run)


def state_without_hold(run: Run) -> RunState:
    """What an open run would be, or is, when no operator holds it."""
    states = {step.state for step in run.steps.values()}
    started = run.started_at is not None or StepState.RUNNING in states
    if started and (StepState.RUNNING in states or StepState.QUEUED in states):
        return RunState.RUNNING
    if StepState.WAITING in states:
        return RunState.WAITING
    if started:
        return RunState.RUNNING
    if run.queued_at is not None or StepState.QUEUED in states:
        return RunState.QUEUED
    return RunState.CREATED


def say_state(decision: Decision) -> None:
    """Append the run event that says the state has changed, if it has.

    Nothing is said while an operator holds the run; RunContinued will say it.
    """
    run = decision.run
    state = state_by_rule(run)
    if state is run.state:
        return
    if state is RunState.WAITING:
        decision.record(RunPaused(cause="approval"))
    elif state is RunState.RUNNING and run.started_at is None:
        decision.record(RunStarted())
    elif run.waiting:
        decision.record(say_continued(run))
    elif state is RunState.QUEUED:
        decision.record(RunQueued())
    else:
        raise AssertionError(f"No event takes a run from {run.state} to {state}.")


def say_continued(run: Run) -> RunContinued:
    """Its waiting is over."""
    return RunContinued(cause="approval", state=open_state(state_by_rule(run)))


def open_state(
    state: RunState,
) -> Literal["created", "queued", "running", "waiting_for_approval"]:
    """As RunContinued names it: a state that is neither final nor a hold."""
    match state:
        case RunState.CREATED:
            return "created"
        case RunState.QUEUED:
            return "queued"
        case RunState.RUNNING:
            return "running"
        case RunState.WAITING:
            return "waiting_for_approval"
        case _:
            raise AssertionError(f"A run does not continue as {state}.")
