"""Read model: one row per run."""

from __future__ import annotations

from itertools import compress, islice
from typing import TYPE_CHECKING

from projections.batch import CELLS

if TYPE_CHECKING:
    from projections.batch import Batch, RunChange
    from projections.read_model import Row

NAME = "runs"

ACTIVE = frozenset("rqw")
"""Cells of steps that are running, queued or waiting."""

STATES = {cell: state.value for state, cell in CELLS.items()}

MOST_ACTIVE = 20


def rows(batch: Batch) -> list[Row]:
    return [_row(change) for change in batch.runs]


def _row(change: RunChange) -> Row:
    run, cells = change.after, change.cells
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
        "step_counts": {STATES[cell]: cells.count(cell) for cell in set(cells)},
        "active_steps": list(
            islice(compress(run.steps, map(ACTIVE.__contains__, cells)), MOST_ACTIVE)
        ),
        "retry_of": run.retry_of,
        "root_run": run.root_run,
        "retry_from": run.retry_from,
        "retries": run.retries,
        "version": change.last.version,
        "position": change.last.position,
        "other_inputs": run.other_inputs,
    }
