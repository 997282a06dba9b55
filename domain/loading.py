"""Runs by their id: from memory, or folded from the log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.errors import BrokenHistory
from domain.known_runs import Known, KnownRuns
from domain.run.events import RunCreated
from domain.run.evolution import fold, replay

if TYPE_CHECKING:
    from uuid import UUID

    from domain.ports import Catalogue, EventLog, Tail


class Runs:
    """The runs that this process works on."""

    def __init__(self, log: EventLog, catalogue: Catalogue, size: int) -> None:
        self._log = log
        self._catalogue = catalogue
        self._known = KnownRuns(size)
        self.put = self._known.put
        self.forget = self._known.forget
        self.remembered = self._known.get

    async def get(
        self, namespace: str, run_id: UUID, *, fresh: bool = False
    ) -> Known | None:
        """The run; None if the namespace has none of that id.

        ``fresh``: as the log has it now. Otherwise it may be what this process saw
        last, which an append's expected version puts to the test.

        Raises:
            Unavailable: the log cannot be read.
        """
        known = self._known.get(run_id)
        if known is None:
            known = await self._read(run_id)
        elif fresh:
            try:
                known = _further(known, await self._log.tail(run_id, known.run.version))
            except BrokenHistory:
                # What we know is not what the log holds: it was put back to an
                # earlier state, from a backup, and went on from there.
                known = await self._read(run_id)
        if known is None or known.namespace != namespace:
            return None
        self._known.put(run_id, known)
        return known

    async def at_version(self, run_id: UUID, version: int) -> Known | None:
        """The run as it was at a version."""
        known = self._known.get(run_id)
        if known is not None and known.run.version == version:
            return known
        return await self._read(run_id, version)

    async def _read(self, run_id: UUID, up_to: int | None = None) -> Known | None:
        tail = await self._log.tail(run_id)
        events = tail.events[:up_to]
        if not events or not isinstance(created := events[0].event, RunCreated):
            return None
        namespace = events[0].namespace
        definition = await self._catalogue.definition(
            namespace, created.workflow, created.workflow_version
        )
        run = replay(definition, events)
        return Known(namespace, run, tail.hash, events[-1].position)


def _further(known: Known, tail: Tail) -> Known:
    if not tail.events:
        return known
    run = fold(known.run, ((each.event, each.by) for each in tail.events))
    return Known(known.namespace, run, tail.hash, tail.events[-1].position)
