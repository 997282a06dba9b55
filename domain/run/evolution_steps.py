"""What each event does to a step and its attempts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from domain.run.events import Failure
from domain.run.evolution_approvals import close_approval, reporters
from domain.run.evolution_jobs import queue_job
from domain.run.state import LOST, TIMED_OUT, Attempt, Redo, StepState
from domain.run.times import in_words
from domain.run.working_copy import broken, close_as_unknown, cut_attempt

if TYPE_CHECKING:
    from domain.events import By
    from domain.run.events import (
        StepAttemptFailed,
        StepCanceled,
        StepCompleted,
        StepEvent,
        StepFailed,
        StepNoted,
        StepQueued,
        StepRedoRequested,
        StepRejected,
        StepReportDiscarded,
        StepReset,
        StepRetryScheduled,
        StepStarted,
        StepTimedOut,
    )
    from domain.run.job_events import StepAttemptLost, StepRequeued
    from domain.run.state import StepRun
    from domain.run.working_copy import WorkingCopy


def queued(copy: WorkingCopy, event: StepQueued, by: By) -> None:
    step = copy.step(event)
    if not copy.run.observed and step.state is not StepState.NOT_STARTED:
        broken(event, f"it is {step.state}")
    _queue(copy, step, event, by)


def retry_scheduled(copy: WorkingCopy, event: StepRetryScheduled, by: By) -> None:
    step = copy.step(event)
    if step.current is not None:
        broken(event, f"attempt {step.attempts[-1].number} is running")
    _queue(copy, step, event, by)


def requeued(copy: WorkingCopy, event: StepRequeued, by: By) -> None:
    step = copy.step(event)
    running = step.current
    if running is None:
        broken(event, "no attempt is running")
    cut_attempt(step, event, running.number, "released", by)
    _queue(copy, step, event, by)


def started(copy: WorkingCopy, event: StepStarted, by: By) -> None:
    step = copy.step(event)
    if step.attempts:
        last = step.attempts[-1]
        if event.attempt <= last.number:
            broken(event, f"attempt {last.number} was started before")
        if last.outcome == "running":
            if not copy.run.observed:
                broken(event, f"attempt {last.number} is still running")
            close_as_unknown(step)
    if not copy.run.observed and step.state is not StepState.QUEUED:
        broken(event, f"it is {step.state}, not queued")
    if step.jobs and step.jobs[-1].state != "leased":
        broken(event, f"its job is {step.jobs[-1].state}, not leased")
    step.attempts = (
        *step.attempts,
        Attempt(event.attempt, step.iteration, "running", by.actor, by.at),
    )
    step.available_at = None
    step.error = None
    if copy.run.observed:
        step.reason = ""
    _enter(step, StepState.RUNNING, by)


def completed(copy: WorkingCopy, event: StepCompleted, by: By) -> None:
    step = copy.step(event)
    if event.approved:
        close_approval(step, event, "approved", "", by)
    elif event.attempt is None:
        broken(event, "it names neither an attempt nor an approval")
    else:
        copy.end_attempt(
            step,
            event,
            event.attempt,
            "completed",
            by,
            event.duration_us,
            output=event.output,
        )
        step.output_by = reporters(step.attempts[-1], by)
    if event.output is not None or not event.approved:
        step.output = event.output
    step.error = None
    step.reason = ""
    _enter(step, StepState.COMPLETED, by)


def attempt_failed(copy: WorkingCopy, event: StepAttemptFailed, by: By) -> None:
    step = copy.step(event)
    copy.end_attempt(
        step, event, event.attempt, "failed", by, event.duration_us, error=event.error
    )
    step.error = event.error
    _enter(step, StepState.FAILED, by)


def attempt_lost(copy: WorkingCopy, event: StepAttemptLost, by: By) -> None:
    _give_up(copy, event, event.attempt, _LOST, by)


def timed_out(copy: WorkingCopy, event: StepTimedOut, by: By) -> None:
    took = f"it took longer than {in_words(event.timeout_s)}"
    _give_up(copy, event, event.attempt, Failure(type=TIMED_OUT, message=took), by)


def _give_up(
    copy: WorkingCopy, event: StepEvent, number: int, error: Failure, by: By
) -> None:
    """The attempt is over for us; what became of it is unknown."""
    step = copy.step(event)
    running = step.current
    if running is None or running.number != number:
        broken(event, f"attempt {number} is not running")
    close_as_unknown(step, error)
    step.error = error
    _enter(step, StepState.FAILED, by)


_LOST = Failure(type=LOST, message="its worker was not heard of in time")


def failed(copy: WorkingCopy, event: StepFailed, by: By) -> None:
    step = copy.step(event)
    if step.current is not None:
        if event.outcome == "failed":
            broken(event, f"attempt {step.attempts[-1].number} is still running")
        close_as_unknown(step)
    step.error = event.error
    _enter(step, StepState.FAILED, by)


def canceled(copy: WorkingCopy, event: StepCanceled, by: By) -> None:
    step = copy.step(event)
    given_back = bool(step.jobs) and step.jobs[-1].state == "released"
    outcome = "released" if given_back else event.outcome
    cut_attempt(step, event, event.attempt, outcome, by)
    if step.open_approval is not None:
        close_approval(step, event, "withdrawn", event.reason, by)
    step.available_at = None
    step.reason = event.reason
    _enter(step, StepState.CANCELED, by)


def rejected(copy: WorkingCopy, event: StepRejected, by: By) -> None:
    step = copy.step(event)
    if step.current is not None:
        if not copy.run.observed:
            broken(event, f"attempt {step.attempts[-1].number} is running")
        close_as_unknown(step)
    if step.open_approval is not None:
        close_approval(step, event, "rejected", event.reason, by)
    step.reason = event.reason
    _enter(step, StepState.REJECTED, by)


def redo_requested(copy: WorkingCopy, event: StepRedoRequested, by: By) -> None:
    step = copy.next_iteration(event)
    if step.current is not None:
        broken(event, f"attempt {step.attempts[-1].number} is running")
    _start_over(step, by)
    step.reason = event.feedback
    step.redos = (
        *step.redos,
        Redo(
            step.iteration,
            step.name,
            by.actor,
            by.at,
            event.feedback,
            event.after_rejection,
        ),
    )


def reset(copy: WorkingCopy, event: StepReset, by: By) -> None:
    step = copy.next_iteration(event)
    cut_attempt(step, event, event.attempt, "reset", by)
    _start_over(step, by)
    step.reason = f"{event.because_of} is done again"
    cause = copy.run.steps.get(event.because_of)
    if cause is not None and cause.redos:
        step.redos = (*step.redos, replace(cause.redos[-1], iteration=step.iteration))


def report_discarded(copy: WorkingCopy, event: StepReportDiscarded, by: By) -> None:
    step = copy.any_iteration(event)
    for index, attempt in enumerate(step.attempts):
        if attempt.number == event.attempt:
            step.attempts = (
                *step.attempts[:index],
                replace(attempt, late=(*attempt.late, event.outcome)),
                *step.attempts[index + 1 :],
            )
            return
    broken(event, f"there was no attempt {event.attempt}")


def noted(copy: WorkingCopy, event: StepNoted, by: By) -> None:
    copy.any_iteration(event)


def _start_over(step: StepRun, by: By) -> None:
    step.iteration += 1
    step.output = None
    step.output_by = ()
    step.error = None
    step.available_at = None
    step.carried_from = None
    _enter(step, StepState.NOT_STARTED, by)


def _queue(
    copy: WorkingCopy,
    step: StepRun,
    event: StepQueued | StepRetryScheduled | StepRequeued,
    by: By,
) -> None:
    step.available_at = event.available_at
    step.queued_at = by.at
    queue_job(copy, step, event, by)
    _enter(step, StepState.QUEUED, by)


def _enter(step: StepRun, state: StepState, by: By) -> None:
    step.state = state
    step.changed_at = by.at
    step.actor = by.actor
