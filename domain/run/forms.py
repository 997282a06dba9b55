"""What people and callers fill in, held against the schemas of the workflow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain import schemas
from domain.errors import FormInvalid, InputsInvalid

if TYPE_CHECKING:
    from pydantic import JsonValue

    from domain.workflow.definition import WorkflowDefinition
    from domain.workflow.policy import ApprovalPolicy


def require_inputs(definition: WorkflowDefinition, inputs: JsonValue) -> None:
    """For whoever gives a run its inputs; those that a retry takes over were checked.

    Raises:
        InputsInvalid: they do not fit; ``errors`` names each place.
    """
    if definition.input_schema is None:
        return
    if found := schemas.misfits(definition.input_schema, inputs, "#/inputs"):
        raise InputsInvalid(
            f"The inputs do not fit what {definition.name} takes: "
            f"{schemas.said(found)}.",
            errors=schemas.told(found),
        )


def require_form(
    step: str, policy: ApprovalPolicy, form: JsonValue, *, needed: bool
) -> None:
    """``needed``: it must be there. What is there must fit in any case.

    Raises:
        FormInvalid: it does not fit; ``errors`` names each place.
    """
    if policy.form is None:
        if form is None:
            return
        found = [schemas.Misfit("#/form", "Nothing is asked for: leave it out")]
    elif form is None and not needed:
        return
    else:
        found = schemas.misfits(policy.form, form, "#/form")
    if found:
        raise FormInvalid(
            f"The form of step {step!r} is not filled in as it should be: "
            f"{schemas.said(found)}.",
            errors=schemas.told(found),
            step=step,
        )
