"""Sending a step back to work, with feedback."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.errors import WrongState
from domain.run.guards import (
    find_step,
    listed,
    name,
    require_open,
    words,
)
from domain.run.iterations import do_again
from domain.run.safety import all_safe, redo_safety, require_accepted
from domain.run.settling import drained_by, settle
from domain.run.state import StepState

if TYPE_CHECKING:
    from domain.run.commands import RedoStep
    from domain.run.deciding import Decision

REDOABLE = (
    StepState.WAITING,
    StepState.COMPLETED,
    StepState.FAILED,
    StepState.REJECTED,
)


def redo_step(decision: Decision, command: RedoStep) -> None:
    """Another iteration of the step; what was built on it is reset.

    On an approval step: of the step whose output is under review. A step that failed
    or was rejected is done again as well while its run goes on in other branches;
    once the run only waits for its last attempts to end, it is too late for that.

    Raises:
        WrongState: it has nothing to do again, or the run is ending.
        UnsafeToRepeat: a step would run again that is not known to be safe to, and
            the caller has not accepted that.
    """
    run = decision.run
    require_open(run)
    step = find_step(run, command.step)
    if run.cancel_requested is not None:
        raise WrongState(
            f"{name(run)} is being canceled, as {run.cancel_requested.actor} asked: "
            "nothing new is started. Once it is over, retry it.",
            step=step.name,
        )
    if (cause := drained_by(run)) is not None:
        raise WrongState(
            f"{name(run)} is ending, since step {cause.name!r} {words(cause.state)}: "
            "nothing new is started. Once it is over, retry it.",
            step=step.name,
        )
    if step.state not in REDOABLE:
        raise WrongState(
            f"Step {step.name!r} of {name(run, 'run')} is {words(step.state)}: there "
            "is nothing to do again yet. Redo it once it has completed, or waits for "
            "approval.",
            step=step.name,
            state=step.state.value,
        )
    target = run.definition.under_review(step.name)
    if target is None:
        needs = run.definition.by_name[step.name].needs
        raise WrongState(
            f"Step {step.name!r} is an approval of several: {listed(needs)}. Name the "
            "step to redo.",
            step=step.name,
        )
    because_of = None if target == step.name else step.name
    verdicts = redo_safety(run, target)
    require_accepted(verdicts, command, "redo")
    do_again(
        decision,
        target,
        command.feedback,
        because_of,
        accepted_unsafe=not all_safe(verdicts),
    )
    settle(decision)
