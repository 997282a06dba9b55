"""What each event does to a step's jobs. The step itself is left as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.run.state import Job
from domain.run.working_copy import broken

if TYPE_CHECKING:
    from typing import Literal

    from domain.events import By
    from domain.run.events import StepQueued, StepRetryScheduled
    from domain.run.job_events import (
        JobCanceled,
        JobEvent,
        JobFailed,
        JobLeased,
        JobLost,
        JobReleased,
        JobSucceeded,
        StepRequeued,
    )
    from domain.run.state import StepRun
    from domain.run.working_copy import WorkingCopy


def queue_job(
    copy: WorkingCopy,
    step: StepRun,
    event: StepQueued | StepRetryScheduled | StepRequeued,
    by: By,
) -> None:
    """A job for workers, where the step has a queue."""
    run = copy.run
    definition = run.definition.by_name.get(step.name)
    if definition is None or definition.queue is None or run.observed:
        return
    if event.attempt is None:
        broken(event, "it does not say for which attempt")
    if step.open_job is not None:
        broken(event, f"it has a job that is {step.jobs[-1].state}")
    step.jobs = (
        *step.jobs,
        Job(
            step.iteration,
            event.attempt,
            definition.queue,
            "queued",
            by.at,
            event.available_at,
        ),
    )


def leased(copy: WorkingCopy, event: JobLeased, by: By) -> None:
    step = copy.step(event)
    job = _open(step, event)
    if job.state != "queued":
        broken(event, f"the job is {job.state}")
    leased_one = Job(
        job.iteration,
        job.attempt,
        job.queue,
        "leased",
        job.queued_at,
        job.available_at,
        event.lease,
        event.worker,
        by.actor,
        event.lease_s,
        by.at,
    )
    step.jobs = (*step.jobs[:-1], leased_one)


def succeeded(copy: WorkingCopy, event: JobSucceeded, by: By) -> None:
    _end_lease(copy, event, "succeeded", by)


def failed(copy: WorkingCopy, event: JobFailed, by: By) -> None:
    _end_lease(copy, event, "failed", by)


def lost(copy: WorkingCopy, event: JobLost, by: By) -> None:
    _end_lease(copy, event, "lost", by)


def released(copy: WorkingCopy, event: JobReleased, by: By) -> None:
    _end_lease(copy, event, "released", by, event.reason)


def canceled(copy: WorkingCopy, event: JobCanceled, by: By) -> None:
    step = copy.step(event)
    _end(step, _open(step, event), "canceled", by, event.reason)


def _end_lease(
    copy: WorkingCopy,
    event: JobEvent,
    state: Literal["succeeded", "failed", "lost", "released"],
    by: By,
    reason: str = "",
) -> None:
    step = copy.step(event)
    job = _open(step, event)
    if job.state != "leased":
        broken(event, f"the job is {job.state}")
    _end(step, job, state, by, reason)


def _open(step: StepRun, event: JobEvent) -> Job:
    job = step.open_job
    if job is None or job.attempt != event.attempt or job.iteration != event.iteration:
        broken(event, f"no job for attempt {event.attempt} is queued or leased")
    return job


def _end(
    step: StepRun,
    job: Job,
    state: Literal["succeeded", "failed", "lost", "canceled", "released"],
    by: By,
    reason: str,
) -> None:
    ended = job._replace(state=state, ended_at=by.at, reason=reason)
    step.jobs = (*step.jobs[:-1], ended)
