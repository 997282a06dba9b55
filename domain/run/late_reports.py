"""Which attempt a report is about, and what becomes of reports that come too late."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from domain.errors import WrongState
from domain.run.commands import CompleteStep, FailStep, RequestApproval
from domain.run.contents import content, same_content
from domain.run.events import StepReportDiscarded
from domain.run.guards import name, require_open, words

if TYPE_CHECKING:
    from typing import Literal

    from domain.run.deciding import Decision
    from domain.run.state import Attempt, Run, StepRun

    Outcome = Literal["completed", "failed", "approval_requested"]

Ending = CompleteStep | FailStep | RequestApproval
"""The reports that end an attempt."""

CUT = ("canceled", "reset", "unknown")
"""Outcomes of attempts whose end nobody reported."""

WHAT_HAPPENED = {
    "completed": "had completed already",
    "failed": "had failed already",
    "canceled": "was canceled before",
    "reset": "was set aside when a step it was built on was done again",
    "unknown": "was given up before, its outcome unknown",
}


def attempt_to_end(decision: Decision, step: StepRun, report: Ending) -> Attempt | None:
    """The running attempt that the report ends; None when there is nothing to end.

    A report of an attempt that is no longer current is recorded as discarded, once;
    the very report that ended it, told again, is not.

    Raises:
        WrongState: no such attempt was ever started.
        RunOver: nor will one be.
    """
    running = step.current
    if running is not None and report.attempt in (None, running.number):
        return running
    attempt = _meant(step, report)
    if attempt is None:
        _refuse(decision.run, step, report)
    if not says_it_again(step, attempt, report):
        discard(decision, step, attempt, report)
    return None


def discard(
    decision: Decision, step: StepRun, attempt: Attempt, report: Ending
) -> None:
    """Keep what a late report told, once for each outcome; it changes no state."""
    outcome = outcome_of(report)
    if outcome in attempt.late:
        return
    decision.record(
        StepReportDiscarded(
            step=step.name,
            iteration=attempt.iteration,
            attempt=attempt.number,
            outcome=outcome,
            reason=f"attempt {attempt.number} {WHAT_HAPPENED[attempt.outcome]}",
            output=None if isinstance(report, FailStep) else content(report.output),
            error=report.error if isinstance(report, FailStep) else None,
        )
    )


def outcome_of(report: Ending) -> Outcome:
    match report:
        case CompleteStep():
            return "completed"
        case FailStep():
            return "failed"
        case RequestApproval():
            return "approval_requested"


def says_it_again(step: StepRun, attempt: Attempt, report: Ending) -> bool:
    """It is the report by which the attempt ended."""
    if isinstance(report, FailStep):
        return attempt.outcome == "failed" and attempt.error == report.error
    asked = any(approval.attempt == attempt.number for approval in step.approvals)
    return (
        attempt.outcome == "completed"
        and asked == isinstance(report, RequestApproval)
        and same_content(attempt.output, content(report.output))
    )


def _meant(step: StepRun, report: Ending) -> Attempt | None:
    """The attempt that was, if it is the last one or named."""
    if report.attempt is not None:
        return next((a for a in step.attempts if a.number == report.attempt), None)
    last = step.attempts[-1] if step.attempts else None
    if last is None or last.outcome in CUT or says_it_again(step, last, report):
        return last
    return None


def _refuse(run: Run, step: StepRun, report: Ending) -> NoReturn:
    require_open(run)
    which = "An attempt" if report.attempt is None else f"Attempt {report.attempt}"
    last = step.attempts[-1].number if step.attempts else 0
    known = f"its last attempt was {last}" if last else "it has not been started"
    raise WrongState(
        f"{which} of step {step.name!r} of {name(run, 'run')} is not running: the "
        f"step is {words(step.state)}, {known}. Report its start first.",
        step=step.name,
        state=step.state.value,
    )
