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
from domain.run.job_events import JobCanceled
from domain.run.state import RunState, StepState

if TYPE_CHECKING:
    from typing import Literal

    from domain.run.commands import CancelRun
    from domain.run.deciding import Decision
    from domain.run.state import StepRun

IDLE = (StepState.NOT_STARTED, StepState.QUEUED, StepState.WAITING)


def cancel_run(decision: Decision, command: CancelRun) -> None:
    """Cancel what has not ended; completed steps stay completed. Held runs too.

    Workers are told by their heartbeats, and the run is canceled when the last of
    them has ended, stopped, or is lost. Whoever reports its steps itself is not told:
    its attempts are canceled at once, and what it reports of them later is kept as a
    discarded report. With ``force`` nobody is waited for, nor claimed to have stopped:
    the outcome of what is running is unknown.
    """
    run = decision.run
    if run.state is RunState.CANCELED:
        return
    require_open(run)
    asked = run.cancel_requested
    if asked is None or command.force:
        reason = command.reason or ("" if asked is None else asked.reason)
        cancel_the_run(decision, reason, force=command.force)


def cancel_the_run(decision: Decision, reason: str, *, force: bool = False) -> None:
    decision.record(RunCancelRequested(reason=reason, force=force))
    if force:
        cancel_all(decision, reason, "unknown")
    else:
        cancel_all(decision, reason, "canceled", but_leased=True)
    cancel_when_ended(decision)


def cancel_when_ended(decision: Decision) -> None:
    """The run that is to be canceled is so, unless a worker still is at it."""
    run = decision.run
    assert run.cancel_requested is not None
    if not any(step.current is not None for step in run.steps.values()):
        decision.record(RunCanceled(reason=run.cancel_requested.reason))


def cancel_all(
    decision: Decision,
    reason: str,
    outcome: Literal["canceled", "unknown"],
    *,
    but_leased: bool = False,
) -> None:
    """All steps that have not ended. ``outcome``: of the attempts that are running."""
    for step in tuple(decision.run.steps.values()):
        if step.state in IDLE or (
            step.current is not None and not (but_leased and step.open_job is not None)
        ):
            cancel_step(decision, step, reason, outcome)


def cancel_step(
    decision: Decision,
    step: StepRun,
    reason: str,
    outcome: Literal["canceled", "unknown"] = "canceled",
) -> None:
    """Whatever it is doing; nobody is asked about it any more."""
    if step.open_approval is not None:
        withdraw(decision, step, reason or "the run was canceled")
    cancel_job(decision, step, reason)
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


def cancel_job(decision: Decision, step: StepRun, reason: str) -> None:
    """The one that is queued or leased, if there is one."""
    if step.jobs and (job := decision.run.steps[step.name].open_job) is not None:
        decision.record(
            JobCanceled(
                step=step.name,
                iteration=job.iteration,
                attempt=job.attempt,
                reason=reason,
            )
        )


def withdraw(decision: Decision, step: StepRun, cause: str) -> None:
    """Nobody needs to answer the step's open question any more."""
    iteration = step.approvals[-1].iteration
    decision.record(ApprovalWithdrawn(step=step.name, iteration=iteration, cause=cause))
