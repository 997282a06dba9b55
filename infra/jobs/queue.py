"""The queue of jobs beside the appends: claims, what is given back, heartbeats.

A claim is no lease yet: it keeps a job for whoever is about to append its
``JobLeased``, and is over by itself. Nothing here waits for the disk: a claim or a
heartbeat that a crash forgets is made again.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import psycopg
from psycopg_pool import PoolTimeout

from domain.errors import Unavailable
from infra import sql

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence
    from uuid import UUID

    from psycopg import AsyncCursor
    from psycopg_pool import AsyncConnectionPool

QUERIES = sql.load(Path(__file__).with_name("jobs.sql"))

CLAIM_FOR = timedelta(seconds=15)
"""Long enough for an append that waits for a slow disk; an append that comes later
still decides on the run as it is, so nothing is leased twice."""


class Ask(NamedTuple):
    """What a worker may be given."""

    namespace: str
    queue: str
    workflows: tuple[str, ...]
    capabilities: tuple[str, ...]


class Claim(NamedTuple):
    """A queued job that is kept for the caller for a while."""

    run_id: UUID
    step: str
    iteration: int
    attempt: int
    until: datetime
    """Names the claim, beside saying when it is over."""


class Beat(NamedTuple):
    """A sign of life for one lease."""

    run_id: UUID
    step: str
    lease: UUID
    progress: str | None = None
    """JSON, where there is news of it."""


class JobQueue:
    """Through a pool whose sessions need not be durable.

    Every method raises ``Unavailable`` where the store cannot be reached.
    """

    def __init__(self, pool: AsyncConnectionPool[Any]) -> None:
        self._pool = pool

    async def claim(
        self, ask: Ask, wanted: int, *, hold: timedelta = CLAIM_FOR
    ) -> list[Claim]:
        """At most ``wanted`` jobs, those that wait longest first, claimed by nobody."""
        async with self._cursor() as cursor:
            await cursor.execute(
                QUERIES["claim"], {**_asked(ask), "wanted": wanted, "hold": hold}
            )
            return [Claim._make(row) for row in await cursor.fetchall()]

    async def next_available(self, ask: Ask) -> float | None:
        """In how many seconds there may be more; None: nothing is in sight."""
        seconds: float | None = await self._value("next_available", _asked(ask))
        return seconds

    async def give_back(self, claims: Sequence[Claim]) -> int:
        """Whoever asks next may have them; the number of those that were still kept."""
        asked = (
            [claim.run_id for claim in claims],
            [claim.step for claim in claims],
            [claim.until for claim in claims],
        )
        return int(await self._value("give_back", asked) or 0)

    async def leased(
        self,
        namespace: str,
        principal: str,
        worker: str,
        *,
        beside: Sequence[UUID],
        most: int,
    ) -> list[Beat]:
        """What this worker has leased beside these, the oldest first."""
        async with self._cursor() as cursor:
            asked = (namespace, principal, worker, list(beside), most)
            await cursor.execute(QUERIES["leased"], asked)
            return [Beat(*row) for row in await cursor.fetchall()]

    async def beat(
        self, namespace: str, principal: str, beats: Sequence[Beat]
    ) -> list[str]:
        """For each, in order: ``ok`` (the lease is extended), ``stop`` (extended, but
        its worker is asked to stop) or ``gone`` (not the principal's lease, if any)."""
        async with self._cursor() as cursor:
            await cursor.execute(
                QUERIES["beat"],
                (
                    namespace,
                    principal,
                    [beat.run_id for beat in beats],
                    [beat.step for beat in beats],
                    [beat.lease for beat in beats],
                    [beat.progress for beat in beats],
                ),
            )
            return [state for (state,) in await cursor.fetchall()]

    async def see(
        self, ask: Ask, worker: str, principal: str, slots: int | None
    ) -> None:
        """A worker has asked for jobs."""
        told = {"worker": worker, "principal": principal, "slots": slots}
        await self._value("see_worker", {**_asked(ask), **told})

    async def see_again(self, namespace: str, worker: str) -> None:
        """A worker lives, and has told no more than that."""
        await self._value("see_again", (namespace, worker))

    async def forget_workers(self, days: int) -> int:
        """Drop those that nobody has seen for so long; how many there were."""
        return int(await self._value("forget_workers", (days,)) or 0)

    async def _value(
        self, name: str, asked: Mapping[str, object] | Sequence[object]
    ) -> Any:
        async with self._cursor() as cursor:
            await cursor.execute(QUERIES[name], asked)
            row = await cursor.fetchone()
            return None if row is None else row[0]

    @asynccontextmanager
    async def _cursor(self) -> AsyncIterator[AsyncCursor[Any]]:
        async with reaching(self._pool) as cursor:
            yield cursor


@asynccontextmanager
async def reaching(pool: AsyncConnectionPool[Any]) -> AsyncIterator[AsyncCursor[Any]]:
    """A cursor; what says that the store is away becomes ``Unavailable``."""
    try:
        async with pool.connection() as connection:
            connection.prepare_threshold = 0
            yield connection.cursor(binary=True)
    except (psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout) as error:
        raise Unavailable("The event store cannot be reached.") from error


def _asked(ask: Ask) -> dict[str, object]:
    return {
        "namespace": ask.namespace,
        "queue": ask.queue,
        "workflows": list(ask.workflows),
        "capabilities": list(ask.capabilities),
    }
