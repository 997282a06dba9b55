"""Whether the schemas that a workflow declares are schemas.

Asked once, before a definition is recorded; not when an event is read, since what is
recorded must stay readable whatever a later version of the library thinks of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain import schemas
from domain.errors import SchemaInvalid

if TYPE_CHECKING:
    from domain.schemas import Misfit
    from domain.workflow.definition import WorkflowDefinition
    from domain.workflow.policy import ApprovalPolicy


def require_sound_schemas(definition: WorkflowDefinition) -> None:
    """Of inputs and forms.

    Raises:
        SchemaInvalid: one is not sound; ``errors`` names each place.
    """
    found: list[Misfit] = []
    if definition.input_schema is not None:
        found += schemas.flaws(definition.input_schema, "#/input_schema")
    for place, step in enumerate(definition.steps):
        if step.approval is not None and step.approval.form is not None:
            root = f"#/steps/{place}/approval/form"
            found += schemas.flaws(step.approval.form, root)
    _require_none(found)


def require_sound_policy(policy: ApprovalPolicy | None) -> None:
    """Of a policy that comes with a question.

    Raises:
        SchemaInvalid: its form is not sound; ``errors`` names each place.
    """
    if policy is not None and policy.form is not None:
        _require_none(schemas.flaws(policy.form, "#/policy/form"))


def _require_none(found: list[Misfit]) -> None:
    if found:
        raise SchemaInvalid(
            f"This is no JSON Schema to go by: {schemas.said(found)}.",
            errors=schemas.told(found[: schemas.MAX_ERRORS]),
        )
