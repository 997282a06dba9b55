"""From events to the run: ``evolve`` one, ``fold`` many, ``replay`` a stream.

What each event does is in ``evolution_run``, ``evolution_steps``, ``evolution_jobs``
and ``evolution_approvals``; an event that cannot have happened to the run breaks the
fold there and then, so that nothing is built on a history that is not one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.errors import BrokenHistory
from domain.run import (
    events,
    evolution_approvals,
    evolution_jobs,
    evolution_run,
    evolution_steps,
    job_events,
)
from domain.run.state import Run
from domain.run.working_copy import WorkingCopy, broken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from domain.events import By, Event, Recorded
    from domain.workflow.definition import WorkflowDefinition

CHANGES: dict[type[Event], Callable[[WorkingCopy, Any, By], None]] = {
    events.RunCreated: evolution_run.created,
    events.RunQueued: evolution_run.queued,
    events.RunStarted: evolution_run.started,
    events.RunPaused: evolution_run.paused,
    events.RunContinued: evolution_run.continued,
    events.RunCompleted: evolution_run.completed,
    events.RunFailed: evolution_run.failed,
    events.RunCancelRequested: evolution_run.cancel_requested,
    events.RunCanceled: evolution_run.canceled,
    events.RunRetried: evolution_run.retried,
    events.RunTimedOut: evolution_run.timed_out,
    events.StepQueued: evolution_steps.queued,
    events.StepStarted: evolution_steps.started,
    events.StepCompleted: evolution_steps.completed,
    events.StepAttemptFailed: evolution_steps.attempt_failed,
    events.StepRetryScheduled: evolution_steps.retry_scheduled,
    events.StepTimedOut: evolution_steps.timed_out,
    events.StepFailed: evolution_steps.failed,
    events.StepCanceled: evolution_steps.canceled,
    events.StepRejected: evolution_steps.rejected,
    events.StepRedoRequested: evolution_steps.redo_requested,
    events.StepReset: evolution_steps.reset,
    events.StepReportDiscarded: evolution_steps.report_discarded,
    events.StepNoted: evolution_steps.noted,
    job_events.StepAttemptLost: evolution_steps.attempt_lost,
    job_events.StepRequeued: evolution_steps.requeued,
    job_events.JobLeased: evolution_jobs.leased,
    job_events.JobSucceeded: evolution_jobs.succeeded,
    job_events.JobFailed: evolution_jobs.failed,
    job_events.JobLost: evolution_jobs.lost,
    job_events.JobCanceled: evolution_jobs.canceled,
    job_events.JobReleased: evolution_jobs.released,
    events.ApprovalRequested: evolution_approvals.requested,
    events.ApprovalDecided: evolution_approvals.decided,
    events.ApprovalWithdrawn: evolution_approvals.withdrawn,
    events.ApprovalDelegated: evolution_approvals.delegated,
    events.ApprovalReminded: evolution_approvals.reminded,
    events.ApprovalExpired: evolution_approvals.expired,
}
"""One function per event; a dict, since a chain of tests costs more than they do."""

AFTER_THE_END = frozenset({events.RunRetried, events.StepReportDiscarded})
"""All that may still be recorded of a run that is final."""


def evolve(run: Run, event: Event, by: By) -> Run:
    """The run after one more event; the run given stays as it is.

    Raises:
        BrokenHistory: the event cannot have happened to this run.
    """
    return fold(run, ((event, by),))


def fold(run: Run, events: Iterable[tuple[Event, By]]) -> Run:
    """The run after these events: one copy, then fast. The run given stays as it is.

    Raises:
        BrokenHistory: one of them cannot have happened to this run.
    """
    copy = WorkingCopy(run)
    for event, by in events:
        apply(copy, event, by)
    return copy.run


def replay(definition: WorkflowDefinition, recorded: Iterable[Recorded]) -> Run:
    """The run that a stream, read from its first event, tells of.

    Raises:
        BrokenHistory: an event is missing, or cannot have happened to this run.
    """
    return fold(Run(definition), _in_order(recorded))


def apply(copy: WorkingCopy, event: Event, by: By) -> None:
    """One event, onto a run that nobody else holds yet."""
    run = copy.run
    change = CHANGES.get(type(event))
    if change is None:
        broken(event, "it is no event of a run")
    if not run.version and type(event) is not events.RunCreated:
        broken(event, "the run does not exist yet")
    if run.ended_at is not None and type(event) not in AFTER_THE_END:
        broken(event, f"the run is {run.state} for good")
    change(copy, event, by)
    run.version += 1


def _in_order(recorded: Iterable[Recorded]) -> Iterator[tuple[Event, By]]:
    for version, each in enumerate(recorded, start=1):
        if each.version != version:
            raise BrokenHistory(
                f"Event {version} of stream {each.stream_id} is missing: "
                f"the next one there is has version {each.version}."
            )
        yield each.event, each.by
