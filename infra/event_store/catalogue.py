"""Workflow versions from the log: event *n* of a workflow's stream is version *n*."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from domain.errors import UnknownWorkflow
from domain.ids import workflow_stream
from domain.workflow.events import WorkflowVersionRegistered
from infra.event_store.numbers import unknown_workflow

if TYPE_CHECKING:
    from domain.workflow.definition import WorkflowDefinition
    from infra.event_store.log import LogReader

MAX_STEPS = 50_000
"""Steps of all definitions in memory together; one has up to 2,000."""


class StoredCatalogue:
    """Definitions never change, so one that was read once is kept."""

    def __init__(self, log: LogReader, *, max_steps: int = MAX_STEPS) -> None:
        self._log = log
        self._max_steps = max_steps
        self._steps = 0
        self._known: OrderedDict[tuple[str, str, int], WorkflowDefinition] = (
            OrderedDict()
        )

    async def definition(
        self, namespace: str, workflow: str, version: int
    ) -> WorkflowDefinition:
        """A workflow version.

        Raises:
            UnknownWorkflow: there is no such workflow or version.
            Unavailable: the store cannot be reached.
        """
        asked = (namespace, workflow, version)
        if (found := self._known.get(asked)) is not None:
            self._known.move_to_end(asked)
            return found
        stream_id = workflow_stream(namespace, workflow)
        read = await self._log.stream(stream_id, after=version - 1, up_to=version)
        if not read:
            raise await self._unknown(namespace, workflow, version)
        (recorded,) = read
        assert isinstance(recorded.event, WorkflowVersionRegistered)
        found = recorded.event.definition
        if asked not in self._known:
            self._known[asked] = found
            self._steps += 1 + len(found.steps)
        while self._steps > self._max_steps:
            _, dropped = self._known.popitem(last=False)
            self._steps -= 1 + len(dropped.steps)
        return found

    async def _unknown(
        self, namespace: str, workflow: str, version: int
    ) -> UnknownWorkflow:
        stream_id = workflow_stream(namespace, workflow)
        if not await self._log.stream(stream_id, up_to=1):
            return unknown_workflow(workflow)
        return UnknownWorkflow(
            f"The workflow {workflow!r} has no version {version}.",
            workflow=workflow,
            version=version,
        )
