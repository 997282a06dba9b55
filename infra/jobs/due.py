"""What is due: timers to fire and leases that have run out, claimed before it is done.

A claim keeps a second process from doing the same work; what keeps it from being
*recorded* twice are the rules, for which a timer that comes again does nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from infra.jobs.queue import QUERIES, reaching

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from psycopg_pool import AsyncConnectionPool

    from domain.run.agenda import TimerKind

CLAIM_FOR = timedelta(seconds=30)
"""One that could not be carried out is tried again after that."""


class DueTimer(NamedTuple):
    run_id: UUID
    kind: TimerKind
    step: str
    namespace: str
    iteration: int
    nth: int
    until: datetime
    """Names the claim, beside saying when it is over."""


class RunOutLease(NamedTuple):
    run_id: UUID
    step: str
    namespace: str
    lease: UUID
    until: datetime


class DueTables:
    """Through a pool whose sessions need not be durable.

    Every method raises ``Unavailable`` where the store cannot be reached.
    """

    def __init__(self, pool: AsyncConnectionPool[Any]) -> None:
        self._pool = pool

    async def clock(self) -> datetime:
        """The database's: the only one that counts."""
        found = await self._value("clock", ())
        assert isinstance(found, datetime)
        return found

    async def timers(
        self, wanted: int, *, hold: timedelta = CLAIM_FOR
    ) -> list[DueTimer]:
        """Timers that are due, the earliest first, claimed for the caller."""
        rows = await self._rows("claim_timers", (wanted, hold))
        return [DueTimer._make(row) for row in rows]

    async def leases(
        self, wanted: int, since: datetime, *, hold: timedelta = CLAIM_FOR
    ) -> list[RunOutLease]:
        """Leases that have run out, claimed for the caller: none before it has had its
        own time, from ``since`` on, to be renewed."""
        rows = await self._rows("claim_leases", (wanted, hold, since))
        return [RunOutLease._make(row) for row in rows]

    async def drop_timers(self, timers: Sequence[DueTimer]) -> int:
        """Take out claimed ones that the rules know nothing of."""
        columns = (
            [timer.run_id for timer in timers],
            [timer.kind for timer in timers],
            [timer.step for timer in timers],
            [timer.until for timer in timers],
        )
        return int(await self._value("drop_timers", columns) or 0)

    async def drop_leases(self, leases: Sequence[RunOutLease]) -> int:
        columns = (
            [lease.run_id for lease in leases],
            [lease.step for lease in leases],
            [lease.until for lease in leases],
        )
        return int(await self._value("drop_jobs", columns) or 0)

    async def next_timer(self) -> float | None:
        """In how many seconds the next one is due; None if there is none."""
        seconds: float | None = await self._value("next_due", ())
        return seconds

    async def next_lease(self, since: datetime) -> float | None:
        """The same for leases to run out."""
        seconds: float | None = await self._value("next_run_out", (since,))
        return seconds

    async def _value(self, name: str, asked: Sequence[object]) -> Any:
        rows = await self._rows(name, asked)
        return rows[0][0] if rows else None

    async def _rows(self, name: str, asked: Sequence[object]) -> list[Any]:
        async with reaching(self._pool) as cursor:
            await cursor.execute(QUERIES[name], asked)
            return await cursor.fetchall()
