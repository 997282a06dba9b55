"""Read model: one row per run with a character per step, for the history matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from domain.run.state import StepRun
    from projections.batch import Batch, RunChange
    from projections.read_model import Row

NAME = "matrix"

CARRIED, APPROVAL, REDONE, TRIED_AGAIN = 1, 2, 4, 8

MOST_ATTEMPTS = 32_767
"""What a smallint holds; nobody reads such a number anyway."""


def rows(batch: Batch) -> list[Row]:
    return [_row(change) for change in batch.runs]


def _row(change: RunChange) -> Row:
    run = change.after
    steps = run.steps.values()
    attempts = [len(step.attempts) for step in steps]
    if attempts and max(attempts) > MOST_ATTEMPTS:
        attempts = [min(count, MOST_ATTEMPTS) for count in attempts]
    return {
        "run_id": change.run_id,
        "namespace": change.namespace,
        "workflow": run.workflow,
        "workflow_version": run.workflow_version,
        "number": run.number,
        "state": run.state,
        "created_at": run.created_at,
        "ended_at": run.ended_at,
        "duration_us": run.duration_us,
        "retry_of": run.retry_of,
        # A run begins with the definition's steps in their order, and only a run
        # whose graph is unknown gets others.
        "steps": (None if len(steps) == len(run.definition.steps) else list(run.steps)),
        "cells": change.cells,
        "durations": [_duration_us(step) if step.attempts else None for step in steps],
        "attempts": attempts,
        "flags": _flags(steps, attempts),
        "version": change.last.version,
        "position": change.last.position,
    }


def _duration_us(step: StepRun) -> int | None:
    attempts = step.attempts
    return attempts[0].duration_us if len(attempts) == 1 else step.duration_us


def _flags(steps: Iterable[StepRun], attempts: Iterable[int]) -> str:
    return "".join(
        [
            format(
                (CARRIED if step.carried_from is not None else 0)
                | (APPROVAL if step.approvals else 0)
                | (REDONE if step.iteration > 1 else 0)
                | (TRIED_AGAIN if tries > 1 else 0),
                "x",
            )
            if tries > 1
            or step.approvals
            or step.iteration > 1
            or step.carried_from is not None
            else "0"
            for step, tries in zip(steps, attempts, strict=True)
        ]
    )
