"""Tells whoever listens that the log has grown."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Self

import psycopg

from infra import postgres_async
from infra.event_store.settling import QUERIES

if TYPE_CHECKING:
    from types import TracebackType

    from psycopg import AsyncConnection
    from psycopg.rows import TupleRow

log = logging.getLogger(__name__)

SPACING_S = 0.005
"""Appends that come faster than this share a notification."""

_PAUSE_S = 1.0


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
        self._task: asyncio.Task[None] | None = None

    def poke(self) -> None:
        """Something was committed."""
        self._poked.set()

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
                log.warning("cannot notify: %s", error)
                await asyncio.sleep(_PAUSE_S)

    async def _notify(self, connection: AsyncConnection[TupleRow]) -> None:
        while True:
            await self._poked.wait()
            self._poked.clear()
            await connection.execute(QUERIES["notify"], prepare=True)
            await asyncio.sleep(SPACING_S)
