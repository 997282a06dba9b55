"""What happens to a workflow."""

from __future__ import annotations

from typing import ClassVar

from domain.events import Event
from domain.ids import Name
from domain.workflow.definition import WorkflowDefinition


class WorkflowVersionRegistered(Event):
    """A definition became the workflow's newest version, for good."""

    topic: ClassVar[str] = "workflow.version.registered"

    name: Name
    version: int
    definition: WorkflowDefinition
    digest: str
