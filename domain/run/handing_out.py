"""What a worker is given with a job: a function of the run as it is folded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.run.contents import INLINE_BYTES, canonical_json, content_digest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from uuid import UUID

    from pydantic import JsonValue

    from domain.run.events import Content
    from domain.run.state import Approval, Run, StepRun

    Value = Callable[[Content | None], JsonValue]
    """The value of a content, wherever it lies."""


def needed_contents(run: Run, step: str) -> Iterator[Content]:
    """Those that lie apart and that the job of a step is given."""
    needs = run.definition.by_name[step].needs
    for found in (run.inputs, *(run.steps[need].output for need in needs)):
        if found is not None and found.digest is not None:
            yield found


def handed_out(run_id: UUID, run: Run, name: str, value: Value) -> dict[str, Any]:
    """The job that a worker has just leased, as JSON."""
    step = run.steps[name]
    definition = run.definition.by_name[name]
    job = step.jobs[-1]
    given: dict[str, Any] = {
        "run_id": str(run_id),
        "workflow": run.workflow,
        "workflow_version": run.workflow_version,
        "number": run.number,
        "step": name,
        "iteration": job.iteration,
        "attempt": job.attempt,
        "lease": str(job.lease),
        "lease_s": job.lease_s,
        "timeout_s": definition.timeout_s,
        "effects": definition.effects,
        "retry_of": None if run.retry_of is None else str(run.retry_of),
        "inputs": value(run.inputs),
        "outputs": {need: value(run.steps[need].output) for need in definition.needs},
        "approvals": {
            need: _decisions(approvals[-1])
            for need in definition.needs
            if (approvals := run.steps[need].approvals)
        },
        "feedback": _feedback(step),
        "earlier": list(_earlier(step)) if step.iteration > 1 else [],
    }
    return given


def _feedback(step: StepRun) -> str | None:
    """Of the redo that led to this iteration."""
    for redo in reversed(step.redos):
        if redo.iteration == step.iteration:
            return redo.feedback
    return None


def _earlier(step: StepRun) -> Iterator[dict[str, Any]]:
    """The iterations before this one, oldest first, as far as they came to anything."""
    for iteration in range(1, step.iteration):
        attempts = [one for one in step.attempts if one.iteration == iteration]
        approvals = [one for one in step.approvals if one.iteration == iteration]
        output = next((one.output for one in reversed(attempts) if one.output), None)
        approval = approvals[-1] if approvals else None
        if output is None and approval is not None:
            output = approval.subject
        if not attempts and approval is None:
            continue
        yield {
            "iteration": iteration,
            "output": _small(output),
            "summary": "" if approval is None else approval.summary,
            "decisions": [] if approval is None else _decisions(approval),
        }


def _small(found: Content | None) -> JsonValue:
    """The value, or, where it is large, what tells it from others."""
    if found is None:
        return None
    if found.digest is not None:
        return {"digest": found.digest, "size": found.size}
    size = len(canonical_json(found.value))
    if size > INLINE_BYTES:
        return {"digest": content_digest(found), "size": size}
    return found.value


def _decisions(approval: Approval) -> list[JsonValue]:
    return [
        {
            "actor": each.actor,
            "decision": each.decision,
            "at": each.at.isoformat(),
            "comment": each.comment,
            "form": each.form,
        }
        for each in approval.decisions
    ]
