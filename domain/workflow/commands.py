"""What may be asked of a workflow."""

from __future__ import annotations

from typing import ClassVar, Literal

from domain.commands import Command
from domain.workflow.definition import WorkflowDefinition


class RegisterWorkflow(Command):
    """Make this definition the newest version; the same one again changes nothing."""

    role: ClassVar[str] = "worker"

    type: Literal["register_workflow"] = "register_workflow"
    definition: WorkflowDefinition
