"""What people are asked about, and the digest that pins it down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.run.contents import content_digest, digest
from domain.run.events import ApprovalRequested, Content
from domain.workflow.policy import ApprovalPolicy

if TYPE_CHECKING:
    from pydantic import JsonValue

    from domain.run.deciding import Decision
    from domain.run.state import Run
    from domain.workflow.definition import StepDefinition


def subject_digest(subject: Content | None, summary: str, iteration: int) -> str:
    """SHA-256 over what a person is shown; the same whether or not it lies apart."""
    return digest(
        {"subject": content_digest(subject), "summary": summary, "iteration": iteration}
    )


def ask_about_needs(decision: Decision, definition: StepDefinition) -> None:
    """An approval step's question: may the run go on from what it needs?"""
    step = decision.run.steps[definition.name]
    subject = subject_of_needs(decision.run, definition)
    decision.record(
        ApprovalRequested(
            step=step.name,
            iteration=step.iteration,
            policy=definition.approval or ApprovalPolicy(),
            subject=subject,
            subject_digest=subject_digest(subject, "", step.iteration),
        )
    )


def subject_of_needs(run: Run, definition: StepDefinition) -> Content:
    """The outputs of the needed steps, by step; a large one by its digest."""
    outputs: dict[str, JsonValue] = {}
    for need in definition.needs:
        output = run.steps[need].output
        if output is None or output.digest is None:
            outputs[need] = None if output is None else output.value
        else:
            outputs[need] = {"digest": output.digest, "size": output.size}
    return Content(value=outputs)
