"""What follows from a decision, computed from the folded run alone.

Since nothing but the run says what is to follow, what an operator's hold keeps back
is simply computed when the run is continued.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from domain.run.cancel import (
    cancel_all,
    cancel_step,
    cancel_the_run,
    cancel_when_ended,
)
from domain.run.events import RunCompleted, RunFailed, StepQueued
from domain.run.iterations import do_again, redone_on_rejection
from domain.run.state import StepState
from domain.run.state_rule import say_state
from domain.run.subjects import ask_about_needs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Literal

    from domain.run.deciding import Decision
    from domain.run.state import Run, StepRun

GOING_ON = (StepState.RUNNING, StepState.QUEUED, StepState.WAITING)


def settle(decision: Decision) -> None:
    """Append every consequence: cancel, drain, redo, queue, ask, end, and the state.

    Of a run that is to be canceled nothing goes on but what workers have not ended.

    While the run is held only what an ending step brings about follows: the end of
    the run, or its draining. Nothing is queued, nobody is asked, and what follows
    from people's decisions waits.
    """
    run = decision.run
    if run.queued_at is None:
        say_state(decision)
        return
    if (asked := run.cancel_requested) is not None:
        cancel_all(decision, asked.reason, "canceled", but_leased=True)
        cancel_when_ended(decision)
        return
    if (rejected := _rejected_to(run, "cancel")) is not None and not run.held:
        cancel_the_run(decision, _why_rejected(rejected))
        return
    if (cause := drained_by(run)) is not None:
        _drain(decision, cause)
    elif not run.held:
        while (rejected := _rejected_to(run, "redo")) is not None:
            _redo(decision, rejected)
        _go_on(decision)
    _end(decision)
    say_state(decision)


def drained_by(run: Run) -> StepRun | None:
    """The step whose failure ends the run as soon as nothing is running any more."""
    if run.definition.on_failure != "drain":
        return None
    lost = _in(run, StepState.FAILED)
    if not run.held:
        lost += (s for s in _in(run, StepState.REJECTED) if _action(run, s) == "fail")
    return _first(lost)


def _drain(decision: Decision, cause: StepRun) -> None:
    reason = f"step {cause.name} {cause.state}: nothing new is started"
    for step in tuple(decision.run.steps.values()):
        if step.state in (StepState.QUEUED, StepState.WAITING):
            cancel_step(decision, step, reason)


def _redo(decision: Decision, step: StepRun) -> None:
    target = redone_on_rejection(decision.run, step.name)
    because_of = None if target == step.name else step.name
    do_again(decision, target, step.reason, because_of, after_rejection=True)


def _go_on(decision: Decision) -> None:
    """Queue what is ready; ask for the approvals that are."""
    run = decision.run
    ready = list(_ready(run))
    by_name = run.definition.by_name
    for step in ready:
        if by_name[step.name].kind == "task":
            number = step.attempts[-1].number + 1 if step.attempts else 1
            decision.record(
                StepQueued(step=step.name, iteration=step.iteration, attempt=number)
            )
    for step in ready:
        if by_name[step.name].kind == "approval":
            ask_about_needs(decision, by_name[step.name])


def _ready(run: Run) -> Iterator[StepRun]:
    """Not started, and all that it needs is completed."""
    steps = run.steps
    by_name = run.definition.by_name
    completed = StepState.COMPLETED
    for step in steps.values():
        if step.state is StepState.NOT_STARTED and all(
            steps[need].state is completed for need in by_name[step.name].needs
        ):
            yield step


def _end(decision: Decision) -> None:
    """Nothing goes on and nothing can: the run is over."""
    run = decision.run
    if any(step.state in GOING_ON for step in run.steps.values()):
        return
    if drained_by(run) is None and any(True for _ in _ready(run)):
        return
    rejected = _in(run, StepState.REJECTED)
    if run.held and any(_action(run, step) != "fail" for step in rejected):
        return
    cause = drained_by(run) or _first(_in(run, StepState.FAILED) + rejected)
    if cause is None:
        decision.record(RunCompleted())
        return
    decision.record(
        RunFailed(
            step=cause.name,
            attempt=cause.attempts[-1].number if cause.attempts else None,
            error=cause.error,
            reason=_why_failed(cause),
        )
    )


def _why_failed(step: StepRun) -> str:
    if step.state is StepState.REJECTED:
        return _why_rejected(step)
    if step.error is None:
        return f"step {step.name} failed"
    return f"step {step.name} failed: {step.error.said}"[:16_384]


def _why_rejected(step: StepRun) -> str:
    why = f": {step.reason}" if step.reason else ""
    if step.approvals and step.approvals[-1].expired:
        return f"step {step.name} was rejected{why}"[:16_384]
    return f"{step.actor} rejected step {step.name}{why}"[:16_384]


def _in(run: Run, state: StepState) -> list[StepRun]:
    return [step for step in run.steps.values() if step.state is state]


def _first(steps: list[StepRun]) -> StepRun | None:
    """The one that came into its state first; of equals the workflow's first."""
    return min(steps, key=attrgetter("changed_at"), default=None)


def _rejected_to(run: Run, action: Literal["cancel", "redo"]) -> StepRun | None:
    """A step whose rejection is to lead to that, and has not yet."""
    steps = _in(run, StepState.REJECTED)
    return next((step for step in steps if _action(run, step) == action), None)


def _action(run: Run, rejected: StepRun) -> Literal["fail", "cancel", "redo"]:
    return run.definition.by_name[rejected.name].on_reject.action
