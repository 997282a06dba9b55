"""Several processes append at once, and connections are lost: nothing goes astray."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest

from domain.errors import StaleVersion, Unavailable
from domain.ports import NO_HASH, End, StoredAnswer
from infra import postgres, postgres_async
from infra.event_store.writer import Writer
from tests.support.appending import addition, appended, key, some, verify
from tests.support.proxy import Proxy
from tests.support.waiting import eventually_async

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from domain.ports import Appended
    from infra.local.stack import PostgresServer
    from tests.support.database import Database

pytestmark = pytest.mark.anyio

APPENDER = """
import asyncio, sys
from infra.event_store.writer import Writer
from tests.support.appending import addition, some

async def main(url):
    async with Writer(url) as writer:
        async def one(n):
            for k in range(25):
                await writer.append(addition(None, *some(n % 3 + 1)))
        await asyncio.gather(*(one(n) for n in range(12)))

asyncio.run(main(sys.argv[1]))
"""
PER_PROCESS = 25 * (4 * 1 + 4 * 2 + 4 * 3)


def test_positions_become_visible_in_order_without_gaps(database: Database) -> None:
    """Read while three processes append: what is read is always all up to its end."""
    url = database.url("runledger_command")
    processes = [
        subprocess.Popen([sys.executable, "-c", APPENDER, url]) for _ in range(3)
    ]
    seen = reads = 0
    try:
        with postgres.connect(
            database.url("runledger_query"), name="test", autocommit=True
        ) as connection:
            while seen < 3 * PER_PROCESS:
                at_work = [one for one in processes if one.poll() is None]
                found = connection.execute(
                    "SELECT notification_id FROM ledger.runledger_events"
                    " WHERE notification_id > %s ORDER BY notification_id",
                    (seen,),
                ).fetchall()
                assert found == [(seen + n + 1,) for n in range(len(found))]
                assert found or at_work, "all have ended, and too little is there"
                seen += len(found)
                reads += bool(found)
    finally:
        codes = [process.wait(timeout=60) for process in processes]
    assert codes == [0, 0, 0]
    assert reads > 1, "nothing was read while it grew"
    assert verify(database.url()) == 3 * PER_PROCESS


async def last_of(database: Database, stream: uuid.UUID) -> End:
    async with await postgres_async.connect(database.url(), name="test") as connection:
        cursor = await connection.execute(
            "SELECT originator_version, notification_id, hash"
            "  FROM ledger.runledger_events WHERE originator_id = %s"
            " ORDER BY originator_version DESC LIMIT 1",
            (stream,),
        )
        row = await cursor.fetchone()
    assert row is not None
    return End(*row)


async def test_two_writers_share_one_stream(database: Database) -> None:
    url = database.url("runledger_command")
    stream = uuid.uuid4()
    conflicts = 0

    async def contend(writer: Writer) -> None:
        nonlocal conflicts
        done = 0
        end = End(0, 0, NO_HASH)
        while done < 20:
            try:
                result = await writer.append(
                    addition(stream, version=end.version, previous=end.hash)
                )
                done += 1
                end = appended(result).ends[0]
            except StaleVersion:
                conflicts += 1
                end = await last_of(database, stream)

    async with Writer(url) as one, Writer(url) as other:
        await asyncio.gather(contend(one), contend(other))
    assert conflicts
    assert verify(database.url()) == 40


@pytest.fixture
async def proxy(request: pytest.FixtureRequest) -> AsyncIterator[Proxy]:
    server: PostgresServer = request.getfixturevalue("postgres")
    # A socket's path must be short.
    with tempfile.TemporaryDirectory(prefix="rl-") as folder:
        async with Proxy(Path(folder), server.sockets) as proxy:
            yield proxy


def through(proxy: Proxy, database: Database) -> str:
    return f"postgresql://runledger_command@/{database.name}?host={proxy.folder}"


@pytest.mark.parametrize("lost", ["answer", "question"])
async def test_an_append_whose_connection_is_lost_is_there_once(
    proxy: Proxy, database: Database, lost: Literal["answer", "question"]
) -> None:
    """After the commit, or before it: the caller cannot tell, and need not."""
    stream = uuid.uuid4()
    async with Writer(through(proxy, database)) as writer:
        (end,) = appended(await writer.append(addition(stream, *some(2)))).ends
        proxy.lose_next = lost
        results = await asyncio.gather(
            writer.append(
                addition(
                    stream, *some(3), version=2, previous=end.hash, key=key("again")
                )
            ),
            writer.append(addition(None, *some(2), key=key("new"))),
            writer.append(addition()),
        )
        assert proxy.lost == 1
        positions = [appended(one).ends[0].position for one in results]
        (end,) = appended(results[0]).ends
        assert end == await last_of(database, stream)
        (next_end,) = appended(
            await writer.append(addition(stream, version=5, previous=end.hash))
        ).ends
    assert positions == [5, 7, 8]
    assert next_end.position == 9
    assert verify(database.url()) == 9


async def test_a_repeated_answer_is_given_where_another_one_used_the_key_meanwhile(
    proxy: Proxy, database: Database
) -> None:
    async with (
        Writer(through(proxy, database)) as writer,
        Writer(database.url("runledger_command")) as other,
    ):
        proxy.lose_next = "question"
        proxy.refuse = True
        waiting = asyncio.create_task(writer.append(addition(key=key("k"))))
        await eventually_async(proxy.has_lost)
        first = await other.append(addition(key=key("k")))
        proxy.refuse = False
        again = await waiting
    assert isinstance(again, StoredAnswer)
    assert again.position == appended(first).ends[0].position
    assert verify(database.url()) == 1


async def test_a_store_that_stays_away_is_unavailable_until_it_is_back(
    proxy: Proxy, database: Database
) -> None:
    async with Writer(through(proxy, database), patience=1.0) as writer:
        await writer.append(addition())
        proxy.refuse = True
        proxy.lose_next = "answer"
        one = addition(key=key("k"))
        results = await asyncio.gather(
            writer.append(one), writer.append(addition()), return_exceptions=True
        )
        assert [type(result) for result in results] == [Unavailable, Unavailable]
        proxy.refuse = False
        # It did go through: the same key shows it.
        stored = await writer.append(addition(key=key("k")))
        assert isinstance(stored, StoredAnswer)
        assert stored.run_id == one.stretches[0].stream_id
    assert verify(database.url()) == 3


async def test_backends_ended_under_load_lose_and_double_nothing(
    database: Database,
) -> None:
    done: list[Appended | StoredAnswer] = []

    async def load(writer: Writer) -> None:
        while not stop:
            done.append(await writer.append(addition(None, *some(2))))

    ended = 0
    stop = False
    async with (
        Writer(database.url("runledger_command"), name="victim") as writer,
        await postgres_async.connect(
            database.url("postgres"), name="killer", autocommit=True
        ) as killer,
    ):
        tasks = [asyncio.create_task(load(writer)) for _ in range(16)]
        while ended < 12:
            before = len(done)
            cursor = await killer.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                " WHERE application_name = 'victim' AND datname = current_database()"
            )
            row = await cursor.fetchone()
            assert row is not None
            ended += row[0]
            await eventually_async(lambda: grown(done, before + 40))  # noqa: B023
        stop = True
        await asyncio.gather(*tasks)
    positions = [appended(one).ends[0].position for one in done]
    assert len(set(positions)) == len(positions)
    assert verify(database.url()) == 2 * len(positions)


async def grown(done: list[Appended | StoredAnswer], size: int) -> bool:
    return len(done) >= size
