"""Giving a run up, whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.run.events import (
    ApprovalWithdrawn,
    RunCanceled,
    RunCancelRequested,
    StepCanceled,
)
from domain.run.guards import require_open
from domain.run.state import RunState, StepState

if TYPE_CHECKING:
    from typing import Literal

    from domain.run.commands import CancelRun
    from domain.run.deciding import Decision
    from domain.run.state import StepRun

IDLE = (StepState.NOT_STARTED, StepState.QUEUED, StepState.WAITING)


def cancel_run(decision: Decision, command: CancelRun) -> None:
    """Cancel what has not ended; completed steps stay completed. Held runs too.

    Whoever reports its steps itself is not told to stop: its attempts are canceled
    at once, and what it reports of them later is kept as a discarded report. With
    ``force`` nobody claims that the work has stopped: the outcome is unknown.
    """
    run = decision.run
    if run.state is RunState.CANCELED:
        return
    require_open(run)
    cancel_the_run(decision, command.reason, force=command.force)


def cancel_the_run(decision: Decision, reason: str, *, force: bool = False) -> None:
    decision.record(RunCancelRequested(reason=reason, force=force))
    for step in tuple(decision.run.steps.values()):
        if step.state in IDLE or step.current is not None:
            outcome: Literal["canceled", "unknown"] = "unknown" if force else "canceled"
            cancel_step(decision, step, reason, outcome)
    decision.record(RunCanceled(reason=reason))


def cancel_step(
    decision: Decision,
    step: StepRun,
    reason: str,
    outcome: Literal["canceled", "unknown"] = "canceled",
) -> None:
    """Whatever it is doing; nobody is asked about it any more."""
    if step.open_approval is not None:
        withdraw(decision, step, reason or "the run was canceled")
    running = step.current
    decision.record(
        StepCanceled(
            step=step.name,
            iteration=step.iteration,
            attempt=None if running is None else running.number,
            reason=reason,
            outcome=outcome if running is not None else "canceled",
        )
    )


def withdraw(decision: Decision, step: StepRun, cause: str) -> None:
    """Nobody needs to answer the step's open question any more."""
    iteration = step.approvals[-1].iteration
    decision.record(ApprovalWithdrawn(step=step.name, iteration=iteration, cause=cause))
