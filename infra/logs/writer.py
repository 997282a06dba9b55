"""Writing lines: all that waits goes into the store in one call and one commit.

What an attempt has is remembered, so nothing is read before. The store checks that it
is so: then nothing is stored twice, whoever else writes and whatever is sent again.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict, deque
from typing import TYPE_CHECKING, Self

import psycopg

from domain.errors import Conflict, Unavailable
from infra.logs.attempts import (
    Attempt,
    AttemptKey,
    Counts,
    Entry,
    Limits,
    LinesMissing,
    Written,
)
from infra.logs.lines import Lines, pack
from infra.logs.store import LogStore

if TYPE_CHECKING:
    from types import TracebackType

log = logging.getLogger(__name__)

PATIENCE_S = 20.0
"""How long a caller waits for a store that is away."""
MAX_BATCH = 8 * 1024 * 1024
MAX_WAITING = 64 * 1024 * 1024
"""Characters of text: what goes in one call, and what a process holds."""
MAX_KNOWN = 50_000
TRIES = 5
_PAUSE_S = 0.1
_NO_LINES = Lines([], b"", [])

AWAY = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    psycopg.errors.ReadOnlySqlTransaction,
    TimeoutError,
    OSError,
)


class LogWriter:
    """Writes for all tasks of one process: ``async with LogWriter(url, limits)``."""

    def __init__(
        self, url: str, limits: Limits, *, patience: float = PATIENCE_S
    ) -> None:
        self._limits = limits
        self._patience = patience
        self._known: OrderedDict[AttemptKey, Attempt] = OrderedDict()
        self._queue: deque[Entry] = deque()
        self._waiting = 0
        self._wake = asyncio.Event()
        self._store = LogStore(url)
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
        known = self._remembered(key, principal)
        asked = False
        async with known.turn:
            for _ in range(TRIES):
                new = lines.part(known.next - first) if first <= known.next else None
                if new is not None and new.texts:
                    entry = self._entry(known, new)
                    elsewhere = await self._send(entry)
                    if elsewhere is None:
                        known.lines += entry.lines
                        known.over += entry.over
                        known.bytes += entry.bytes
                        return Written(known.next, known.over)
                elif asked or (new is not None and known.id is not None):
                    if new is None:
                        raise LinesMissing(known.next)
                    return Written(known.next, known.over)
                else:
                    # Another process may have written, or this one before it began.
                    elsewhere = await self._send(self._entry(known, _NO_LINES))
                assert elsewhere is not None
                known.is_at(elsewhere)
                asked = known.id is not None
        raise Conflict("Several write to this attempt's log at once: send it again.")

    def _remembered(self, key: AttemptKey, principal: str) -> Attempt:
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = Attempt(key, principal)
            if len(self._known) > MAX_KNOWN:
                self._known.popitem(last=False)
        else:
            self._known.move_to_end(key)
        return known

    def _entry(self, known: Attempt, lines: Lines) -> Entry:
        kept = 0
        # Once one was not kept none is: what is kept has no gaps.
        if known.over == 0 and known.bytes < self._limits.bytes:
            kept = min(max(self._limits.lines - known.lines, 0), len(lines.texts))
        chunks = list(pack(known.lines + 1, lines.part(0, kept)))
        size = sum(len(chunk.body.encode()) for chunk in chunks)
        loop = asyncio.get_running_loop()
        return Entry(
            known,
            known.next,
            chunks,
            kept,
            len(lines.texts) - kept,
            size,
            loop.time() + self._patience,
            loop.create_future(),
        )

    async def _send(self, entry: Entry) -> Counts | None:
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

    async def __aenter__(self) -> Self:
        """Connect, so that a process with a wrong address ends at its start."""
        await self._store.connect()
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
        await self._store.disconnect()

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
                        one.fail(error)
            elif self._closing:
                return
            else:
                self._wake.clear()
                await self._wake.wait()

    def _take(self) -> list[Entry]:
        """What goes in one call: of each attempt one entry at most."""
        batch: dict[AttemptKey, Entry] = {}
        later: list[Entry] = []
        size = 0
        while self._queue and size < MAX_BATCH:
            entry = self._queue.popleft()
            if entry.attempt.key in batch:
                later.append(entry)
            else:
                batch[entry.attempt.key] = entry
                size += entry.bytes
        self._queue.extendleft(reversed(later))
        return list(batch.values())

    async def _carry(self, batch: list[Entry]) -> None:
        """Send a batch until each of its callers has an answer."""
        while batch:
            try:
                async with asyncio.timeout(self._patience):
                    batch = await self._store.open(batch)
                    if batch:
                        await self._store.append(batch)
            except AWAY as error:
                log.warning("the store of logs is away: %s", error)
                await self._store.disconnect()
                batch = _still_patient(batch, error)
                await asyncio.sleep(_PAUSE_S)
            except psycopg.Error as error:
                if len(batch) == 1:
                    batch[0].fail(error)
                    return
                # Something in one of them that the server does not take.
                for one in batch:
                    await self._carry([one])
                return
            else:
                return


def _still_patient(batch: list[Entry], error: Exception) -> list[Entry]:
    """Those whose time is not over yet; the others are told."""
    now = asyncio.get_running_loop().time()
    for one in batch:
        if one.deadline <= now:
            unavailable = Unavailable(
                "The store of logs could not be reached: send the same lines again, "
                "none is stored twice."
            )
            unavailable.__cause__ = error
            one.fail(unavailable)
    return [one for one in batch if one.deadline > now]
