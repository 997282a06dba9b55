"""What each event does to the run as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.run.state import Cause, RunState, StepRun, StepState
from domain.run.times import duration_us
from domain.run.working_copy import broken

if TYPE_CHECKING:
    from domain.events import By
    from domain.run.events import (
        RunCanceled,
        RunCancelRequested,
        RunCompleted,
        RunContinued,
        RunCreated,
        RunFailed,
        RunPaused,
        RunQueued,
        RunRetried,
        RunStarted,
        RunTimedOut,
    )
    from domain.run.working_copy import WorkingCopy


def created(copy: WorkingCopy, event: RunCreated, by: By) -> None:
    run = copy.run
    if run.version:
        broken(event, "there is such a run already")
    run.workflow = event.workflow
    run.workflow_version = event.workflow_version
    run.number = event.number
    run.observed = event.observed
    run.inputs = event.inputs
    run.source = event.source
    run.external_id = event.external_id
    run.source_digest = event.source_digest
    run.retry_of = event.retry_of
    run.root_run = event.root_run
    run.retry_from = event.retry_from
    run.other_inputs = event.other_inputs
    run.verdicts = {verdict.step: verdict for verdict in event.verdicts}
    run.created_at = run.changed_at = by.at
    run.created_by = by.actor
    run.state = RunState.CREATED
    for definition in run.definition.steps:
        copy.add(StepRun(definition.name))
    for carried in event.carried:
        if carried.step not in run.steps:
            broken(event, f"it carries {carried.step!r}, which is no step")
        copy.add(
            StepRun(
                carried.step,
                StepState.COMPLETED,
                changed_at=by.at,
                output=carried.output,
                output_by=carried.output_by,
                actor=by.actor,
                carried_from=carried.from_run,
            )
        )


def queued(copy: WorkingCopy, event: RunQueued, by: By) -> None:
    run = copy.run
    if run.queued_at is not None:
        broken(event, "the run was queued before")
    run.queued_at = by.at
    _enter(copy, RunState.QUEUED, by)


def started(copy: WorkingCopy, event: RunStarted, by: By) -> None:
    run = copy.run
    if run.started_at is not None:
        broken(event, "the run was started before")
    run.started_at = by.at
    run.waiting = False
    _enter(copy, RunState.RUNNING, by)


def paused(copy: WorkingCopy, event: RunPaused, by: By) -> None:
    run = copy.run
    if event.cause == "approval":
        run.waiting = True
        _enter(copy, RunState.WAITING, by)
        return
    if run.held:
        broken(event, "the run is held already")
    run.held = True
    run.cause = Cause(by.actor, event.reason)
    _enter(copy, RunState.PAUSED, by)


def continued(copy: WorkingCopy, event: RunContinued, by: By) -> None:
    run = copy.run
    if event.cause == "operator":
        if not run.held:
            broken(event, "the run is not held")
        run.held = False
        run.cause = None
    elif not run.waiting:
        broken(event, "the run does not wait for approval")
    state = RunState(event.state)
    run.waiting = state is RunState.WAITING
    if state is RunState.QUEUED and run.queued_at is None:
        run.queued_at = by.at
    _enter(copy, state, by)


def cancel_requested(copy: WorkingCopy, event: RunCancelRequested, by: By) -> None:
    copy.run.cancel_requested = Cause(by.actor, event.reason)


def completed(copy: WorkingCopy, event: RunCompleted, by: By) -> None:
    copy.run.cause = None
    _end(copy, RunState.COMPLETED, event.duration_us, by)


def failed(copy: WorkingCopy, event: RunFailed, by: By) -> None:
    step = None if event.step is None else copy.run.steps.get(event.step)
    actor = by.actor if step is None else step.actor or by.actor
    copy.run.cause = Cause(actor, event.reason, event.step, event.attempt, event.error)
    _end(copy, RunState.FAILED, event.duration_us, by)


def canceled(copy: WorkingCopy, event: RunCanceled, by: By) -> None:
    asked = copy.run.cancel_requested
    # The last event of a run that waited for its workers is one of theirs.
    actor = by.actor if asked is None else asked.actor
    copy.run.cause = Cause(actor, event.reason)
    _end(copy, RunState.CANCELED, event.duration_us, by)


def retried(copy: WorkingCopy, event: RunRetried, by: By) -> None:
    if not copy.run.final:
        broken(event, "the run is not over")
    copy.run.retries = (*copy.run.retries, event.new_run)


def timed_out(copy: WorkingCopy, event: RunTimedOut, by: By) -> None:
    """RunFailed says what it leads to."""


def _enter(copy: WorkingCopy, state: RunState, by: By) -> None:
    copy.run.state = state
    copy.run.changed_at = by.at


def _end(copy: WorkingCopy, state: RunState, told_us: int | None, by: By) -> None:
    run = copy.run
    run.held = run.waiting = False
    run.ended_at = by.at
    run.duration_us = duration_us(run.created_at, by.at) if told_us is None else told_us
    _enter(copy, state, by)
