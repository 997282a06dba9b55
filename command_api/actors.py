"""Who may be named as the one who did it.

In a run of ours that is the caller: its rules trust names (an approval's policy lists
them), so nobody speaks for anybody else. The source of an observed run knows better
than its reporter, who is then kept as ``recorded_by``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.commands import Report
from domain.run.commands import ObserveRun
from domain.run.events import RunCreated
from infra.web.problems import FieldError, invalid

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from domain.commands import Command
    from infra.event_store.log import LogReader

MAX_KNOWN = 10_000


class Actors:
    """Remembers which runs are observed: that never changes."""

    def __init__(self, log: LogReader) -> None:
        self._log = log
        self._observed: dict[UUID, bool] = {}

    async def check(
        self, caller: str, run_id: UUID | None, commands: Sequence[Command]
    ) -> None:
        """Costs nothing unless somebody else is named.

        Raises:
            Problem: ``invalid``, a report on a run of ours names another actor.
        """
        for command in commands:
            if (
                isinstance(command, Report)
                and command.actor is not None
                and command.actor != caller
            ):
                break
        else:
            return
        if isinstance(commands[0], ObserveRun):
            return
        if run_id is None or not await self._is_observed(run_id):
            raise invalid(
                [
                    FieldError(
                        pointer="#/actor",
                        detail=f"In a run of ours it is the caller, {caller!r}, who "
                        "did it: leave it out. Only reports on observed runs may "
                        "name somebody else",
                    )
                ]
            )

    async def _is_observed(self, run_id: UUID) -> bool:
        known = self._observed.get(run_id)
        if known is None:
            first = await self._log.stream(run_id, up_to=1)
            if not first:
                return True  # there is no such run: the rules will say so
            event = first[0].event
            known = isinstance(event, RunCreated) and event.observed
            if len(self._observed) >= MAX_KNOWN:
                self._observed.clear()
            self._observed[run_id] = known
        return known
