"""Putting a run on record that ran elsewhere, and how it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.errors import RunExists
from domain.run.cancel import cancel_step
from domain.run.contents import content
from domain.run.context import Context
from domain.run.events import (
    RunCanceled,
    RunCompleted,
    RunCreated,
    RunFailed,
    StepAttemptFailed,
    StepFailed,
)
from domain.run.guards import name, require_open
from domain.run.observed_steps import last_number, told_step, withdraw_open
from domain.run.state import RunState, StepState

if TYPE_CHECKING:
    from domain.run.commands import EndRun, ObserveRun
    from domain.run.deciding import Decision
    from domain.run.state import Run, StepRun

OPEN = (StepState.QUEUED, StepState.RUNNING, StepState.WAITING)
ENDS = {
    "completed": RunState.COMPLETED,
    "failed": RunState.FAILED,
    "canceled": RunState.CANCELED,
}


def observe_run(decision: Decision, command: ObserveRun) -> None:
    """The run is put on record; the same import again changes nothing."""
    run = decision.run
    context = decision.context
    assert isinstance(context, Context)
    if run.version:
        if _is_the_same(run, command):
            return
        raise RunExists(
            f"{name(run)} is on record under that id already, as "
            f"{run.external_id or 'a run'} of {run.source or 'our own'}, with other "
            "content. Import it under another id."
        )
    decision.record(
        RunCreated(
            workflow=run.definition.name,
            workflow_version=context.workflow_version,
            number=context.number,
            observed=True,
            inputs=content(command.inputs),
            source=command.source,
            external_id=command.external_id,
            source_digest=command.source_digest,
        )
    )


def end_run(decision: Decision, command: EndRun) -> None:
    """How it ended. Steps that are still open are closed as canceled, their attempts'
    outcome unknown; the step that is named as failed is closed as failed.
    """
    run = decision.run
    if run.state is ENDS[command.outcome]:
        return
    require_open(run)
    failed = None
    if command.step is not None:
        failed = told_step(decision, command.step)
        if command.outcome == "failed" and failed.state in OPEN:
            _close_as_failed(decision, failed, command)
    reason = command.reason or f"the run ended there: {command.outcome}"
    for step in tuple(run.steps.values()):
        if step.state in OPEN:
            cancel_step(decision, step, reason, "unknown")
    match command.outcome:
        case "completed":
            decision.record(RunCompleted(duration_us=command.duration_us))
        case "canceled":
            decision.record(
                RunCanceled(reason=command.reason, duration_us=command.duration_us)
            )
        case "failed":
            decision.record(_run_failed(run, command))


def _run_failed(run: Run, command: EndRun) -> RunFailed:
    step = None if command.step is None else run.steps.get(command.step)
    return RunFailed(
        step=command.step,
        attempt=None if step is None else last_number(step) or None,
        error=command.error or (None if step is None else step.error),
        reason=command.reason or ("" if step is None else step.reason),
        duration_us=command.duration_us,
    )


def _close_as_failed(decision: Decision, step: StepRun, command: EndRun) -> None:
    withdraw_open(decision, step, "the step failed")
    running = step.current
    if running is not None and command.error is not None:
        decision.record(
            StepAttemptFailed(
                step=step.name, attempt=running.number, error=command.error
            )
        )
    decision.record(
        StepFailed(
            step=step.name,
            attempt=None if running is None else running.number,
            error=command.error,
            outcome="unknown" if running and command.error is None else "failed",
        )
    )


def _is_the_same(run: Run, command: ObserveRun) -> bool:
    return run.observed and (
        run.source,
        run.external_id,
        run.source_digest,
    ) == (command.source, command.external_id, command.source_digest)
