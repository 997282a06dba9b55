"""Reading the log: streams, pages, moments; raw rows for publisher and rebuild."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest

from domain.errors import Unavailable
from domain.ids import Namespace
from domain.ports import Append, Stretch
from domain.run.events import Content, StepCompleted
from infra import codec, postgres
from infra.event_store import pages
from infra.event_store.log import EventStore, LogReader
from infra.event_store.writer import Writer
from infra.postgres_async import pool
from tests.support.appending import NAMESPACE, addition, appended, facts, some

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from typing import Any

    import psycopg

    from tests.support.database import Database

pytestmark = pytest.mark.anyio


@pytest.fixture
async def store(database: Database) -> AsyncIterator[EventStore]:
    url = database.url("runledger_command")
    async with pool(url, name="test", max_size=2) as connections, Writer(url) as writer:
        yield EventStore(connections, writer)


@pytest.fixture
def connection(database: Database) -> Iterator[psycopg.Connection[Any]]:
    with postgres.connect(
        database.url("runledger_publisher"), name="test", autocommit=True
    ) as connection:
        yield connection


async def test_a_stream_is_read_in_parts(store: EventStore) -> None:
    stream = uuid.uuid4()
    await store.append(addition(stream, *some(5)))
    await store.append(addition())
    whole = await store.stream(stream)
    assert [each.version for each in whole] == [1, 2, 3, 4, 5]
    assert [each.event for each in whole] == some(5)
    assert [each.version for each in await store.stream(stream, after=3)] == [4, 5]
    assert [each.version for each in await store.stream(stream, up_to=2)] == [1, 2]
    assert await store.stream(uuid.uuid4()) == []


async def test_a_stream_is_read_up_to_a_moment(store: EventStore) -> None:
    stream = uuid.uuid4()
    first = appended(await store.append(addition(stream, *some(2))))
    (end,) = first.ends
    second = appended(
        await store.append(addition(stream, version=2, previous=end.hash))
    )
    assert second.recorded_at > first.recorded_at
    until = first.recorded_at
    assert [each.version for each in await store.stream(stream, until=until)] == [1, 2]
    until = second.recorded_at
    assert len(await store.stream(stream, until=until)) == 3
    assert len(await store.stream(stream, until=until, up_to=1)) == 1
    before = first.recorded_at.replace(year=2000)
    assert await store.stream(stream, until=before) == []


async def test_a_tail_has_the_hash_of_its_end(store: EventStore) -> None:
    stream = uuid.uuid4()
    (end,) = appended(await store.append(addition(stream, *some(4)))).ends
    tail = await store.tail(stream, 2)
    assert [each.version for each in tail.events] == [3, 4]
    assert tail.hash == end.hash
    assert await store.tail(stream, 4) == ([], bytes(32))


async def test_the_log_is_paged_by_position(store: EventStore) -> None:
    assert await store.head() == 0
    for _ in range(4):
        await store.append(addition(None, *some(3)))
    assert await store.head() == 12
    assert [each.position for each in await store.page(5, 4)] == [6, 7, 8, 9]
    assert await store.page(12, 4) == []


async def test_a_namespace_is_paged_alone(store: EventStore) -> None:
    for namespace in ("a", "b", "a", "b", "a"):
        await store.append(
            Append(
                Namespace(namespace),
                [Stretch(uuid.uuid4(), 0, bytes(32), facts(*some()))],
            )
        )
    found = await store.page(1, 2, "a")
    assert [(each.position, each.namespace) for each in found] == [(3, "a"), (5, "a")]
    assert await store.page(0, 9, "c") == []


async def test_a_store_that_is_away_is_unavailable(database: Database) -> None:
    connections = pool(
        database.url("runledger_command").replace(database.name, "nowhere"),
        name="test",
        max_size=1,
        timeout=0.2,
    )
    await connections.open()
    try:
        with pytest.raises(Unavailable):
            await LogReader(connections).head()
    finally:
        await connections.close()


async def test_pages_are_bounded_by_bytes_and_by_rows(
    store: EventStore, connection: psycopg.Connection[Any]
) -> None:
    """Rows differ by a thousand times in size; none is left out or read twice."""
    large = StepCompleted(step="a", attempt=1, output=Content(value="x" * 30_000))
    for n in range(40):
        events = [large, *some(2)] if n % 4 == 0 else some(60)
        await store.append(addition(None, *events))
    head = pages.head(connection)
    assert head == 10 * 3 + 30 * 60
    read = list(pages.pages(connection, 0, head, max_bytes=100_000))
    assert [row.position for page in read for row in page] == list(range(1, head + 1))
    sizes = [sum(len(row.state) + 200 for row in page) for page in read]
    assert max(sizes) <= 100_000
    assert len(sizes) > 5
    assert [r.position for r in pages.page(connection, 7, max_rows=3)] == [8, 9, 10]
    assert [r.position for r in pages.page(connection, 7, up_to=9)] == [8, 9]
    assert pages.page(connection, head) == []


async def test_a_row_over_the_bytes_of_a_page_is_a_page(
    store: EventStore, connection: psycopg.Connection[Any]
) -> None:
    large = StepCompleted(step="a", attempt=1, output=Content(value="x" * 30_000))
    await store.append(addition(None, large, large))
    read = list(pages.pages(connection, 0, 2, max_bytes=1_000))
    assert [[row.position for row in page] for page in read] == [[1], [2]]


async def test_a_raw_row_decodes_to_what_the_log_tells(
    store: EventStore, connection: psycopg.Connection[Any]
) -> None:
    stream = uuid.uuid4()
    await store.append(addition(stream, *some(3)))
    rows = pages.stream(connection, stream)
    assert [codec.recorded(row) for row in rows] == await store.stream(stream)
    assert rows == pages.page(connection, 0)
    assert rows[0].topic == "run.step.started"
    assert rows[0].state == b'{"step":"build","attempt":1}'
    assert rows[0].namespace == NAMESPACE
