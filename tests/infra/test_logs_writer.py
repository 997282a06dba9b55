"""Writing log lines: dense numbers, nothing twice, nothing lost without a word."""

from __future__ import annotations

import asyncio
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from domain.errors import Unavailable
from infra.local.stack import PostgresServer
from infra.logs.attempts import AttemptKey, Limits, LinesMissing, Written
from infra.logs.lines import KIND, Lines, microseconds
from infra.logs.writer import LogWriter
from infra.migrate import create_database, migrate
from infra.postgres_async import connect
from tests.support.waiting import eventually_async

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.database import Database

pytestmark = pytest.mark.anyio

PLENTY = Limits(lines=1_000_000, bytes=2**30)


def an_attempt() -> AttemptKey:
    return AttemptKey("default", uuid.uuid4(), "extract", 1)


def lines(*texts: str) -> Lines:
    now = microseconds(datetime.now(UTC))
    return Lines(
        [now] * len(texts), bytes([KIND["stdout", "info"]] * len(texts)), texts
    )


def numbered(first: int, last: int) -> Lines:
    return lines(*(f"line {n}" for n in range(first, last + 1)))


class ServerDatabase:
    """The database of a server of this test alone."""

    def __init__(self, server: PostgresServer) -> None:
        self._server = server

    def url(self, role: str = "runledger_owner") -> str:
        return self._server.url("runledger", role)


class Process:
    """What one process of the command API has."""

    def __init__(self, database: Database | ServerDatabase) -> None:
        self.url = database.url("runledger_command")
        self.owner = database.url("postgres")

    def writer(self, limits: Limits = PLENTY, patience: float = 10.0) -> LogWriter:
        return LogWriter(self.url, limits, patience=patience)

    async def rows(self, statement: str, *params: object) -> list[tuple[Any, ...]]:
        async with await connect(self.owner, name="tests", autocommit=True) as owner:
            cursor = await owner.execute(statement.encode(), params)
            return await cursor.fetchall()

    async def kept(self, key: AttemptKey) -> list[str]:
        """The texts that are stored, each where its number says."""
        rows = await self.rows(
            "SELECT c.first, c.lines, c.body FROM logs.chunks AS c"
            "  JOIN logs.attempts AS a ON a.id = c.attempt_id"
            " WHERE a.run_id = %s AND a.step = %s AND a.attempt = %s ORDER BY first",
            *key[1:],
        )
        found: list[str] = []
        for first, count, body in rows:
            assert first == len(found) + 1, "numbers have no gaps"
            found += body.split("\x1e")
            assert len(found) == first + count - 1
        return found


@pytest.fixture
def process(database: Database) -> Process:
    return Process(database)


async def test_lines_get_the_numbers_that_their_writer_gave_them(
    process: Process,
) -> None:
    key = an_attempt()
    async with process.writer() as writer:
        assert await writer.write(key, "ada", 1, numbered(1, 3)) == Written(4, 0)
        assert await writer.write(key, "ada", 4, numbered(4, 5)) == Written(6, 0)
    assert await process.kept(key) == [f"line {n}" for n in range(1, 6)]


async def test_a_batch_sent_twice_is_stored_once(process: Process) -> None:
    key = an_attempt()
    async with process.writer() as writer:
        for _ in range(2):
            assert (await writer.write(key, "ada", 1, numbered(1, 3))).next == 4
        # The end of one and the beginning of the next in one batch.
        assert (await writer.write(key, "ada", 2, numbered(2, 7))).next == 8
    assert await process.kept(key) == [f"line {n}" for n in range(1, 8)]


async def test_a_batch_sent_twice_at_once_is_stored_once(process: Process) -> None:
    key = an_attempt()
    async with process.writer() as one, process.writer() as other:
        batch = numbered(1, 50)
        writers = [one, other, one, other]
        answers = await asyncio.gather(
            *(writer.write(key, "ada", 1, batch) for writer in writers)
        )
    assert {answer.next for answer in answers} == {51}
    assert await process.kept(key) == list(batch.texts)


async def test_of_two_batches_out_of_order_the_later_one_is_sent_back(
    process: Process,
) -> None:
    key = an_attempt()
    async with process.writer() as writer:
        with pytest.raises(LinesMissing) as missing:
            await writer.write(key, "ada", 4, numbered(4, 6))
        assert missing.value.next == 1
        await writer.write(key, "ada", 1, numbered(1, 3))
        await writer.write(key, "ada", 4, numbered(4, 6))
    assert await process.kept(key) == [f"line {n}" for n in range(1, 7)]


async def test_another_process_goes_on_where_the_first_one_stopped(
    process: Process,
) -> None:
    key = an_attempt()
    async with process.writer() as one, process.writer() as other:
        await one.write(key, "ada", 1, numbered(1, 3))
        await other.write(key, "ada", 4, numbered(4, 6))
        # The first one still thinks that four lines are next.
        await one.write(key, "ada", 7, numbered(7, 9))
        assert (await other.write(key, "ada", 8, numbered(8, 10))).next == 11
    assert await process.kept(key) == [f"line {n}" for n in range(1, 11)]


async def test_no_lines_ask_where_to_go_on(process: Process) -> None:
    key = an_attempt()
    async with process.writer() as writer:
        assert (await writer.write(key, "ada", 1, lines())).next == 1
        await writer.write(key, "ada", 1, numbered(1, 3))
    async with process.writer() as restarted:
        assert (await restarted.write(key, "ada", 1, lines())).next == 4


async def test_what_comes_after_the_limit_is_counted(process: Process) -> None:
    key = an_attempt()
    async with process.writer(Limits(lines=5, bytes=2**30)) as writer:
        assert await writer.write(key, "ada", 1, numbered(1, 4)) == Written(5, 0)
        assert await writer.write(key, "ada", 5, numbered(5, 8)) == Written(9, 3)
        assert await writer.write(key, "ada", 5, numbered(5, 8)) == Written(9, 3)
        assert await writer.write(key, "ada", 9, numbered(9, 9)) == Written(10, 4)
    assert await process.kept(key) == [f"line {n}" for n in range(1, 6)]
    assert await process.rows("SELECT lines, over FROM logs.attempts") == [(5, 4)]


async def test_a_limit_of_bytes_ends_it_too(process: Process) -> None:
    key = an_attempt()
    async with process.writer(Limits(lines=1_000, bytes=1_000)) as writer:
        assert await writer.write(key, "ada", 1, lines("x" * 1_000)) == Written(2, 0)
        assert await writer.write(key, "ada", 2, lines("y")) == Written(3, 1)
    assert await process.kept(key) == ["x" * 1_000]


async def test_many_attempts_share_a_commit(process: Process) -> None:
    keys = [an_attempt() for _ in range(40)]
    async with process.writer() as writer:
        await asyncio.gather(
            *(writer.write(key, "ada", 1, numbered(1, 5)) for key in keys)
        )
        await asyncio.gather(
            *(writer.write(key, "ada", 6, numbered(6, 9)) for key in keys)
        )
    for key in keys:
        assert await process.kept(key) == [f"line {n}" for n in range(1, 10)]
    ((commits,),) = await process.rows(
        "SELECT count(DISTINCT xmin::text) FROM logs.attempts"
    )
    assert commits < len(keys)


async def test_a_lost_connection_stores_nothing_twice(process: Process) -> None:
    key = an_attempt()
    async with process.writer() as writer:
        for first in range(1, 200, 10):
            if first % 30 == 1:
                await _end_sessions(process)
            await writer.write(key, "ada", first, numbered(first, first + 9))
    assert await process.kept(key) == [f"line {n}" for n in range(1, 201)]


async def test_a_call_that_was_carried_out_before_its_answer_was_lost(
    process: Process,
) -> None:
    """Whatever was in the lost call is there: the repeated one finds that out."""
    key = an_attempt()
    async with process.writer() as lost, process.writer() as repeated:
        await lost.write(key, "ada", 1, numbered(1, 10))
        await repeated.write(key, "ada", 1, lines())
        await lost.write(key, "ada", 11, numbered(11, 20))
        # This one knows of ten lines only, as after a lost answer.
        assert (await repeated.write(key, "ada", 11, numbered(11, 20))).next == 21
    assert await process.kept(key) == [f"line {n}" for n in range(1, 21)]


async def test_a_backup_that_was_put_back_is_noticed(process: Process) -> None:
    """It lacks an attempt that the writer knows: what came first is missing again."""
    key = an_attempt()
    async with process.writer() as writer:
        await writer.write(key, "ada", 1, numbered(1, 3))
        await process.rows("DELETE FROM logs.chunks RETURNING 1")
        await process.rows("DELETE FROM logs.attempts RETURNING 1")
        with pytest.raises(LinesMissing) as missing:
            await writer.write(key, "ada", 4, numbered(4, 6))
        assert missing.value.next == 1
        assert (await writer.write(key, "ada", 1, numbered(1, 6))).next == 7
    assert await process.kept(key) == [f"line {n}" for n in range(1, 7)]


async def test_a_server_that_is_killed_keeps_what_it_answered(tmp_path: Path) -> None:
    key = an_attempt()
    with PostgresServer(tmp_path / "postgres") as server:
        create_database(server.url(), "runledger")
        migrate(server.url("runledger", "runledger_owner"))
        process = Process(ServerDatabase(server))
        async with process.writer(patience=60.0) as writer:
            await writer.write(key, "ada", 1, numbered(1, 100))
            await asyncio.to_thread(server.kill)
            second = asyncio.create_task(
                writer.write(key, "ada", 101, numbered(101, 200))
            )
            await asyncio.to_thread(server.start)
            assert (await second).next == 201
        assert await process.kept(key) == [f"line {n}" for n in range(1, 201)]


async def test_a_caller_that_hangs_up_leaves_the_next_one_in_order(
    process: Process,
) -> None:
    key = an_attempt()
    async with process.writer() as writer:
        await writer.write(key, "ada", 1, lines("line 1"))
        calls = [
            asyncio.create_task(writer.write(key, "ada", 2, numbered(2, 4)))
            for _ in range(2)
        ]
        await asyncio.sleep(0)
        calls[0].cancel()
        assert (await calls[1]).next == 5
        assert (await writer.write(key, "ada", 5, lines("line 5"))).next == 6
    assert await process.kept(key) == [f"line {n}" for n in range(1, 6)]


async def test_a_store_that_stays_away_is_said(process: Process) -> None:
    key = an_attempt()
    async with process.writer(patience=0.5) as writer:
        await writer.write(key, "ada", 1, numbered(1, 3))
        async with await connect(process.owner, name="tests") as owner:
            await owner.execute("LOCK logs.attempts IN ACCESS EXCLUSIVE MODE")
            with pytest.raises(Unavailable, match="none is stored twice"):
                await writer.write(key, "ada", 4, numbered(4, 6))
            await owner.rollback()
        assert (await writer.write(key, "ada", 4, numbered(4, 6))).next == 7
    assert await process.kept(key) == [f"line {n}" for n in range(1, 7)]


async def test_nobody_writes_past_the_functions(process: Process) -> None:
    async with await connect(process.url, name="tests", autocommit=True) as command:
        for statement in (
            "INSERT INTO logs.chunks VALUES (1, 1, now(), 1, 1, 1, '', '', '')",
            "UPDATE logs.attempts SET lines = 0",
            "DELETE FROM logs.chunks",
            "TRUNCATE logs.chunks",
            "DROP TABLE logs.chunks",
            "SELECT logs.make_day('2026-01-01')",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                await command.execute(statement.encode())


async def test_readers_only_read(process: Process, database: Database) -> None:
    url = database.url("runledger_query")
    async with await connect(url, name="tests", autocommit=True) as query:
        for table in ("attempts", "chunks", "dropped_days"):
            await query.execute(f"SELECT * FROM logs.{table}".encode())
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                await query.execute(f"DELETE FROM logs.{table}".encode())
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await query.execute("SELECT logs.drop_oldest(1)")


async def _end_sessions(process: Process) -> None:
    ended = await process.rows(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE application_name = 'log writer' AND datname = current_database()"
    )
    assert ended

    async def gone() -> bool:
        found = await process.rows(
            "SELECT FROM pg_stat_activity WHERE application_name = 'log writer'"
            " AND datname = current_database()"
        )
        return not found

    await eventually_async(gone)
