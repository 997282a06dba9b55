"""Group commit: all that waits goes into the log in one transaction.

One task with one connection, at most one batch on its way. Callers encode and hash
while the server works; when it has answered, whatever has come in the meantime is the
next batch: under load they grow by themselves, and nobody waits for company.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Self

import psycopg
from psycopg import errors

from domain.errors import Unavailable
from domain.ports import Appended
from infra import postgres_async
from infra.event_store import agenda_rows, wire
from infra.event_store.notifier import Notifier
from infra.event_store.sealing import key_row, seal
from infra.event_store.settling import QUERIES, settle
from infra.event_store.waiting import Queue, Waiting

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from types import TracebackType

    from psycopg import AsyncConnection, AsyncCursor
    from psycopg.rows import TupleRow

    from domain.ports import Append, RunAgenda, StoredAnswer
    from infra.event_store.agenda_rows import AgendaRows

log = logging.getLogger(__name__)

PATIENCE_S = 30.0
"""How long a caller waits for a store that is away."""

_FIRST_PAUSE_S = 0.05
_LONGEST_PAUSE_S = 1.0

_BROKEN_STREAM = "RL001"
"""What ledger.append raises where a predecessor is not what the writer thinks."""

AWAY = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    # The server we are connected to has become a standby: another one is primary.
    errors.ReadOnlySqlTransaction,
    TimeoutError,
    OSError,
)
"""Errors that say nothing about the append: it is sent again."""


class Writer:
    """Appends to the log for all tasks of one process: ``async with Writer(url)``."""

    def __init__(
        self,
        url: str,
        *,
        name: str = "append",
        patience: float = PATIENCE_S,
        max_rows: int = 2_000,
        max_bytes: int = 4 * 1024 * 1024,
        max_waiting: int = 10_000,
        on_agendas: Callable[[str, Sequence[RunAgenda]], None] | None = None,
    ) -> None:
        """``on_agendas`` is told, with the namespace, what was committed of them."""
        self._url = url
        self._name = name
        self._patience = patience
        self._queue = Queue(max_rows=max_rows, max_bytes=max_bytes)
        self._room = asyncio.Semaphore(max_waiting)
        self._wake = asyncio.Event()
        self.notifier = Notifier(url, name=f"{name} notify")
        self._on_agendas = on_agendas
        self._connection: AsyncConnection[TupleRow] | None = None
        self._cursor: AsyncCursor[TupleRow] | None = None
        self._arrays: wire.Arrays | None = None
        self._task: asyncio.Task[None] | None = None
        self._closing = False

    async def append(self, append: Append) -> Appended | StoredAnswer:
        """Record it durably; a stored answer where its key was used for the same.

        Raises:
            StaleVersion: a stream does not end where the append takes it to end.
            KeyReused: the key was used for another command.
            TooLarge: an event is over its limit.
            Unavailable: the store was away for too long, or this process ends.
        """
        sealed = seal(append)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._patience
        if self._room.locked():
            await self._wait_for_room(deadline)
        else:
            await self._room.acquire()
        try:
            if self._closing:
                raise Unavailable("This process is about to end: ask another one.")
            one = Waiting(append, sealed, loop.create_future(), deadline)
            self._queue.put(one)
            self._wake.set()
            return await one.future
        finally:
            self._room.release()

    async def __aenter__(self) -> Self:
        """Connect, so that a process with a wrong address ends at its start."""
        await self._connect()
        self._task = asyncio.create_task(self._run(), name=self._name)
        await self.notifier.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take no more, finish what waits."""
        self._closing = True
        self._wake.set()
        if self._task is not None:
            await self._task
        await self.notifier.__aexit__(kind, error, trace)
        await self._disconnect()

    async def _run(self) -> None:
        while True:
            batch = self._queue.take()
            if batch:
                try:
                    await self._carry(batch)
                except Exception as error:
                    # A mistake of ours: these callers must not wait for ever.
                    log.exception("a batch of %d appends failed", len(batch))
                    for one in batch:
                        one.fail(error)
            elif self._closing:
                return
            else:
                self._wake.clear()
                await self._wake.wait()

    async def _carry(self, batch: list[Waiting]) -> None:
        """Send a batch until each of its callers has an answer."""
        pause = _FIRST_PAUSE_S
        unexplained = 0
        while batch:
            try:
                async with asyncio.timeout(self._patience):
                    base, recorded_at = await self._send(batch)
            except AWAY as error:
                log.warning("the event store is away: %s", first_line(error))
                for one in batch:
                    one.sent = True
                await self._disconnect()
                batch = self._give_up(batch, error)
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE_S)
            except psycopg.Error as error:
                if _is_violation(error) and unexplained < 3:
                    left = await self._settle(batch)
                    unexplained += len(left) == len(batch)
                    batch = left
                elif len(batch) > 1:
                    # Something in one of them that the server does not take.
                    for one in batch:
                        await self._carry([one])
                    return
                else:
                    batch[0].fail(error)
                    return
            else:
                self._tell(batch)
                for one in batch:
                    one.resolve(Appended(recorded_at, one.sealed.landed(base)))
                    base += len(one.sealed.events)
                return

    async def _send(self, batch: Sequence[Waiting]) -> tuple[int, datetime]:
        if self._cursor is None or self._arrays is None:
            await self._connect()
        assert self._cursor is not None
        assert self._arrays is not None
        events: list[bytes] = []
        predecessors: list[bytes] = []
        keys: list[bytes] = []
        refusals: list[bytes] = []
        contents: list[bytes] = []
        agendas: AgendaRows | None = None
        for one in batch:
            append, sealed = one.append, one.sealed
            if append.key is not None:
                base = len(events)
                keys.append(key_row(append.namespace, append.key, sealed.ends, base))
            events += sealed.events
            predecessors += sealed.predecessors
            refusals += sealed.refusals
            contents += sealed.contents
            if sealed.agendas is not None:
                if agendas is None:
                    agendas = agenda_rows.empty()
                agendas.add(sealed.agendas)
        of = self._arrays.of
        parameters: tuple[bytes, ...] = (
            of(wire.Events, events),
            of(wire.Predecessors, predecessors),
            of(wire.Keys, keys),
            of(wire.Refusals, refusals),
            of(wire.Contents, contents),
        )
        query = "append"
        if agendas is not None:
            parameters += agendas.parameters(self._arrays)
            query = "append_agendas"
        await self._cursor.execute(QUERIES[query], parameters, prepare=True)
        row = await self._cursor.fetchone()
        assert row is not None
        return row[0], row[1]

    async def _settle(self, batch: list[Waiting]) -> list[Waiting]:
        """What is left to be sent again; all of it if the connection is lost here."""
        assert self._connection is not None
        try:
            async with asyncio.timeout(self._patience):
                left = await settle(self._connection, batch)
        except AWAY as error:
            log.warning("the event store is away: %s", first_line(error))
            await self._disconnect()
            return self._give_up(batch, error)
        # Among the settled ones some were in the log already: sent before a
        # connection was lost. Telling of the others too does no harm.
        self._tell([one for one in batch if one not in left])
        return left

    def _tell(self, batch: Sequence[Waiting]) -> None:
        """Whoever waits for what was committed."""
        self.notifier.poke()
        for one in batch:
            if agendas := one.append.agendas:
                self.notifier.announce(one.append.namespace, agendas)
                if self._on_agendas is not None:
                    self._on_agendas(one.append.namespace, agendas)

    def _give_up(self, batch: list[Waiting], error: Exception) -> list[Waiting]:
        """Tell those whose time is over, sent or not; the others go on."""
        now = asyncio.get_running_loop().time()
        over = [one for one in batch if one.deadline <= now]
        for one in [*over, *self._queue.expire(now)]:
            unavailable = Unavailable(
                f"The event store could not be reached for {self._patience:g} s. "
                "Repeat the command with the same key: it is carried out once."
            )
            unavailable.__cause__ = error
            one.fail(unavailable)
        return [one for one in batch if one.deadline > now]

    async def _connect(self) -> None:
        self._connection = await postgres_async.connect(
            self._url, name=self._name, autocommit=True
        )
        self._arrays = await wire.register(self._connection)
        self._cursor = self._connection.cursor(binary=True)

    async def _disconnect(self) -> None:
        connection, self._connection, self._cursor = self._connection, None, None
        if connection is not None:
            await connection.close()

    async def _wait_for_room(self, deadline: float) -> None:
        try:
            async with asyncio.timeout_at(deadline):
                await self._room.acquire()
        except TimeoutError:
            raise Unavailable(
                "More commands wait for the event store than this process holds."
            ) from None


def _is_violation(error: psycopg.Error) -> bool:
    return isinstance(error, errors.UniqueViolation) or error.sqlstate == _BROKEN_STREAM


def first_line(error: Exception) -> str:
    """The driver's messages go on with context and hints for people at a prompt."""
    return (str(error) or type(error).__name__).splitlines()[0]
