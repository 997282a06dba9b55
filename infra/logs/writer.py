"""Writing lines: all that waits goes into the store in one call and one commit.

What an attempt has is remembered, so nothing is read before. The store checks that it
is so: then nothing is stored twice, whoever else writes and whatever is sent again.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import psycopg
from psycopg.types.numeric import Int4, Int8
from psycopg_pool import PoolTimeout

from domain.errors import Conflict, Unavailable
from infra import postgres_async, sql
from infra.logs.lines import pack

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType
    from uuid import UUID

    from psycopg import AsyncConnection
    from psycopg.rows import TupleRow
    from psycopg_pool import AsyncConnectionPool

    from infra.logs.lines import Chunk, Lines

log = logging.getLogger(__name__)

QUERIES = sql.load(Path(__file__).with_name("statements.sql"))

PATIENCE_S = 20.0
"""How long a caller waits for a store that is away."""
MAX_BATCH = 8 * 1024 * 1024
MAX_WAITING = 64 * 1024 * 1024
"""Characters of text: what goes in one call, and what a process holds."""
MAX_KNOWN = 50_000
TRIES = 5
_PAUSE_S = 0.1

AWAY = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    psycopg.errors.ReadOnlySqlTransaction,
    TimeoutError,
    OSError,
)


class AttemptKey(NamedTuple):
    namespace: str
    run_id: UUID
    step: str
    attempt: int


class Limits(NamedTuple):
    """Of one attempt's log. What comes after them is counted and not kept."""

    lines: int
    bytes: int


class Written(NamedTuple):
    next: int
    """The number that the writer's next line has."""
    over: int
    """How many lines of the attempt came after its limit."""


class LinesMissing(Exception):
    """Lines before these have not come. ``next``: the number to go on from."""

    def __init__(self, next: int) -> None:
        super().__init__(f"The lines from number {next} on have not come yet.")
        self.next = next


@dataclass(slots=True)
class _Attempt:
    """What the store has of it, as far as this process knows."""

    id: int
    lines: int
    over: int
    bytes: int
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def next(self) -> int:
        return self.lines + self.over + 1


@dataclass(slots=True)
class _Entry:
    """What one caller adds to one attempt."""

    attempt: int
    next: int
    chunks: list[Chunk]
    lines: int
    over: int
    bytes: int
    deadline: float
    future: asyncio.Future[tuple[int, int, int] | None]
    """The attempt's counts where it does not go on there; None: it is stored."""


class LogWriter:
    """Writes for all tasks of one process: ``async with LogWriter(url, pool, ...)``."""

    def __init__(
        self,
        url: str,
        pool: AsyncConnectionPool[Any],
        limits: Limits,
        *,
        patience: float = PATIENCE_S,
    ) -> None:
        self._url = url
        self._pool = pool
        self._limits = limits
        self._patience = patience
        self._known: OrderedDict[AttemptKey, _Attempt] = OrderedDict()
        self._queue: deque[_Entry] = deque()
        self._waiting = 0
        self._wake = asyncio.Event()
        self._connection: AsyncConnection[TupleRow] | None = None
        self._task: asyncio.Task[None] | None = None
        self._closing = False

    async def write(
        self, key: AttemptKey, principal: str, first: int, lines: Lines
    ) -> Written:
        """Store what is not there yet. ``first``: number of the first of these lines.

        Raises:
            LinesMissing: others belong before them; nothing is stored.
            Unavailable: the store was away for too long; send the same again.
            Conflict: somebody else writes to this attempt at the same time.
        """
        known = self._known.get(key)
        fresh = known is None
        if known is None:
            known = await self._open(key, principal)
        async with known.turn:
            for _ in range(TRIES):
                if first > known.next:
                    if fresh:
                        raise LinesMissing(known.next)
                    _, *counts = await self._look_up(key, principal)
                    known.lines, known.over, known.bytes = counts
                    fresh = True
                    continue
                new = lines.part(known.next - first)
                if not new.texts:
                    return Written(known.next, known.over)
                entry = self._entry(known, new)
                elsewhere = await self._send(entry)
                if elsewhere is None:
                    known.lines += entry.lines
                    known.over += entry.over
                    known.bytes += entry.bytes
                    return Written(known.next, known.over)
                known.lines, known.over, known.bytes = elsewhere
                fresh = True
        raise Conflict("Several write to this attempt's log at once: send it again.")

    def _entry(self, known: _Attempt, lines: Lines) -> _Entry:
        kept = 0
        # Once one was not kept none is: what is kept has no gaps.
        if known.over == 0 and known.bytes < self._limits.bytes:
            kept = min(max(self._limits.lines - known.lines, 0), len(lines.texts))
        chunks = list(pack(known.lines + 1, lines.part(0, kept))) if kept else []
        size = sum(len(chunk.body.encode()) for chunk in chunks)
        loop = asyncio.get_running_loop()
        return _Entry(
            known.id,
            known.next,
            chunks,
            kept,
            len(lines.texts) - kept,
            size,
            loop.time() + self._patience,
            loop.create_future(),
        )

    async def _send(self, entry: _Entry) -> tuple[int, int, int] | None:
        if self._closing:
            raise Unavailable("This process is about to end: ask another one.")
        if self._waiting + entry.bytes > MAX_WAITING:
            raise Unavailable(
                "More log lines wait for the store than this process holds: send them "
                "again in a moment."
            )
        self._waiting += entry.bytes
        self._queue.append(entry)
        self._wake.set()
        try:
            return await entry.future
        finally:
            self._waiting -= entry.bytes

    async def _open(self, key: AttemptKey, principal: str) -> _Attempt:
        found = _Attempt(*await self._look_up(key, principal))
        # Another task may have been quicker: there is one turn for all.
        known = self._known.setdefault(key, found)
        self._known.move_to_end(key)
        if len(self._known) > MAX_KNOWN:
            self._known.popitem(last=False)
        return known

    async def _look_up(
        self, key: AttemptKey, principal: str
    ) -> tuple[int, int, int, int]:
        asked = {**key._asdict(), "principal": principal}
        try:
            async with self._pool.connection() as connection:
                cursor = await connection.execute(QUERIES["open_attempt"], asked)
                row = await cursor.fetchone()
        except (*AWAY, PoolTimeout) as error:
            raise Unavailable("The store of logs cannot be reached.") from error
        assert row is not None
        return row[0], row[1], row[2], row[3]

    async def __aenter__(self) -> Self:
        """Connect, so that a process with a wrong address ends at its start."""
        await self._connect()
        self._task = asyncio.create_task(self._run(), name="log writer")
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
        await self._disconnect()

    async def _run(self) -> None:
        while True:
            batch = self._take()
            if batch:
                try:
                    await self._carry(batch)
                except Exception as error:
                    # A mistake of ours: these callers must not wait for ever.
                    log.exception("%d batches of log lines failed", len(batch))
                    for one in batch:
                        _fail(one, error)
            elif self._closing:
                return
            else:
                self._wake.clear()
                await self._wake.wait()

    def _take(self) -> list[_Entry]:
        """What goes in one call: of each attempt one entry at most."""
        batch: dict[int, _Entry] = {}
        later: list[_Entry] = []
        size = 0
        while self._queue and size < MAX_BATCH:
            entry = self._queue.popleft()
            if entry.attempt in batch:
                later.append(entry)
            else:
                batch[entry.attempt] = entry
                size += entry.bytes
        self._queue.extendleft(reversed(later))
        return list(batch.values())

    async def _carry(self, batch: list[_Entry]) -> None:
        """Send a batch until each of its callers has an answer."""
        while batch:
            try:
                async with asyncio.timeout(self._patience):
                    elsewhere = await self._append(batch)
            except AWAY as error:
                log.warning("the store of logs is away: %s", error)
                await self._disconnect()
                batch = _still_patient(batch, error)
                await asyncio.sleep(_PAUSE_S)
            except psycopg.Error as error:
                if len(batch) == 1:
                    _fail(batch[0], error)
                    return
                # Something in one of them that the server does not take.
                for one in batch:
                    await self._carry([one])
                return
            else:
                for one in batch:
                    if not one.future.done():
                        one.future.set_result(elsewhere.get(one.attempt))
                return

    async def _append(self, batch: Sequence[_Entry]) -> dict[int, tuple[int, int, int]]:
        if self._connection is None:
            await self._connect()
        assert self._connection is not None
        chunks = [(one.attempt, chunk) for one in batch for chunk in one.chunks]
        cursor = self._connection.cursor(binary=True)
        # Integers of one size: by their own, every batch would be another statement.
        await cursor.execute(
            QUERIES["append"],
            (
                [Int8(one.attempt) for one in batch],
                [Int8(one.next) for one in batch],
                [Int8(one.lines) for one in batch],
                [Int8(one.over) for one in batch],
                [Int8(one.bytes) for one in batch],
                [Int8(len(one.chunks)) for one in batch],
                [Int8(attempt) for attempt, _ in chunks],
                [Int8(chunk.first) for _, chunk in chunks],
                [Int4(chunk.lines) for _, chunk in chunks],
                [Int4(chunk.kinds) for _, chunk in chunks],
                [Int8(chunk.began) for _, chunk in chunks],
                [chunk.marks for _, chunk in chunks],
                [chunk.times for _, chunk in chunks],
                [chunk.body for _, chunk in chunks],
            ),
            prepare=True,
        )
        rows = await cursor.fetchall()
        return {row[0]: (row[1], row[2], row[3]) for row in rows}

    async def _connect(self) -> None:
        self._connection = await postgres_async.connect(
            self._url, name="log writer", autocommit=True
        )

    async def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()


def _still_patient(batch: list[_Entry], error: Exception) -> list[_Entry]:
    """Those whose time is not over yet; the others are told."""
    now = asyncio.get_running_loop().time()
    for one in batch:
        if one.deadline <= now:
            unavailable = Unavailable(
                "The store of logs could not be reached: send the same lines again, "
                "none is stored twice."
            )
            unavailable.__cause__ = error
            _fail(one, unavailable)
    return [one for one in batch if one.deadline > now]


def _fail(entry: _Entry, error: Exception) -> None:
    if not entry.future.done():
        entry.future.set_exception(error)
