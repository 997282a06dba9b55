"""Which version of its workflow a run belongs to; registers what is not known yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runledger import errors

if TYPE_CHECKING:
    from runledger.client import Client
    from runledger.importing.observed import Definition
    from runledger.models import WorkflowDefinition


class Definitions:
    """Finds a workflow's version by its graph, so equal graphs share one version."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._known: dict[Definition, int | errors.Invalid] = {}

    def version(self, definition: Definition) -> int:
        """The version with that graph.

        Raises:
            Invalid: it is no possible definition, or runs without a graph would hide
                the graph of a workflow that has one.
        """
        if definition not in self._known:
            try:
                found = self._find(definition) or self._register(definition)
            except errors.Invalid as error:
                self._known[definition] = error
            else:
                self._known[definition] = found
        known = self._known[definition]
        if isinstance(known, errors.Invalid):
            raise known
        return known

    def _find(self, definition: Definition) -> int | None:
        try:
            newest = self._client.workflow(definition.name)
        except errors.NotFound:
            return None
        if not definition.steps and newest.definition.steps:
            raise errors.Invalid(
                f"workflow {definition.name!r} has steps, and this log knows no graph: "
                "choose another name with --workflow"
            )
        version, found = newest.version, newest
        while True:
            if _graph(found.definition) == definition.steps:
                return version
            version -= 1
            if version == 0:
                return None
            found = self._client.workflow(definition.name, version=version)

    def _register(self, definition: Definition) -> int:
        steps = [{"name": name, "needs": needs} for name, needs in definition.steps]
        wanted: dict[str, Any] = {"name": definition.name, "steps": steps}
        if definition.description:
            wanted["description"] = definition.description
        return self._client.register_workflow(wanted).version


def _graph(definition: WorkflowDefinition) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((step.name, tuple(step.needs)) for step in definition.steps)
