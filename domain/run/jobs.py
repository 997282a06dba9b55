"""What becomes of jobs, beside what reports of their attempts bring about.

Leasing and losing are asked for by the service itself: each names the job so exactly
that, late or told twice, it does nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.errors import WrongState
from domain.run.cancel import cancel_step
from domain.run.events import StepStarted
from domain.run.guards import find_step, name
from domain.run.job_events import (
    JobLeased,
    JobLost,
    JobReleased,
    StepAttemptLost,
    StepRequeued,
)
from domain.run.late_reports import job_to_end
from domain.run.settling import drained_by, settle
from domain.run.state_rule import say_state
from domain.run.tries import available_after, end_attempt, losses, repeatable

if TYPE_CHECKING:
    from uuid import UUID

    from domain.run.commands import ReleaseJob, StopJob
    from domain.run.deciding import Decision
    from domain.run.own_commands import LeaseJob, LeaseQueued, LoseJob
    from domain.run.state import StepRun


def lease_job(decision: Decision, command: LeaseJob) -> None:
    """The caller's worker has the job, and its attempt starts.

    Nothing where the job is somebody else's by now, or not there, or held back. Whether
    it is time for it is not asked: whoever leases goes by the clock of the database.
    """
    run = decision.run
    step = run.steps.get(command.step)
    job = None if step is None else step.open_job
    if run.held or step is None or job is None or job.state != "queued":
        return
    if (job.iteration, job.attempt) != (command.iteration, command.attempt):
        return
    _lease(decision, step, command.lease, command)
    say_state(decision)


def lease_queued(decision: Decision, command: LeaseQueued) -> None:
    """Lease what the commands before this one have queued, in definition order.

    Nobody else has heard of these jobs yet. Whatever was queued earlier is left to
    those who wait for it; so is what may only be leased later.
    """
    run = decision.run
    if run.held or run.final or run.workflow not in command.workflows:
        return
    leases = iter(command.leases)
    for step in tuple(run.steps.values()):
        job = step.open_job
        if (
            job is None
            or job.state != "queued"
            # One request has one moment.
            or job.queued_at != decision.by.at
            or job.available_at is not None
            or job.queue != command.queue
            or not command.capabilities.issuperset(
                run.definition.by_name[step.name].requires
            )
        ):
            continue
        lease = next(leases, None)
        if lease is None:
            break
        _lease(decision, step, lease, command)
    say_state(decision)


def _lease(
    decision: Decision, step: StepRun, lease: UUID, command: LeaseJob | LeaseQueued
) -> None:
    job = step.jobs[-1]
    decision.record(
        JobLeased(
            step=step.name,
            iteration=job.iteration,
            attempt=job.attempt,
            lease=lease,
            worker=command.worker,
            lease_s=command.lease_s,
        )
    )
    decision.record(
        StepStarted(step=step.name, iteration=job.iteration, attempt=job.attempt)
    )


def lose_job(decision: Decision, command: LoseJob) -> None:
    """The lease ran out: nobody knows what became of the attempt.

    The step is tried again by itself only where that can do no harm. A loss uses up
    no attempt; it has a budget of its own, since a job may be what kills its workers.
    """
    run = decision.run
    step = run.steps.get(command.step)
    job = None if step is None else step.open_job
    if step is None or job is None or job.lease != command.lease:
        return
    decision.record(
        JobLost(step=step.name, iteration=job.iteration, attempt=job.attempt)
    )
    definition = run.definition.by_name[step.name]
    end_attempt(
        decision,
        step,
        StepAttemptLost(step=step.name, iteration=job.iteration, attempt=job.attempt),
        again=repeatable(definition) and losses(step) < definition.max_losses,
    )


def release_job(decision: Decision, command: ReleaseJob) -> None:
    """Its worker gives it back: another one may take it. That uses up no attempt.

    Raises:
        NotYourJob: the lease is not of that attempt, or another caller's.
    """
    run = decision.run
    step = find_step(run, command.step)
    attempt = job_to_end(decision, step, command)
    if attempt is None:
        return
    decision.record(
        JobReleased(
            step=step.name,
            iteration=step.iteration,
            attempt=attempt.number,
            reason=command.reason,
        )
    )
    if run.cancel_requested is not None or drained_by(run) is not None:
        why = command.reason or "its worker gave it back, and nothing new is started"
        cancel_step(decision, step, why)
    else:
        decision.record(
            StepRequeued(
                step=step.name,
                iteration=step.iteration,
                attempt=attempt.number + 1,
                available_at=available_after(decision, command.delay_s),
                reason=command.reason,
            )
        )
    settle(decision)


def stop_job(decision: Decision, command: StopJob) -> None:
    """A worker has stopped, since the run is to be canceled.

    Raises:
        WrongState: nobody asked it to stop.
        NotYourJob: the lease is not of that attempt, or another caller's.
    """
    run = decision.run
    step = find_step(run, command.step)
    attempt = job_to_end(decision, step, command)
    if attempt is None:
        return
    asked = run.cancel_requested
    if asked is None:
        raise WrongState(
            f"Nobody asked to cancel {name(run, 'run')}: release the job of step "
            f"{step.name!r}, or report how it failed.",
            step=step.name,
            attempt=attempt.number,
        )
    cancel_step(decision, step, command.reason or asked.reason)
    settle(decision)
