"""May a step run again without harm? Said before a retry or a redo, and recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from domain.ids import RunId
    from domain.run.events import StepVerdict
    from domain.run.state import Run
    from domain.workflow.definition import WorkflowDefinition


def retry_safety(
    old: Run, run_id: RunId, retry_from: str, definition: WorkflowDefinition
) -> tuple[StepVerdict, ...]:
    """One verdict for each step that a retry would run, in definition order."""
    raise NotImplementedError


def redo_safety(run: Run, step: str) -> tuple[StepVerdict, ...]:
    """One verdict for each step that a redo of ``step`` would run again."""
    raise NotImplementedError
