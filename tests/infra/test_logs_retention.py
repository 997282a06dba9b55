"""Partitions of log lines: there when a day begins, gone when its time is over."""

from __future__ import annotations

import asyncio
import uuid
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from infra.logs.attempts import AttemptKey, Limits
from infra.logs.lines import KIND, Lines, microseconds
from infra.logs.retention import AHEAD_DAYS, drop_old_days, keep_partitions
from infra.logs.writer import LogWriter
from infra.postgres_async import pool
from tests.support.logs import move_to_day
from tests.support.waiting import eventually_async

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from psycopg_pool import AsyncConnectionPool

    from tests.support.database import Database

pytestmark = pytest.mark.anyio


@pytest.fixture
async def sessions(database: Database) -> AsyncIterator[AsyncConnectionPool[Any]]:
    url = database.url("runledger_command")
    async with pool(url, name="tests", max_size=4) as sessions:
        yield sessions


def today() -> date:
    return datetime.now(UTC).date()


def days(database: Database) -> list[date]:
    """The days that have a partition."""
    with psycopg.connect(database.url()) as owner:
        rows = owner.execute(
            "SELECT to_date(right(inhrelid::regclass::text, 8), 'YYYYMMDD')"
            "  FROM pg_inherits WHERE inhparent = 'logs.chunks'::regclass"
        ).fetchall()
    return sorted(row[0] for row in rows)


async def write(database: Database) -> AttemptKey:
    """A log of ten lines, in two batches."""
    key = AttemptKey("default", uuid.uuid4(), "extract", 1)
    url = database.url("runledger_command")
    async with LogWriter(url, Limits(1_000, 2**20)) as writer:
        for first in (1, 6):
            texts = [f"line {n}" for n in range(first, first + 5)]
            times = [microseconds(datetime.now(UTC))] * 5
            kinds = bytes([KIND["log", "info"]] * 5)
            await writer.write(key, "ada", first, Lines(times, kinds, texts))
    return key


def count(database: Database, what: str = "count(*)") -> Any:
    with psycopg.connect(database.url()) as owner:
        row = owner.execute(f"SELECT {what} FROM logs.chunks".encode()).fetchone()
    assert row is not None
    return row[0]


async def test_partitions_are_made_ahead(
    database: Database, sessions: AsyncConnectionPool[Any]
) -> None:
    with psycopg.connect(database.url()) as owner:
        for day in days(database):
            owner.execute(f"DROP TABLE logs.chunks_{day:%Y%m%d}".encode())
    task = asyncio.create_task(keep_partitions(sessions, 30))
    expected = [today() + timedelta(days=n) for n in range(AHEAD_DAYS + 1)]

    async def there() -> bool:
        return days(database) == expected

    await eventually_async(there)
    task.cancel()


async def test_a_day_that_was_missed_is_made_by_its_first_line(
    database: Database, sessions: AsyncConnectionPool[Any]
) -> None:
    """Nobody ran the timers for weeks: lines are taken nevertheless."""
    with psycopg.connect(database.url()) as owner:
        for day in days(database):
            owner.execute(f"DROP TABLE logs.chunks_{day:%Y%m%d}".encode())
    await asyncio.gather(*(write(database) for _ in range(4)))
    assert count(database) == 8
    assert days(database) == [today()]


async def test_whole_days_are_dropped_when_they_are_older_than_the_setting(
    database: Database, sessions: AsyncConnectionPool[Any]
) -> None:
    await write(database)
    move_to_day(database, 1, today() - timedelta(days=31))
    move_to_day(database, 6, today() - timedelta(days=30))
    dropped = await drop_old_days(sessions, 30)
    assert dropped == [today() - timedelta(days=31)]
    assert count(database, "min(first)") == 6, "thirty whole days are kept"
    with psycopg.connect(database.url()) as owner:
        told = owner.execute("SELECT day, kept_days FROM logs.dropped_days").fetchall()
    assert told == [(today() - timedelta(days=31), 30)]
    assert await drop_old_days(sessions, 30) == []


async def test_with_nought_days_all_is_kept(
    database: Database, sessions: AsyncConnectionPool[Any]
) -> None:
    await write(database)
    move_to_day(database, 1, today() - timedelta(days=10_000))
    assert await drop_old_days(sessions, 0) == []
    assert count(database) == 2


async def test_the_task_drops_and_goes_on(
    database: Database, sessions: AsyncConnectionPool[Any]
) -> None:
    await write(database)
    move_to_day(database, 1, today() - timedelta(days=9))
    task = asyncio.create_task(keep_partitions(sessions, 7, pause_s=0.01))

    async def one_left() -> bool:
        return bool(count(database) == 1)

    await eventually_async(one_left)
    move_to_day(database, 6, today() - timedelta(days=8))

    async def none_left() -> bool:
        return bool(count(database) == 0)

    await eventually_async(none_left)
    assert not task.done()
    task.cancel()


async def test_a_reader_that_takes_long_is_waited_for_later(
    database: Database, sessions: AsyncConnectionPool[Any]
) -> None:
    """Writers must not queue behind a drop that queues behind a reader."""
    key = await write(database)
    move_to_day(database, 1, today() - timedelta(days=9))
    with psycopg.connect(database.url("runledger_query")) as reader:
        reader.execute("SELECT count(*) FROM logs.chunks")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            await drop_old_days(sessions, 7)
        assert key != await write(database)
    assert len(await drop_old_days(sessions, 7)) == 1


async def test_a_day_is_never_dropped_before_it_is_over(
    sessions: AsyncConnectionPool[Any],
) -> None:
    with pytest.raises(psycopg.errors.InvalidParameterValue):
        await drop_old_days(sessions, -1)
