"""Tells whoever listens that the log has grown."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Self

import psycopg

from infra import postgres_async
from infra.event_store.settling import QUERIES
from infra.postgres import JOBS_CHANNEL, LOG_CHANNEL, TIMERS_CHANNEL

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from psycopg import AsyncConnection
    from psycopg.rows import TupleRow

    from domain.ports import RunAgenda

log = logging.getLogger(__name__)

SPACING_S = 0.005
"""Appends that come faster than this share a notification."""

TIMERS_LOOK_S = 5.0
"""Whoever fires timers looks at least so often: later ones need no announcement."""

_PAUSE_S = 1.0
_MAX_PAYLOAD = 7_500
"""PostgreSQL takes 8,000 bytes."""


class Notifier:
    """NOTIFY after commits, on a session of its own.

    A transaction with a NOTIFY in it holds a lock of the whole cluster until it is on
    the disk: in the append's own it would line up all appends behind the flush. Here
    it waits for no flush. Listeners take it as a hint and poll too, so none is sent
    again after an error.
    """

    def __init__(self, url: str, *, name: str) -> None:
        self._url = url
        self._name = name
        self._poked = asyncio.Event()
        self._queues: set[str] = set()
        self._timers = False
        self.backend: int | None = None
        """Of the session: by it a process knows its own notifications."""
        self._task: asyncio.Task[None] | None = None

    def poke(self) -> None:
        """Something was committed."""
        self._poked.set()

    def announce(self, namespace: str, agendas: Sequence[RunAgenda]) -> None:
        """Say with the next notification where jobs wait, and that timers do.

        The payload on ``JOBS_CHANNEL`` has a line for each queue, ``namespace/queue``;
        an empty one means any.
        """
        for _, _, agenda in agendas:
            for job in agenda.queued:
                self._queues.add(f"{namespace}/{job.queue}")
            for timer in agenda.timers:
                if timer.wait_us < TIMERS_LOOK_S * 1_000_000:
                    self._timers = True

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name=self._name)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while True:
            try:
                async with await postgres_async.connect(
                    self._url, name=self._name, autocommit=True, durable=False
                ) as connection:
                    await self._notify(connection)
            except (psycopg.Error, OSError) as error:
                self.backend = None
                log.warning("cannot notify: %s", error)
                await asyncio.sleep(_PAUSE_S)

    async def _notify(self, connection: AsyncConnection[TupleRow]) -> None:
        self.backend = connection.info.backend_pid
        while True:
            await self._poked.wait()
            self._poked.clear()
            if self._queues or self._timers:
                channels = self._announcements()
                await connection.execute(
                    QUERIES["notify_jobs"],
                    (list(channels), list(channels.values())),
                    prepare=True,
                )
            else:
                await connection.execute(QUERIES["notify"], prepare=True)
            await asyncio.sleep(SPACING_S)

    def _announcements(self) -> dict[str, str]:
        """Payload by channel, and nothing left to announce."""
        found = {LOG_CHANNEL: ""}
        if self._queues:
            payload = "\n".join(self._queues)
            fits = len(payload.encode()) <= _MAX_PAYLOAD
            found[JOBS_CHANNEL] = payload if fits else ""
            self._queues.clear()
        if self._timers:
            found[TIMERS_CHANNEL] = ""
            self._timers = False
        return found
