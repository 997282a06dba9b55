"""What each event does to a step and its attempts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from domain.run.evolution_approvals import close_approval
from domain.run.state import Attempt, StepState
from domain.run.working_copy import broken, close_as_unknown, cut_attempt

if TYPE_CHECKING:
    from domain.events import By
    from domain.run.events import (
        StepAttemptFailed,
        StepCanceled,
        StepCompleted,
        StepFailed,
        StepNoted,
        StepQueued,
        StepRedoRequested,
        StepRejected,
        StepReportDiscarded,
        StepReset,
        StepRetryScheduled,
        StepStarted,
    )
    from domain.run.state import StepRun
    from domain.run.working_copy import WorkingCopy


def queued(copy: WorkingCopy, event: StepQueued, by: By) -> None:
    step = copy.step(event)
    if not copy.run.observed and step.state is not StepState.NOT_STARTED:
        broken(event, f"it is {step.state}")
    step.available_at = event.available_at
    _queue(step, by)


def retry_scheduled(copy: WorkingCopy, event: StepRetryScheduled, by: By) -> None:
    step = copy.step(event)
    if step.current is not None:
        broken(event, f"attempt {step.attempts[-1].number} is running")
    step.available_at = event.available_at
    _queue(step, by)


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
    cut_attempt(step, event, event.attempt, event.outcome, by)
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


def reset(copy: WorkingCopy, event: StepReset, by: By) -> None:
    step = copy.next_iteration(event)
    cut_attempt(step, event, event.attempt, "reset", by)
    _start_over(step, by)
    step.reason = f"{event.because_of} is done again"


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
    step.error = None
    step.available_at = None
    step.carried_from = None
    _enter(step, StepState.NOT_STARTED, by)


def _queue(step: StepRun, by: By) -> None:
    step.queued_at = by.at
    _enter(step, StepState.QUEUED, by)


def _enter(step: StepRun, state: StepState, by: By) -> None:
    step.state = state
    step.changed_at = by.at
    step.actor = by.actor
