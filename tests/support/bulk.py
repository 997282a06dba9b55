"""Bulk operations in tests: started past the API, carried out here or in a process.

    python -m tests.support.bulk URL

carries out all that is open on a database until it is killed.
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from domain.bulk.commands import RunFilter, StartBulk
from domain.bulk.events import BulkItemsDone
from domain.bulk.evolution import fold
from domain.bulk.state import Bulk
from domain.handling import CommandHandler
from infra.event_store.catalogue import StoredCatalogue
from infra.event_store.log import EventStore
from infra.event_store.numbers import RunNumbers
from infra.event_store.writer import Writer
from infra.postgres_async import pool
from tests.support.waiting import eventually_async
from workers.bulk import BulkRunner

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from uuid import UUID

    from domain.bulk.commands import BulkCommand
    from domain.bulk.items import BulkItem, ItemResult
    from tests.support.commanding import Process


async def start(
    process: Process,
    command: BulkCommand,
    items: Sequence[BulkItem],
    *,
    reason: str = "bad deploy",
) -> UUID:
    """An operation of ada's over exactly these items."""
    wanted = StartBulk(
        command=command,
        filter=RunFilter(workflow="deploy"),
        take_as_is=True,
        reason=reason,
        items=tuple(items),
    )
    return (await process.do(None, wanted)).run_id


async def shown(process: Process, bulk_id: UUID) -> Bulk:
    """As the log has it."""
    events = await process.log.stream(bulk_id)
    return fold(Bulk(), ((each.event, each.by) for each in events))


async def ended(process: Process, bulk_id: UUID) -> Bulk:
    """Once it is over."""

    async def over() -> Bulk | None:
        bulk = await shown(process, bulk_id)
        return bulk if bulk.final else None

    found = await eventually_async(over)
    assert found is not None
    return found


async def results(process: Process, bulk_id: UUID) -> list[ItemResult]:
    """What was recorded of the items, in the order of the list."""
    return [
        result
        for each in await process.log.stream(bulk_id)
        if isinstance(each.event, BulkItemsDone)
        for result in each.event.results
    ]


@asynccontextmanager
async def runner(url: str) -> AsyncIterator[BulkRunner]:
    """One that works until the end of the block; connected as the command API is."""
    async with (
        pool(url, name="test-bulk", max_size=4) as connections,
        Writer(url) as writer,
        RunNumbers(url) as numbers,
    ):
        log = EventStore(connections, writer)
        handler = CommandHandler(log, numbers, StoredCatalogue(log))
        found = BulkRunner(handler, connections, url)
        task = asyncio.create_task(found.run())
        try:
            yield found
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def ended_by(
    process: Process, url: str, command: BulkCommand, items: Sequence[BulkItem]
) -> Bulk:
    """Started, and carried out to its end by a runner of its own."""
    bulk_id = await start(process, command, items)
    async with runner(url):
        return await ended(process, bulk_id)


async def _forever(url: str) -> None:
    async with runner(url):
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_forever(sys.argv[1]))
