"""``runledger-server timers``: all that has to happen by itself. One works, the others
stand by.

A further task is one more line of ``TASKS``: it runs for ever while this process leads,
and is cancelled when it does not any longer.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from contextlib import AsyncExitStack, suppress
from typing import TYPE_CHECKING, Any, NamedTuple

import click
import psycopg
import uvloop
from psycopg import sql

from domain.errors import Unavailable
from domain.handling import CommandHandler
from infra.event_store.catalogue import StoredCatalogue
from infra.event_store.log import EventStore
from infra.event_store.numbers import RunNumbers
from infra.event_store.writer import Writer
from infra.jobs.due import DueTables
from infra.jobs.queue import JobQueue
from infra.logs.retention import keep_partitions
from infra.postgres import TIMERS_CHANNEL, TIMERS_LOCK
from infra.postgres_async import pool
from infra.settings import Settings
from workers.bulk import BulkRunner
from workers.due import Leases, Timers, carry_out_due
from workers.grace import Grace
from workers.leading import lead
from workers.logs import to_stderr

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from datetime import datetime

    from psycopg import AsyncConnection
    from psycopg.rows import TupleRow
    from psycopg_pool import AsyncConnectionPool

log = logging.getLogger("runledger.timers")

LOCK = TIMERS_LOCK

WORKERS_KEPT_DAYS = 7
FORGET_EVERY_S = 3_600.0


class Duties(NamedTuple):
    """What the tasks stand on."""

    handler: CommandHandler
    pool: AsyncConnectionPool[Any]
    tables: DueTables
    queue: JobQueue
    settings: Settings
    since: datetime
    """Since when the database could be reached, by its clock."""
    timers_set: asyncio.Event
    """Set when a timer may be due sooner than was thought."""


async def fire_timers(duties: Duties) -> None:
    timers = Timers(duties.tables, duties.handler)
    await carry_out_due(timers, duties.timers_set)


async def lose_leases(duties: Duties) -> None:
    grace = Grace(duties.tables, duties.since)
    # Nobody announces leases: the shortest one is as long as the time between looks.
    leases = Leases(duties.tables, duties.handler, grace)
    await carry_out_due(leases, asyncio.Event())


async def carry_out_bulk(duties: Duties) -> None:
    runner = BulkRunner(duties.handler, duties.pool, duties.settings.database_url)
    await runner.run()


async def keep_logs(duties: Duties) -> None:
    await keep_partitions(duties.pool, duties.settings.log_retention_days)


async def forget_workers(duties: Duties) -> None:
    while True:
        with suppress(Unavailable):
            await duties.queue.forget_workers(WORKERS_KEPT_DAYS)
        await asyncio.sleep(FORGET_EVERY_S)


TASKS: Mapping[str, Callable[[Duties], Awaitable[None]]] = {
    "timers": fire_timers,
    "leases": lose_leases,
    "bulk": carry_out_bulk,
    "logs": keep_logs,
    "workers": forget_workers,
}


async def run(
    settings: Settings,
    tasks: Mapping[str, Callable[[Duties], Awaitable[None]]] = TASKS,
    *,
    lock: int = LOCK,
) -> None:
    """Lead, or stand by, until cancelled; then what is begun is finished."""
    url = settings.database_url

    async def work(session: AsyncConnection[TupleRow], since: datetime) -> None:
        async with AsyncExitStack() as stack:
            sessions = await stack.enter_async_context(
                pool(url, name="timers", max_size=8, timeout=5.0)
            )
            quick = await stack.enter_async_context(
                pool(url, name="due", max_size=3, timeout=5.0, durable=False)
            )
            writer = await stack.enter_async_context(Writer(url, name="timers append"))
            numbers = await stack.enter_async_context(RunNumbers(url))
            events = EventStore(sessions, writer)
            duties = Duties(
                CommandHandler(events, numbers, StoredCatalogue(events)),
                sessions,
                DueTables(quick),
                JobQueue(quick),
                settings,
                since,
                asyncio.Event(),
            )
            running = [
                asyncio.create_task(_for_ever(name, task, duties), name=name)
                for name, task in tasks.items()
            ]
            try:
                # Ends with an error when the session, and so the lock, is lost.
                await _listen(session, duties.timers_set)
            finally:
                for one in running:
                    one.cancel()
                await asyncio.gather(*running, return_exceptions=True)

    await lead(url, lock, work, name="timers")


async def _for_ever(
    name: str, task: Callable[[Duties], Awaitable[None]], duties: Duties
) -> None:
    """A mistake in one task keeps no other from its work."""
    while True:
        try:
            await task(duties)
        except Exception:
            log.exception("the task %s failed, starting it again", name)
        await asyncio.sleep(1.0)


async def _listen(
    session: AsyncConnection[TupleRow], timers_set: asyncio.Event
) -> None:
    await session.execute(sql.SQL("LISTEN {}").format(sql.Identifier(TIMERS_CHANNEL)))
    timers_set.set()
    async for _ in session.notifies():
        timers_set.set()
    raise psycopg.OperationalError("The session that held the lock has ended.")


async def _until_signal(settings: Settings) -> None:
    loop = asyncio.get_running_loop()
    running = asyncio.ensure_future(run(settings))
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, running.cancel)
    with suppress(asyncio.CancelledError):
        await running


@click.command("timers")
def command() -> None:
    """Let timers fire, and lose the leases of workers that are gone.

    Carries out bulk operations as well, and drops old log lines. Start as many as you
    like: one works, the others stand by.
    """
    to_stderr()
    uvloop.run(_until_signal(Settings.from_environment()))
