"""Read model: one row per job: what a worker was, is or will be given to carry out."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from domain.run.events import Failure
    from domain.run.state import Attempt, Job, StepRun
    from projections.batch import Batch, Mark, RunChange
    from projections.read_model import Row

NAME = "jobs"

MOST_SAID = 500
"""Characters of an error that its job shows; the step's attempt has all of it."""


def rows(batch: Batch) -> list[Row]:
    found: list[Row] = []
    for change in batch.runs:
        for (name, iteration, attempt), mark in change.attempts.items():
            step = change.after.steps[name]
            job = _job(step, iteration, attempt)
            if job is not None:
                found.append(_row(change, step, job, mark))
    return found


def _job(step: StepRun, iteration: int, attempt: int) -> Job | None:
    for job in reversed(step.jobs):
        if job.attempt == attempt and job.iteration == iteration:
            return job
    return None  # a service carries the step out itself


def _row(change: RunChange, step: StepRun, job: Job, mark: Mark) -> Row:
    run = change.after
    attempt = _attempt(step, job)
    return {
        "run_id": change.run_id,
        "step": step.name,
        "iteration": job.iteration,
        "attempt": job.attempt,
        "namespace": change.namespace,
        "workflow": run.workflow,
        "number": run.number,
        "queue": job.queue,
        "state": job.state,
        "worker": job.worker,
        "principal": job.principal,
        "lease_s": job.lease_s,
        "queued_at": job.queued_at,
        "available_at": job.available_at,
        "leased_at": job.leased_at,
        "ended_at": job.ended_at,
        "reason": job.reason,
        "outcome": None if attempt is None else _outcome(job, attempt),
        "error": None if attempt is None else _said(attempt.error),
        "version": mark.version,
        "position": mark.position,
    }


def _attempt(step: StepRun, job: Job) -> Attempt | None:
    """The attempt that it carries out; none before it is leased."""
    if job.leased_at is None:
        return None
    for attempt in reversed(step.attempts):
        if attempt.number == job.attempt:
            return attempt
    return None


def _outcome(job: Job, attempt: Attempt) -> str:
    # What ends a released attempt is the event that queues the next one, and names
    # that: the row of this one is not written again.
    return "released" if job.state == "released" else attempt.outcome


def _said(error: Failure | None) -> str | None:
    if error is None:
        return None
    return error.said.strip().partition("\n")[0][:MOST_SAID]
