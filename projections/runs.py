"""Read model: one row per run."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING

from domain.run.state import StepState

if TYPE_CHECKING:
    from projections.batch import Batch, RunChange
    from projections.read_model import Row

NAME = "runs"

ACTIVE = frozenset({StepState.RUNNING, StepState.QUEUED, StepState.WAITING})
MOST_ACTIVE = 20


def rows(batch: Batch) -> list[Row]:
    return [_row(change) for change in batch.runs]


def _row(change: RunChange) -> Row:
    run = change.after
    steps = run.steps.values()
    return {
        "run_id": change.run_id,
        "namespace": change.namespace,
        "workflow": run.workflow,
        "workflow_version": run.workflow_version,
        "number": run.number,
        "state": run.state,
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
        "cause": run.cause,
        "step_counts": {
            state.value: count
            for state, count in Counter([step.state for step in steps]).items()
        },
        "active_steps": list(
            islice((step.name for step in steps if step.state in ACTIVE), MOST_ACTIVE)
        ),
        "retry_of": run.retry_of,
        "root_run": run.root_run,
        "retry_from": run.retry_from,
        "retries": run.retries,
        "version": change.last.version,
        "position": change.last.position,
        "other_inputs": run.other_inputs,
    }
