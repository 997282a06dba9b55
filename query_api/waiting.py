"""Read-your-writes: wait until the read tables show what the caller has written.

One session listens for all who wait. A waiter is registered before anything is
looked up, so no commit falls between; each notification then costs one look-up for
all of them together. Notifications are hints: while somebody waits it also polls.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, NamedTuple

import psycopg

from domain.errors import Unavailable
from infra.postgres import READ_CHANNEL
from infra.postgres_async import connect
from query_api.reading import POSITION

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from uuid import UUID

    from query_api.reading import Reading

POLL_S = 0.25
RECONNECT_S = 1.0


class Goal(NamedTuple):
    """What must be in the read tables: the log up to a position, or of one run."""

    position: int = 0
    run_id: UUID | None = None
    version: int = 0


class Waiting:
    """All who wait, and the one session that hears of commits for them."""

    def __init__(self, reading: Reading, url: str) -> None:
        self._reading = reading
        self._url = url
        self._waiters: dict[asyncio.Future[None], Goal] = {}
        self._look = asyncio.Event()
        self.listening = asyncio.Event()
        """Set while the session hears of commits; without it, polls go on."""

    async def until(self, goal: Goal, seconds: float) -> bool:
        """Whether the goal was reached within ``seconds``."""
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters[waiter] = goal
        try:
            if await self._reached({goal}):
                return True
            self._look.set()
            async with asyncio.timeout(seconds):
                await waiter
        except TimeoutError:
            return False
        else:
            return True
        finally:
            del self._waiters[waiter]

    async def _reached(self, goals: set[Goal]) -> set[Goal]:
        """Which of these are reached now."""
        position = 0
        if any(goal.position for goal in goals):
            position = await self._reading.position()
        wanted = list({goal.run_id for goal in goals if goal.run_id is not None})
        versions: dict[UUID, int] = {}
        if wanted:
            rows = await self._reading.rows(POSITION["versions"], {"run_ids": wanted})
            versions = {row["run_id"]: row["version"] for row in rows}
        return {
            goal
            for goal in goals
            if goal.position <= position
            and (goal.run_id is None or versions.get(goal.run_id, 0) >= goal.version)
        }

    async def _wake(self) -> None:
        """Look once for all who wait, whenever there is reason to, or time to."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL_S if self._waiters else None):
                    await self._look.wait()
            self._look.clear()
            if not self._waiters:
                continue
            with suppress(Unavailable):
                reached = await self._reached(set(self._waiters.values()))
                for waiter, goal in self._waiters.items():
                    if goal in reached and not waiter.done():
                        waiter.set_result(None)

    async def _listen(self) -> None:
        while True:
            try:
                async with await connect(
                    self._url, name="runledger-query-waits", autocommit=True
                ) as connection:
                    await connection.execute(f"LISTEN {READ_CHANNEL}")
                    self.listening.set()
                    # What was committed while nobody listened.
                    self._look.set()
                    async for _ in connection.notifies():
                        self._look.set()
            except psycopg.OperationalError:
                await asyncio.sleep(RECONNECT_S)
            finally:
                self.listening.clear()


@asynccontextmanager
async def waiting(reading: Reading, url: str) -> AsyncIterator[Waiting]:
    """A ``Waiting`` with its tasks."""
    found = Waiting(reading, url)
    async with asyncio.TaskGroup() as tasks:
        running = [
            tasks.create_task(found._listen()),
            tasks.create_task(found._wake()),
        ]
        try:
            yield found
        finally:
            for task in running:
                task.cancel()
