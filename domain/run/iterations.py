"""Doing a step again: its next iteration, and the reset of all that was built on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.run.cancel import cancel_job, withdraw
from domain.run.events import StepRedoRequested, StepReset
from domain.run.safety import redo_safety
from domain.run.state import StepState

if TYPE_CHECKING:
    from domain.run.deciding import Decision
    from domain.run.state import Run


def do_again(
    decision: Decision,
    target: str,
    feedback: str,
    because_of: str | None,
    *,
    after_rejection: bool = False,
    accepted_unsafe: bool = False,
) -> None:
    """The step is not started again, and so is what was built on it.

    Attempts that are running there are set aside; their reports will be discarded.
    """
    run = decision.run
    step = run.steps[target]
    cause = f"step {target} is done again"
    decision.record(
        StepRedoRequested(
            step=target,
            iteration=step.iteration + 1,
            feedback=feedback,
            because_of=because_of,
            after_rejection=after_rejection,
            verdicts=redo_safety(run, target),
            accepted_unsafe=accepted_unsafe,
        )
    )
    if (open_one := run.steps[target]).open_approval is not None:
        withdraw(decision, open_one, cause)
    for name in run.definition.downstream(target):
        built = run.steps[name]
        if built.state is StepState.NOT_STARTED:
            continue
        if built.open_approval is not None:
            withdraw(decision, built, cause)
        cancel_job(decision, built, cause)
        running = built.current
        decision.record(
            StepReset(
                step=name,
                iteration=built.iteration + 1,
                because_of=target,
                attempt=None if running is None else running.number,
            )
        )


def redone_on_rejection(run: Run, rejected: str) -> str:
    """The step that the rejected one's definition sends back to work."""
    definition = run.definition
    named = definition.by_name[rejected].on_reject.step
    return named or definition.under_review(rejected) or rejected
