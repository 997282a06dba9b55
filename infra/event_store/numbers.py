"""Numbers for new runs: whoever asks while others are being served shares a trip."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from contextlib import suppress
from typing import TYPE_CHECKING, Self

import psycopg

from domain.errors import Unavailable, UnknownWorkflow
from domain.ids import workflow_stream
from domain.ports import Ticket
from infra import postgres_async
from infra.event_store.settling import QUERIES
from infra.event_store.writer import AWAY, PATIENCE_S, first_line

if TYPE_CHECKING:
    from types import TracebackType

    from psycopg import AsyncConnection
    from psycopg.rows import TupleRow

    from domain.ids import Namespace

log = logging.getLogger(__name__)

_PAUSE_S = 0.2

Waiters = dict[tuple[str, str], list[asyncio.Future[Ticket]]]


class RunNumbers:
    """Increasing numbers per workflow, with gaps: ``async with RunNumbers(url)``.

    The session does not wait for the disk: the append that uses the number does, and
    what was committed before it is on the disk with it.
    """

    def __init__(
        self, url: str, *, name: str = "numbers", patience: float = PATIENCE_S
    ) -> None:
        self._url = url
        self._name = name
        self._patience = patience
        self._waiting: Waiters = defaultdict(list)
        self._wake = asyncio.Event()
        self._connection: AsyncConnection[TupleRow] | None = None
        self._task: asyncio.Task[None] | None = None

    async def take(self, namespace: Namespace, workflow: str) -> Ticket:
        """A number that no other run of the workflow has, and its newest version.

        Raises:
            UnknownWorkflow: there is no workflow of that name.
            Unavailable: the store was away for too long.
        """
        future: asyncio.Future[Ticket] = asyncio.get_running_loop().create_future()
        self._waiting[namespace, workflow].append(future)
        self._wake.set()
        try:
            async with asyncio.timeout(self._patience):
                return await future
        except TimeoutError:
            raise Unavailable(
                f"The event store could not be reached for {self._patience:g} s; "
                "nothing was done."
            ) from None

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
        await self._disconnect()

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            batch, self._waiting = self._waiting, defaultdict(list)
            while batch := _still_wanted(batch):
                try:
                    async with asyncio.timeout(self._patience):
                        await self._serve(batch)
                    break
                except AWAY as error:
                    log.warning("no numbers for new runs: %s", first_line(error))
                    await self._disconnect()
                    await asyncio.sleep(_PAUSE_S)
                except psycopg.Error as error:
                    for futures in batch.values():
                        for future in futures:
                            if not future.done():
                                future.set_exception(error)

    async def _serve(self, batch: Waiters) -> None:
        if self._connection is None:
            self._connection = await postgres_async.connect(
                self._url, name=self._name, autocommit=True, durable=False
            )
        cursor = self._connection.cursor(binary=True)
        await cursor.execute(
            QUERIES["take_numbers"],
            (
                [namespace for namespace, _ in batch],
                [workflow for _, workflow in batch],
                [workflow_stream(*names) for names in batch],
                [len(futures) for futures in batch.values()],
            ),
            prepare=True,
        )
        found = {
            (namespace, workflow): (last, newest)
            for namespace, workflow, last, newest in await cursor.fetchall()
        }
        for names, futures in batch.items():
            for place, future in enumerate(futures):
                if future.done():
                    continue
                if names not in found:
                    future.set_exception(unknown_workflow(names[1]))
                    continue
                last, newest = found[names]
                future.set_result(Ticket(last - len(futures) + 1 + place, newest))

    async def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()


def unknown_workflow(name: str) -> UnknownWorkflow:
    return UnknownWorkflow(f"There is no workflow named {name!r}.", workflow=name)


def _still_wanted(batch: Waiters) -> Waiters:
    """Without those whose callers have given up waiting."""
    left: Waiters = {}
    for names, futures in batch.items():
        if wanted := [future for future in futures if not future.done()]:
            left[names] = wanted
    return left
