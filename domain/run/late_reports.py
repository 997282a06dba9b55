"""Which attempt a report is about, and what becomes of reports that come too late."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from domain.errors import NotYourJob, WrongState
from domain.run.commands import (
    CompleteStep,
    FailStep,
    ReleaseJob,
    RequestApproval,
    StopJob,
)
from domain.run.contents import content, same_content
from domain.run.context import Context
from domain.run.events import StepReportDiscarded
from domain.run.guards import name, require_open, words
from domain.run.job_events import JobFailed, JobSucceeded
from domain.run.state import LOST, TIMED_OUT

if TYPE_CHECKING:
    from typing import Literal

    from domain.run.deciding import Decision
    from domain.run.state import Attempt, Job, Run, StepRun

    Outcome = Literal["completed", "failed", "approval_requested"]

Ending = CompleteStep | FailStep | RequestApproval
"""The reports that end an attempt."""

GivingBack = ReleaseJob | StopJob
"""Those by which a worker is rid of a job that it has not finished."""

CUT = ("canceled", "reset", "released", "unknown")
"""Outcomes of attempts whose end nobody reported."""

WHAT_HAPPENED = {
    "completed": "had completed already",
    "failed": "had failed already",
    "canceled": "was canceled before",
    "reset": "was set aside when a step it was built on was done again",
    "released": "was given back before",
    "unknown": "was given up before, its outcome unknown",
    LOST: "was lost before: its worker was not heard of in time",
    TIMED_OUT: "was given up before: it took too long",
}


def attempt_to_end(decision: Decision, step: StepRun, report: Ending) -> Attempt | None:
    """The running attempt that the report ends; None when there is nothing to end.

    A job that carried it out has ended then, and that is on record. A report of an
    attempt that is no longer current is recorded as discarded, once; the very report
    that ended it, told again, is not.

    Raises:
        WrongState: no such attempt was ever started, or a lease is to be named.
        NotYourJob: the lease is not of that attempt, or another caller's.
        RunOver: the attempt was not started, nor will it be.
    """
    if report.lease is not None:
        attempt = job_to_end(decision, step, report)
        if attempt is not None:
            ended = JobFailed if isinstance(report, FailStep) else JobSucceeded
            decision.record(
                ended(step=step.name, iteration=step.iteration, attempt=attempt.number)
            )
        return attempt
    _require_no_queue(decision.run, step)
    running = step.current
    if running is not None and report.attempt in (None, running.number):
        return running
    attempt = _meant(step, report)
    if attempt is None:
        _refuse(decision.run, step, report)
    if not says_it_again(step, attempt, report):
        discard(decision, step, attempt, report)
    return None


def job_to_end(
    decision: Decision, step: StepRun, report: Ending | GivingBack
) -> Attempt | None:
    """The attempt of the job that the caller has leased; None where it is no longer
    theirs: a report that tells something new is recorded as discarded.

    Raises:
        NotYourJob: the lease is not of that attempt, or another caller's.
    """
    job = next((j for j in reversed(step.jobs) if j.lease == report.lease), None)
    if job is None or report.attempt not in (None, job.attempt):
        which = "a job" if report.attempt is None else f"attempt {report.attempt}"
        raise NotYourJob(
            f"Lease {report.lease} is not of {which} of step {step.name!r} of "
            f"{name(decision.run, 'run')}: report with the lease that came with the "
            "job.",
            step=step.name,
        )
    context = decision.context
    assert isinstance(context, Context)
    if job.principal != context.caller:
        raise NotYourJob(
            f"Attempt {job.attempt} of step {step.name!r} of "
            f"{name(decision.run, 'run')} was leased by {job.principal}: only they "
            "report about it.",
            step=step.name,
            attempt=job.attempt,
        )
    attempt = next(a for a in reversed(step.attempts) if a.number == job.attempt)
    if job.state == "leased":
        return attempt
    if isinstance(report, ReleaseJob | StopJob):
        _discard_giving_back(decision, step, attempt, job, report)
    elif not says_it_again(step, attempt, report):
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
            reason=f"attempt {attempt.number} {_what_happened(attempt)}",
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


def _discard_giving_back(
    decision: Decision, step: StepRun, attempt: Attempt, job: Job, report: GivingBack
) -> None:
    """The same, of a worker that gives back what is no longer its own."""
    outcome: Literal["released", "stopped"] = "stopped"
    again = job.state == "canceled" and attempt.outcome == "canceled"
    if isinstance(report, ReleaseJob):
        outcome, again = "released", job.state == "released"
    if again or outcome in attempt.late:
        return
    decision.record(
        StepReportDiscarded(
            step=step.name,
            iteration=attempt.iteration,
            attempt=attempt.number,
            outcome=outcome,
            reason=f"attempt {attempt.number} {_what_happened(attempt)}",
        )
    )


def _what_happened(attempt: Attempt) -> str:
    return WHAT_HAPPENED[attempt.given_up or attempt.outcome]


def _require_no_queue(run: Run, step: StepRun) -> None:
    """Whoever reports about a job must have it."""
    definition = run.definition.by_name.get(step.name)
    if definition is not None and definition.queue is not None and not run.observed:
        raise WrongState(
            f"Step {step.name!r} is carried out by workers: lease its job from the "
            f"queue {definition.queue!r}, and name the lease in what you report.",
            step=step.name,
            queue=definition.queue,
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
