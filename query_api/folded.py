"""A folded run as the rows that the read tables would hold of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from domain.run.state import StepState

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from domain.run.state import Run, StepRun

Row = dict[str, Any]

ACTIVE = (StepState.RUNNING, StepState.QUEUED, StepState.WAITING)
MAX_ACTIVE = 20


def run_row(run: Run, run_id: UUID, position: int) -> Row:
    counts = Counter(step.state.value for step in run.steps.values())
    cause = run.cause
    return {
        "run_id": run_id,
        "workflow": run.workflow,
        "workflow_version": run.workflow_version,
        "number": run.number,
        "state": run.state.value,
        "observed": run.observed,
        "source": run.source,
        "external_id": run.external_id,
        "created_at": run.created_at,
        "created_by": run.created_by,
        "started_at": run.started_at,
        "ended_at": run.ended_at,
        "changed_at": run.changed_at,
        "duration_us": run.duration_us,
        "held": run.held,
        "waiting": run.waiting,
        "cancel_requested": run.cancel_requested is not None,
        "cause": None if cause is None else plain(cause),
        "step_counts": dict(counts),
        "active_steps": [
            step.name for step in run.steps.values() if step.state in ACTIVE
        ][:MAX_ACTIVE],
        "retry_of": run.retry_of,
        "root_run": run.root_run,
        "retry_from": run.retry_from,
        "retries": list(run.retries),
        "other_inputs": run.other_inputs,
        "version": run.version,
        "position": position,
        "degraded": False,
    }


def step_rows(run: Run) -> list[Row]:
    return [_step_row(step) for step in run.steps.values()]


def job_rows(run: Run) -> list[Row]:
    return [
        {"step": step.name, **job._asdict()}
        for step in run.steps.values()
        for job in step.jobs
    ]


def _step_row(step: StepRun) -> Row:
    return {
        "step": step.name,
        "state": step.state.value,
        "iteration": step.iteration,
        "attempts": [plain(one) for one in step.attempts],
        "approvals": [plain(one) for one in step.approvals],
        "output": None if step.output is None else step.output.model_dump(),
        "error": None if step.error is None else step.error.model_dump(),
        "reason": step.reason,
        "actor": step.actor,
        "changed_at": step.changed_at,
        "queued_at": step.queued_at,
        "available_at": step.available_at,
        "started_at": step.attempts[0].started_at if step.attempts else None,
        "ended_at": step.attempts[-1].ended_at if step.attempts else None,
        "duration_us": step.duration_us,
        "carried_from": step.carried_from,
    }


def plain(value: Any) -> Row:
    """A dataclass of the state, with the models inside it, as dicts."""
    found: Mapping[str, Any] = asdict(value)
    return {
        name: each.model_dump() if isinstance(each, BaseModel) else each
        for name, each in found.items()
    }
