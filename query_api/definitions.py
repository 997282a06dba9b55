"""Workflow versions and names of runs: read from the log once, since they stay so."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import orjson

from domain import errors
from domain.ids import workflow_stream
from domain.workflow.events import WorkflowVersionRegistered
from infra import codec
from infra.sql import load
from query_api.reading import SQL_FOLDER

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable
    from uuid import UUID

    from domain.workflow.definition import WorkflowDefinition
    from query_api.reading import Reading

SQL = load(SQL_FOLDER / "workflows.sql")
EVENTS = load(SQL_FOLDER / "events.sql")

MAX_DEFINITIONS = 500
MAX_NAMES = 50_000

K = TypeVar("K", bound="Hashable")
V = TypeVar("V")


class RunName(NamedTuple):
    """What people call a run: ``deploy #42``."""

    workflow: str
    number: int


class Definitions:
    """The workflow versions there are."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._known: OrderedDict[tuple[UUID, int], WorkflowDefinition] = OrderedDict()

    async def newest(self, namespace: str, workflow: str) -> int:
        """Number of the newest version.

        Raises:
            UnknownWorkflow: it has none.
        """
        stream = workflow_stream(namespace, workflow)
        row = await self._reading.one(SQL["newest_version"], {"stream": stream})
        if row is None or row["version"] is None:
            raise errors.UnknownWorkflow(f"There is no workflow {workflow!r}.")
        return int(row["version"])

    async def get(
        self, namespace: str, workflow: str, version: int
    ) -> WorkflowDefinition:
        """One version.

        Raises:
            UnknownWorkflow: there is none of that number.
        """
        found = await self.all(namespace, workflow, [version])
        if version not in found:
            raise errors.UnknownWorkflow(
                f"The workflow {workflow!r} has no version {version}."
            )
        return found[version]

    async def all(
        self, namespace: str, workflow: str, versions: Iterable[int]
    ) -> dict[int, WorkflowDefinition]:
        """Those of these versions that there are."""
        stream = workflow_stream(namespace, workflow)
        wanted = set(versions)
        found = {
            version: known
            for version in wanted
            if (known := _recall(self._known, (stream, version))) is not None
        }
        missing = sorted(wanted - found.keys())
        if missing:
            rows = await self._reading.rows(
                SQL["versions"], {"stream": stream, "versions": missing}
            )
            for row in rows:
                event = codec.decode(WorkflowVersionRegistered.topic, row["state"])
                assert isinstance(event, WorkflowVersionRegistered)
                found[row["version"]] = event.definition
                _keep(
                    self._known,
                    (stream, row["version"]),
                    event.definition,
                    MAX_DEFINITIONS,
                )
        return found


class RunNames:
    """What runs are called, by the first event of their stream."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._known: OrderedDict[UUID, RunName] = OrderedDict()

    async def of(self, streams: Iterable[UUID]) -> dict[UUID, RunName]:
        """Names of those of these streams that are runs."""
        wanted = set(streams)
        found = {
            stream: known
            for stream in wanted
            if (known := _recall(self._known, stream)) is not None
        }
        missing = list(wanted - found.keys())
        if missing:
            rows = await self._reading.rows(EVENTS["openings"], {"streams": missing})
            for row in rows:
                if row["topic"] != "run.created":
                    continue
                opening = orjson.loads(row["state"])
                name = RunName(opening["workflow"], opening["number"])
                found[row["originator_id"]] = name
                _keep(self._known, row["originator_id"], name, MAX_NAMES)
        return found


def _recall(known: OrderedDict[K, V], key: K) -> V | None:
    found = known.get(key)
    if found is not None:
        known.move_to_end(key)
    return found


def _keep(known: OrderedDict[K, V], key: K, value: V, most: int) -> None:
    known[key] = value
    if len(known) > most:
        known.popitem(last=False)
