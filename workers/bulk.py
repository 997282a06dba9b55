"""Carrying bulk operations out: each item is a command of its own to its run.

A task of the process ``timers``. Woken when an operation starts, and at its own start;
several operations go on side by side, and share what may go on at once. What became of
the items is recorded in the order of the list, at the latest after ``CHUNK`` of them or
``CHUNK_S``. A runner that was killed is followed by one that goes on behind the last
record: items that were carried out and not recorded come again under the same
idempotency keys, so nothing is done twice.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg_pool import PoolTimeout

from domain.bulk.carrying_out import NOTHING_ASKED, refused, run_command, told
from domain.bulk.commands import EndBulk, RecordItems
from domain.bulk.items import ItemResult
from domain.errors import RunledgerError, Unavailable
from domain.requests import Answer, Request
from infra.bulk.operations import BULK_CHANNEL, Operations
from infra.postgres_async import connect

if TYPE_CHECKING:
    from uuid import UUID

    from psycopg_pool import AsyncConnectionPool

    from domain.bulk.items import BulkItem
    from domain.handling import CommandHandler
    from domain.handling_bulk import KnownBulk
    from infra.bulk.operations import Open

CHUNK = 100
"""Items between two records, at most."""
CHUNK_S = 1.0
"""Seconds between two records, but for the items that are under way by then."""
LANES = 8
"""Items of one operation that go on at once."""
SLOTS = 16
"""Items of all operations that go on at once: first come, first served, so that a
small operation beside large ones gets its share."""
AT_ONCE = 20
"""Operations that go on at once; later ones wait for one of them to end."""
LOOK_S = 10.0
"""In case a notification was lost."""
PAUSE_S = 0.5
"""After the database was away."""

AWAY = (Unavailable, PoolTimeout, psycopg.OperationalError, psycopg.InterfaceError)

RUNNER = "runledger"
"""Who records results and the end: the service itself."""

FAILED = ItemResult(
    result="refused",
    code="internal",
    message="An error of the service: the log of the process timers has it.",
)
"""One item that nobody foresaw keeps no other from being done."""

log = logging.getLogger("runledger.bulk")


class BulkRunner:
    """Carries out all operations that are not over. At most one per database does
    something useful; two do no harm."""

    def __init__(
        self, handler: CommandHandler, pool: AsyncConnectionPool[Any], url: str
    ) -> None:
        self._handler = handler
        self._operations = Operations(pool)
        self._url = url
        self._slots = asyncio.Semaphore(SLOTS)
        self._woken = asyncio.Event()
        self._running: dict[UUID, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Until it is cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._listen())
            while True:
                self._woken.clear()
                wait = LOOK_S
                try:
                    for one in await self._operations.not_over(AT_ONCE):
                        self._take_up(one, tasks)
                except AWAY:
                    wait = PAUSE_S
                with suppress(TimeoutError):
                    async with asyncio.timeout(wait):
                        await self._woken.wait()

    def _take_up(self, one: Open, tasks: asyncio.TaskGroup) -> None:
        if one.bulk_id in self._running:
            return
        task = tasks.create_task(self._carry_on(one))
        self._running[one.bulk_id] = task

        def ended(_: asyncio.Task[None]) -> None:
            del self._running[one.bulk_id]
            self._woken.set()

        task.add_done_callback(ended)

    async def _carry_on(self, one: Open) -> None:
        """To its end. What goes wrong here stops no other operation."""
        try:
            while await self._go_on(one):
                pass
        except AWAY as error:
            log.warning("bulk operation %s has to wait: %s", one.bulk_id, error)
            await asyncio.sleep(PAUSE_S)
        except Exception:
            log.exception("bulk operation %s cannot go on", one.bulk_id)
            await asyncio.sleep(LOOK_S)

    async def _go_on(self, one: Open) -> bool:
        """A chunk further; whether there is more to do."""
        known = await self._handler.bulks.get(*one)
        if known is None or known.bulk.final:
            return False
        bulk = known.bulk
        results: tuple[ItemResult, ...] = ()
        if bulk.state == "running":
            results = await self._chunk(one, known)
        record = RecordItems(first=bulk.done + 1, results=results)
        commands = (record, EndBulk()) if results else (EndBulk(),)
        answer = await self._handler.handle(
            Request(
                namespace=one.namespace,
                run_id=one.bulk_id,
                commands=commands,
                principal=RUNNER,
                actor=RUNNER,
                key=None,
                body_digest=b"",
                correlation_id=one.bulk_id,
            )
        )
        if not results and answer.state == bulk.state:
            raise RuntimeError("there is nothing to do, and it does not end")
        return True

    async def _chunk(self, one: Open, known: KnownBulk) -> tuple[ItemResult, ...]:
        """What became of the next items, without a gap."""
        bulk = known.bulk
        first = bulk.done + 1
        waiting = iter(enumerate(bulk.items[bulk.done : bulk.done + CHUNK], first))
        found: dict[int, Answer | ItemResult] = {}
        loop = asyncio.get_running_loop()
        deadline = loop.time() + CHUNK_S

        async def lane() -> None:
            # Whatever is taken is finished: so there is no gap.
            for nth, item in waiting:
                async with self._slots:
                    found[nth] = await self._carry_out(one, known, nth, item)
                if loop.time() > deadline:
                    return

        await asyncio.gather(*(lane() for _ in range(LANES)))
        ends = [
            (each.run_id, each.version)
            for each in found.values()
            if isinstance(each, Answer) and each.linked is None
        ]
        caused = await self._operations.caused(one.bulk_id, ends)
        return tuple(
            told(each, changed=(each.run_id, each.version) in caused)
            if isinstance(each, Answer)
            else each
            for _, each in sorted(found.items())
        )

    async def _carry_out(
        self, one: Open, known: KnownBulk, nth: int, item: BulkItem
    ) -> Answer | ItemResult:
        bulk = known.bulk
        command = run_command(bulk, item)
        if command is None:
            return NOTHING_ASKED
        key = f"bulk:{one.bulk_id}:{nth}"
        request = Request(
            namespace=one.namespace,
            run_id=item.run_id,
            commands=(command,),
            principal=known.recorded_by,
            actor=bulk.started_by,
            key=key,
            body_digest=hashlib.sha256(key.encode()).digest(),
            correlation_id=one.bulk_id,
            causation_id=known.started_id,
            groups=frozenset(bulk.groups),
        )
        while True:
            try:
                return await self._handler.handle(request)
            except AWAY as error:
                # The same key shows whether it was done.
                log.warning("an item of bulk operation %s waits: %s", one[1], error)
                await asyncio.sleep(PAUSE_S)
            except RunledgerError as error:
                return refused(error)
            except Exception:
                log.exception("an item of bulk operation %s failed", one.bulk_id)
                return FAILED

    async def _listen(self) -> None:
        while True:
            with suppress(*AWAY, OSError):
                async with await connect(
                    self._url, name="runledger-bulk", autocommit=True
                ) as connection:
                    await connection.execute(f"LISTEN {BULK_CHANNEL}")
                    # What came before is not told any more.
                    self._woken.set()
                    async for _ in connection.notifies():
                        self._woken.set()
            await asyncio.sleep(PAUSE_S)
