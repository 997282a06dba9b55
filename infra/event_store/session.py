"""The writer's session: one statement, sent and answered with as little as possible.

psycopg's own ``execute`` costs 24 us of this process and 71 us of time a round trip,
mostly for asking the loop to watch the socket anew each time. Here the loop watches it
all along, and libpq is asked directly: 6 us and 26 us. A command waits for two such
trips at most, so it shows.
"""

from __future__ import annotations

import asyncio
import struct
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Self

import psycopg
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus, Format

from infra import postgres_async
from infra.event_store import wire
from infra.event_store.settling import QUERIES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from psycopg import AsyncConnection
    from psycopg.pq.abc import PGresult
    from psycopg.rows import TupleRow

_STATEMENT = b"append"
_BINARY = (Format.BINARY,) * 5
_INT8 = struct.Struct(">q")
_Y2000 = datetime(2000, 1, 1, tzinfo=UTC)


class Session:
    """A connection on which ``ledger.append`` is prepared. Used by one task."""

    def __init__(
        self, connection: AsyncConnection[TupleRow], arrays: wire.Arrays
    ) -> None:
        self.connection = connection
        self.arrays = arrays
        self._pgconn = connection.pgconn
        self._socket = connection.fileno()
        self._loop = asyncio.get_running_loop()
        self._watching = False
        self._input: asyncio.Future[None] | None = None
        self._lost: psycopg.Error | None = None

    @classmethod
    async def open(cls, url: str, *, name: str) -> Self:
        """Connect and prepare.

        Raises:
            psycopg.OperationalError: the server cannot be reached.
        """
        connection = await postgres_async.connect(url, name=name, autocommit=True)
        arrays = await wire.register(connection)
        await connection.execute(QUERIES["prepare_append"])
        return cls(connection, arrays)

    async def append(self, parameters: Sequence[bytes]) -> tuple[int, datetime]:
        """Call ``ledger.append``: the position before the first event, and when.

        Returns only what is committed.

        Raises:
            psycopg.OperationalError: the connection is lost; it may be committed.
            psycopg.Error: the server refused it.
        """
        self._pgconn.send_query_prepared(_STATEMENT, parameters, _BINARY, Format.BINARY)
        if not self._watching:
            self._loop.add_reader(self._socket, self._consume)
            self._watching = True
        if self._pgconn.flush():
            await self._flush()
        results = await self._results()
        for result in results:
            if result.status == ExecStatus.FATAL_ERROR:
                raise error_from_result(result)
        (answer,) = results
        base, at = answer.get_value(0, 0), answer.get_value(0, 1)
        assert base is not None
        assert at is not None
        (microseconds,) = _INT8.unpack(at)
        moment = _Y2000 + timedelta(microseconds=microseconds)
        return _INT8.unpack(base)[0], moment

    def lend(self) -> AsyncConnection[TupleRow]:
        """The connection for psycopg's own use, which watches the socket itself."""
        self._stop_watching()
        return self.connection

    async def close(self) -> None:
        self._stop_watching()
        await self.connection.close()

    async def _results(self) -> list[PGresult]:
        """All there are; the end of them is the end of the transaction."""
        found: list[PGresult] = []
        while True:
            while self._pgconn.is_busy():
                if self._lost is not None:
                    # Told while nobody waited; nothing will come any more.
                    raise self._lost
                self._input = self._loop.create_future()
                await self._input
            result = self._pgconn.get_result()
            if result is None:
                return found
            found.append(result)

    async def _flush(self) -> None:
        """Send what the socket did not take at once, which large batches need."""
        while True:
            room = self._loop.create_future()
            self._loop.add_writer(self._socket, _resolve, room)
            try:
                await room
            finally:
                self._loop.remove_writer(self._socket)
            if not self._pgconn.flush():
                return

    def _consume(self) -> None:
        """The socket can be read: take what has come, and wake who waits for it."""
        try:
            self._pgconn.consume_input()
        except psycopg.Error as lost:
            # Else the loop would call this again and again.
            self._stop_watching()
            self._lost = lost
        waiting = self._input
        if waiting is None or waiting.done():
            return
        if self._lost is not None:
            waiting.set_exception(self._lost)
        else:
            waiting.set_result(None)

    def _stop_watching(self) -> None:
        if self._watching:
            self._loop.remove_reader(self._socket)
            self._watching = False


def _resolve(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
