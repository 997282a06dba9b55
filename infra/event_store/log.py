"""The log for asynchronous code: appending for the handler, reading for the APIs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
from psycopg_pool import PoolTimeout

from domain.errors import Unavailable
from domain.ports import NO_HASH, StoredAnswer, Tail
from infra.codec import recorded
from infra.event_store.rows import QUERIES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from psycopg import AsyncConnection
    from psycopg.rows import TupleRow
    from psycopg_pool import AsyncConnectionPool

    from domain.events import Recorded
    from domain.ports import Append, Appended
    from infra.event_store.writer import Writer

NO_END = 2**62
"""Above every version and position."""


class LogReader:
    """What the log holds, through a pool that others may share."""

    def __init__(self, pool: AsyncConnectionPool[AsyncConnection[TupleRow]]) -> None:
        self._pool = pool

    async def stream(
        self,
        stream_id: UUID,
        *,
        after: int = 0,
        up_to: int = NO_END,
        until: datetime | None = None,
    ) -> list[Recorded]:
        """Events of a stream, in order; ``until``: recorded at that moment or before.

        Raises:
            Unavailable: the store cannot be reached.
        """
        if until is not None:
            at = {"stream_id": stream_id, "at": until}
            ((version,),) = await self._fetch("version_at", at)
            up_to = min(up_to, version or 0)
        rows = await self._fetch(
            "stream", {"stream_id": stream_id, "after": after, "up_to": up_to}
        )
        return [recorded(row) for row in rows]

    async def page(
        self, after: int, limit: int, namespace: str | None = None
    ) -> list[Recorded]:
        """The next events by position; of one namespace, if one is named."""
        name = "page" if namespace is None else "namespace_page"
        asked = {"after": after, "limit": limit, "namespace": namespace}
        return [recorded(row) for row in await self._fetch(name, asked)]

    async def head(self) -> int:
        """The position of the last event; 0 in an empty log."""
        ((position,),) = await self._fetch("head", {})
        return int(position)

    async def content(self, namespace: str, digest: str) -> bytes | None:
        """A value that was too large for its event, as JSON."""
        rows = await self._fetch("content", {"namespace": namespace, "digest": digest})
        return bytes(rows[0][0]) if rows else None

    async def tail(self, stream_id: UUID, after: int = 0) -> Tail:
        """The events of a stream behind a version, and the hash of the last one."""
        rows = await self._fetch("hashed", {"stream_id": stream_id, "after": after})
        return Tail(
            [recorded(row[:-1]) for row in rows], rows[-1][-1] if rows else NO_HASH
        )

    async def answer(
        self, namespace: str, principal: str, key: str
    ) -> StoredAnswer | None:
        """What was answered under an idempotency key."""
        asked = {"namespace": namespace, "principal": principal, "key": key}
        rows = await self._fetch("answer", asked)
        return StoredAnswer(*rows[0]) if rows else None

    async def _fetch(self, name: str, asked: Mapping[str, object]) -> list[Any]:
        try:
            async with self._pool.connection() as connection:
                cursor = connection.cursor(binary=True)
                await cursor.execute(QUERIES[name], asked, prepare=True)
                return await cursor.fetchall()
        except (psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout) as error:
            raise Unavailable("The event store cannot be reached.") from error


class EventStore(LogReader):
    """The ``EventLog`` of the command handler: a reader, and the process's writer."""

    def __init__(
        self,
        pool: AsyncConnectionPool[AsyncConnection[TupleRow]],
        writer: Writer,
    ) -> None:
        super().__init__(pool)
        self._writer = writer

    async def append(self, append: Append) -> Appended | StoredAnswer:
        return await self._writer.append(append)
