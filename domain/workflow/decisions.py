"""What the rules make of a workflow's registration. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.workflow.events import WorkflowVersionRegistered

if TYPE_CHECKING:
    from domain.events import Event
    from domain.workflow.commands import RegisterWorkflow


def register_workflow(
    newest: WorkflowVersionRegistered | None, command: RegisterWorkflow
) -> list[Event]:
    """The definition becomes the next version; the newest one again changes nothing."""
    definition = command.definition
    if newest is not None and newest.digest == definition.digest:
        return []
    return [
        WorkflowVersionRegistered(
            name=definition.name,
            version=1 if newest is None else newest.version + 1,
            definition=definition,
            digest=definition.digest,
        )
    ]
