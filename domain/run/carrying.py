"""Which steps a retry takes over from the old run, and so does not run again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.errors import UnknownStep
from domain.run.approvers import tasks_under_review
from domain.run.events import CarriedStep
from domain.run.guards import listed
from domain.run.state import StepState
from domain.run.subjects import subject_digest, subject_of_needs

if TYPE_CHECKING:
    from domain.ids import RunId
    from domain.run.state import Run, StepRun
    from domain.workflow.definition import StepDefinition, WorkflowDefinition


def carried_steps(
    old: Run,
    run_id: RunId,
    retry_from: str,
    definition: WorkflowDefinition,
    *,
    other_inputs: bool = False,
) -> tuple[CarriedStep, ...]:
    """Completed, defined the same, and built on carried steps alone.

    ``other_inputs``: the new run has others, so that people are asked again. What they
    approved they did with the old ones before them.

    Raises:
        UnknownStep: it is to be from a step that the definition does not have.
    """
    if retry_from == "start":
        return ()
    again = retry_from.removeprefix("step:") if retry_from != "failed" else None
    if again is not None and again not in definition.by_name:
        raise UnknownStep(
            f"Workflow {definition.name} has no step {again!r} in that version. "
            f"It has: {listed(definition.by_name)}."
        )
    carried: set[str] = set()
    left = [s for s in definition.steps if s.name != again and _same(old, s)]
    if other_inputs:
        left = [s for s in left if s.kind != "approval"]
    while True:
        more = [s for s in left if carried.issuperset(s.needs)]
        if not more:
            break
        carried.update(s.name for s in more)
        left = [s for s in left if s.name not in carried]
    barring = _barring(definition)
    return tuple(
        CarriedStep(
            step=name,
            from_run=old.steps[name].carried_from or run_id,
            attempt=_attempt(old, name),
            output=old.steps[name].output,
            output_by=_output_by(old.steps[name]) if name in barring else (),
        )
        for name in definition.by_name
        if name in carried
    )


def _same(old: Run, definition: StepDefinition) -> bool:
    step = old.steps.get(definition.name)
    if step is None or step.state is not StepState.COMPLETED:
        return False
    if old.definition.by_name[definition.name].digest != definition.digest:
        return False
    if definition.kind != "approval" or not step.approvals:
        return True
    asked = step.approvals[-1]
    shown = subject_of_needs(old, definition)
    return asked.subject_digest == subject_digest(shown, asked.summary, asked.iteration)


def _barring(definition: WorkflowDefinition) -> set[str]:
    """Tasks whose authors may not decide about them, where people are asked again."""
    return {
        task
        for step in definition.steps
        if step.approval is not None and step.approval.not_own
        for task in tasks_under_review(definition, step.name)
    }


def _output_by(step: StepRun) -> tuple[str, ...]:
    """Who reported its output, and who asked for the redo that led to it."""
    asked = (r.actor for r in step.redos[-1:] if not r.after_rejection)
    return tuple(dict.fromkeys((*step.output_by, *asked)))


def _attempt(old: Run, name: str) -> int | None:
    attempts = old.steps[name].attempts
    return attempts[-1].number if attempts else None
