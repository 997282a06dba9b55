"""The session that lines are written through: two functions of the schema ``logs``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from psycopg.types.numeric import Int4, Int8

from infra import postgres_async, sql

if TYPE_CHECKING:
    from collections.abc import Sequence

    from psycopg import AsyncConnection, AsyncCursor
    from psycopg.rows import TupleRow

    from infra.logs.attempts import Entry

QUERIES = sql.load(Path(__file__).with_name("statements.sql"))


class LogStore:
    """Connects when it is needed. Everything raises what psycopg raises."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: AsyncConnection[TupleRow] | None = None

    async def open(self, batch: list[Entry]) -> list[Entry]:
        """Make sure of the attempts' rows; those that go on where their row is."""
        asked = [one for one in batch if one.asks or one.attempt.id is None]
        if not asked:
            return batch
        keys = [one.attempt.key for one in asked]
        cursor = await self._execute(
            "open_attempts",
            [key.namespace for key in keys],
            [key.run_id for key in keys],
            [key.step for key in keys],
            [Int4(key.attempt) for key in keys],
            [one.attempt.principal for one in asked],
        )
        for nth, attempt_id, *counts in await cursor.fetchall():
            one = asked[nth - 1]
            one.attempt.id = attempt_id
            lines, over, size = counts
            if one.asks or one.next != lines + over + 1:
                one.resolve((lines, over, size))
        return [one for one in batch if not one.future.done()]

    async def append(self, batch: Sequence[Entry]) -> None:
        """Store those that go on where their attempt is, and tell each how it went."""
        chunks = [(one.attempt.id, chunk) for one in batch for chunk in one.chunks]
        cursor = await self._execute(
            "append",
            # Integers of one size: by their own, every batch would be a statement of
            # its own to the server.
            [Int8(one.attempt.id or 0) for one in batch],
            [Int8(one.next) for one in batch],
            [Int8(one.lines) for one in batch],
            [Int8(one.over) for one in batch],
            [Int8(one.bytes) for one in batch],
            [Int8(len(one.chunks)) for one in batch],
            [Int8(attempt or 0) for attempt, _ in chunks],
            [Int8(chunk.first) for _, chunk in chunks],
            [Int4(chunk.lines) for _, chunk in chunks],
            [Int4(chunk.kinds) for _, chunk in chunks],
            [Int8(chunk.began) for _, chunk in chunks],
            [chunk.marks for _, chunk in chunks],
            [chunk.times for _, chunk in chunks],
            [chunk.body for _, chunk in chunks],
        )
        found = {row[0]: row[1:] for row in await cursor.fetchall()}
        for one in batch:
            if one.attempt.id not in found:
                # It was there: a backup was put back meanwhile.
                one.attempt.id = None
                one.resolve((0, 0, 0))
                continue
            taken, *counts = found[one.attempt.id]
            lines, over, size = counts
            one.resolve(None if taken else (lines, over, size))

    async def _execute(
        self, name: str, *arrays: Sequence[object]
    ) -> AsyncCursor[TupleRow]:
        if self._connection is None:
            await self.connect()
        assert self._connection is not None
        cursor = self._connection.cursor(binary=True)
        return await cursor.execute(QUERIES[name], arrays, prepare=True)

    async def connect(self) -> None:
        self._connection = await postgres_async.connect(
            self._url, name="log writer", autocommit=True
        )

    async def disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()
