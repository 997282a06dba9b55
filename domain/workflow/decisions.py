"""What the rules make of a workflow's registration. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.workflow.events import WorkflowVersionRegistered
from domain.workflow.soundness import require_sound_schemas

if TYPE_CHECKING:
    from domain.events import Event
    from domain.workflow.commands import RegisterWorkflow


def register_workflow(
    newest: WorkflowVersionRegistered | None, command: RegisterWorkflow
) -> list[Event]:
    """The definition becomes the next version; the newest one again changes nothing.

    Raises:
        SchemaInvalid: a schema that it declares is none.
    """
    definition = command.definition
    if newest is not None and newest.digest == definition.digest:
        return []
    require_sound_schemas(definition)
    return [
        WorkflowVersionRegistered(
            name=definition.name,
            version=1 if newest is None else newest.version + 1,
            definition=definition,
            digest=definition.digest,
        )
    ]
