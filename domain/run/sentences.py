"""Each event as one plain sentence, for lists of events and for support staff."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.bulk.sentences import SENTENCES as BULK
from domain.run import events as e
from domain.run import job_events as j
from domain.run.times import in_words
from domain.workflow.events import WorkflowVersionRegistered

if TYPE_CHECKING:
    from collections.abc import Callable

    from domain.events import Event, Recorded

LONGEST = 200
"""Of what people or failing code wrote; the event has the whole."""


def summary(recorded: Recorded) -> str:
    """One sentence; for an event it does not know, the topic."""
    event = recorded.event
    tell = SENTENCES.get(type(event))
    return event.topic if tell is None else tell(event, recorded.actor)


def _registered(event: WorkflowVersionRegistered, actor: str) -> str:
    steps = _count(len(event.definition.steps), "step")
    return f"{actor} registered version {event.version} of {event.name} ({steps})"


def _created(event: e.RunCreated, actor: str) -> str:
    run = f"run #{event.number} of {event.workflow}, version {event.workflow_version}"
    if event.observed:
        where = f"{event.external_id or 'a run'} of {event.source or 'another system'}"
        return f"{actor} put {where} on record as {run}"
    if event.retry_of is None:
        return f"{actor} created {run}"
    carried = _count(len(event.carried), "step")
    retry_from = (event.retry_from or "").replace("step:", "step ")
    said = f"{actor} created {run}, a retry from {retry_from} that carries {carried}"
    if event.other_inputs:
        said += ", with other inputs"
    return _why(said, event.reason)


def _paused(event: e.RunPaused, actor: str) -> str:
    if event.cause == "approval":
        return "The run waits for approval"
    return _why(f"{actor} paused the run", event.reason)


def _continued(event: e.RunContinued, actor: str) -> str:
    state = _words(event.state)
    if event.cause == "approval":
        return f"The run goes on after approval: it is {state}"
    return _why(f"{actor} continued the run: it is {state}", event.reason)


def _run_failed(event: e.RunFailed, actor: str) -> str:
    where = "" if event.step is None else f" in step {event.step}"
    attempt = "" if event.attempt is None else f" (attempt {event.attempt})"
    why = event.reason if event.error is None else event.error.said
    return _why(f"The run failed{where}{attempt}", why)


def _cancel_requested(event: e.RunCancelRequested, actor: str) -> str:
    how = "at once" if event.force else ""
    return _why(f"{actor} asked to cancel the run {how}".rstrip(), event.reason)


def _run_retried(event: e.RunRetried, actor: str) -> str:
    retry_from = event.retry_from.replace("step:", "step ")
    said = f"{actor} retried the run from {retry_from}: run #{event.new_number}"
    return _why(said, event.reason)


def _run_timed_out(event: e.RunTimedOut, actor: str) -> str:
    return f"The run took longer than {in_words(event.timeout_s)}"


def _step_queued(event: e.StepQueued, actor: str) -> str:
    attempt = "" if event.attempt is None else f" for attempt {event.attempt}"
    return f"Step {event.step} was queued{attempt}{_iteration(event)}"


def _step_completed(event: e.StepCompleted, actor: str) -> str:
    if event.approved:
        return f"Step {event.step} completed: it was approved"
    return f"Step {event.step} completed{_attempt(event.attempt)}"


def _attempt_failed(event: e.StepAttemptFailed, actor: str) -> str:
    final = "" if event.retryable else ", not to be tried again"
    failed = f"Step {event.step} failed{_attempt(event.attempt)}{final}"
    return _why(failed, event.error.said)


def _retry_scheduled(event: e.StepRetryScheduled, actor: str) -> str:
    again = f"Step {event.step} will be tried again: attempt {event.attempt}"
    return f"{again}{_not_before(event)}"


def _requeued(event: j.StepRequeued, actor: str) -> str:
    again = f"Step {event.step} was queued again for attempt {event.attempt}"
    return _why(f"{again}{_not_before(event)}", event.reason)


def _not_before(event: e.StepRetryScheduled | j.StepRequeued) -> str:
    if event.available_at is None:
        return ""
    return f", not before {event.available_at:%Y-%m-%d %H:%M:%S} UTC"


def _attempt_lost(event: j.StepAttemptLost, actor: str) -> str:
    attempt = f"attempt {event.attempt} of step {event.step}"
    return f"How {attempt} ended is unknown: its worker was lost"


def _step_timed_out(event: e.StepTimedOut, actor: str) -> str:
    limit = in_words(event.timeout_s)
    return f"Step {event.step} took longer than {limit}{_attempt(event.attempt)}"


def _leased(event: j.JobLeased, actor: str) -> str:
    worker = event.worker if event.worker == actor else f"{event.worker} ({actor})"
    return f"Worker {worker} leased {_job(event)}"


def _job(event: j.JobEvent) -> str:
    return f"the job of step {event.step}{_attempt(event.attempt)}"


def _step_failed(event: e.StepFailed, actor: str) -> str:
    how = " for good" if event.outcome == "failed" else ", its outcome unknown"
    why = "" if event.error is None else event.error.said
    return _why(f"Step {event.step} failed{how}{_attempt(event.attempt)}", why)


def _step_canceled(event: e.StepCanceled, actor: str) -> str:
    unknown = ", its outcome unknown" if event.outcome == "unknown" else ""
    attempt = _attempt(event.attempt)
    return _why(f"Step {event.step} was canceled{attempt}{unknown}", event.reason)


def _step_rejected(event: e.StepRejected, actor: str) -> str:
    return _why(f"Step {event.step} was rejected", event.reason)


def _redo_requested(event: e.StepRedoRequested, actor: str) -> str:
    asked = f"{actor} asked to redo step {event.step} (iteration {event.iteration})"
    if event.because_of is not None:
        asked += f" after review in {event.because_of}"
    return _why(asked, event.feedback)


def _step_reset(event: e.StepReset, actor: str) -> str:
    dropped = "" if event.attempt is None else f"; attempt {event.attempt} is set aside"
    return f"Step {event.step} was reset, since {event.because_of} is redone{dropped}"


def _report_discarded(event: e.StepReportDiscarded, actor: str) -> str:
    told = f"A late report of step {event.step} (attempt {event.attempt})"
    return _why(f"{told}, {_words(event.outcome)}, was discarded", event.reason)


def _noted(event: e.StepNoted, actor: str) -> str:
    return _why(f"Step {event.step}: {event.transition}", event.note)


def _approval_requested(event: e.ApprovalRequested, actor: str) -> str:
    policy = event.policy
    who = [*policy.approvers, *(f"the group {each}" for each in policy.groups)]
    people = ", ".join(who[:5]) or "any approver"
    if len(who) > 5:
        people += f" and {len(who) - 5} more"
    how_many = f", {event.policy.required} of them" * (event.policy.required > 1)
    asked = f"Approval of step {event.step}{_iteration(event)} was asked of {people}"
    return _why(f"{asked}{how_many}", event.summary)


def _decided(event: e.ApprovalDecided, actor: str) -> str:
    place = f" in the place of {event.on_behalf_of}" if event.on_behalf_of else ""
    return _why(f"{actor} {event.decision} step {event.step}{place}", event.comment)


def _delegated(event: e.ApprovalDelegated, actor: str) -> str:
    said = f"{actor} has {event.to} decide about step {event.step} in their place"
    return _why(said, event.comment)


def _reminded(event: e.ApprovalReminded, actor: str) -> str:
    return f"Step {event.step} still waits for approval (reminder {event.nth})"


def _expired(event: e.ApprovalExpired, actor: str) -> str:
    counts = "rejected" if event.counts_as == "reject" else "approved"
    return f"The approval of step {event.step} expired, and so it counts as {counts}"


def _withdrawn(event: e.ApprovalWithdrawn, actor: str) -> str:
    return _why(f"The approval of step {event.step} was withdrawn", event.cause)


SENTENCES: dict[type[Event], Callable[[Any, str], str]] = {
    **BULK,
    WorkflowVersionRegistered: _registered,
    e.RunCreated: _created,
    e.RunQueued: lambda event, actor: "The run was queued",
    e.RunStarted: lambda event, actor: "The run started",
    e.RunPaused: _paused,
    e.RunContinued: _continued,
    e.RunCompleted: lambda event, actor: "The run completed",
    e.RunFailed: _run_failed,
    e.RunCancelRequested: _cancel_requested,
    e.RunCanceled: lambda event, actor: _why("The run was canceled", event.reason),
    e.RunRetried: _run_retried,
    e.StepQueued: _step_queued,
    e.StepStarted: lambda event, actor: (
        f"{actor} started step {event.step}{_attempt(event.attempt)}"
    ),
    e.StepCompleted: _step_completed,
    e.StepAttemptFailed: _attempt_failed,
    e.StepRetryScheduled: _retry_scheduled,
    e.StepFailed: _step_failed,
    e.StepCanceled: _step_canceled,
    e.StepRejected: _step_rejected,
    e.StepRedoRequested: _redo_requested,
    e.StepReset: _step_reset,
    e.StepReportDiscarded: _report_discarded,
    e.StepNoted: _noted,
    e.StepTimedOut: _step_timed_out,
    e.RunTimedOut: _run_timed_out,
    j.StepAttemptLost: _attempt_lost,
    j.StepRequeued: _requeued,
    j.JobLeased: _leased,
    j.JobSucceeded: lambda event, actor: f"{_capital(_job(event))} succeeded",
    j.JobFailed: lambda event, actor: f"{_capital(_job(event))} failed",
    j.JobLost: lambda event, actor: (
        f"{_capital(_job(event))} was lost: its worker was not heard of in time"
    ),
    j.JobCanceled: lambda event, actor: _why(
        f"{_capital(_job(event))} was canceled", event.reason
    ),
    j.JobReleased: lambda event, actor: _why(
        f"{actor} gave back {_job(event)}", event.reason
    ),
    e.ApprovalRequested: _approval_requested,
    e.ApprovalDecided: _decided,
    e.ApprovalWithdrawn: _withdrawn,
    e.ApprovalDelegated: _delegated,
    e.ApprovalReminded: _reminded,
    e.ApprovalExpired: _expired,
}


def _attempt(number: int | None) -> str:
    return "" if number is None else f" (attempt {number})"


def _iteration(event: e.StepEvent) -> str:
    return f", iteration {event.iteration}" if event.iteration > 1 else ""


def _capital(said: str) -> str:
    return said[:1].upper() + said[1:]


def _why(said: str, why: str) -> str:
    """The reason, shortened to one line."""
    line = " ".join(why.split())
    if len(line) > LONGEST:
        line = f"{line[: LONGEST - 1]}…"
    return f"{said}: {line}" if line else said


def _words(state: str) -> str:
    return state.replace("_", " ")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
