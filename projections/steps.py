"""Read model: one row per step of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from domain.run.state import Run, StepRun
    from projections.batch import Batch, Mark, RunChange
    from projections.read_model import Row

NAME = "steps"


def rows(batch: Batch) -> list[Row]:
    found: list[Row] = []
    for change in batch.runs:
        ordinals = _ordinals(change.after)
        found.extend(
            _row(change, step, mark, ordinals[step.name])
            for step, mark in change.touched()
        )
    return found


def _ordinals(run: Run) -> dict[str, int]:
    """Place of each step: the definition's order, then as they were first told."""
    known = run.definition.ordinals
    if len(known) == len(run.steps):
        return known
    return {name: place for place, name in enumerate(run.steps)}


def _row(change: RunChange, step: StepRun, mark: Mark, ordinal: int) -> Row:
    run = change.after
    attempts = step.attempts
    return {
        "run_id": change.run_id,
        "step": step.name,
        "namespace": change.namespace,
        "workflow": run.workflow,
        "number": run.number,
        "ordinal": ordinal,
        "state": step.state,
        "iteration": step.iteration,
        "attempt_count": len(attempts),
        "attempts": attempts,
        "approvals": step.approvals,
        "output": step.output,
        "error": step.error,
        "reason": step.reason,
        "actor": step.actor,
        "changed_at": step.changed_at,
        "queued_at": step.queued_at,
        "started_at": attempts[0].started_at if attempts else None,
        "ended_at": attempts[-1].ended_at if attempts else None,
        "duration_us": step.duration_us,
        "carried_from": step.carried_from,
        "version": mark.version,
        "position": mark.position,
        "available_at": step.available_at,
    }
