"""Bulk operations in the log: which are not over, and what they have caused."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from infra import sql

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID

    from psycopg_pool import AsyncConnectionPool

BULK_CHANNEL = "runledger_bulk"
"""Notified when an operation was started. A hint: its payload says nothing."""

QUERIES = sql.load(Path(__file__).with_suffix(".sql"))


class Open(NamedTuple):
    """An operation that is not over."""

    namespace: str
    bulk_id: UUID


class Operations:
    """Reads the log beside what a handler does, and wakes whoever carries them out.

    All of it raises ``psycopg.Error`` or ``PoolTimeout`` where the database is away.
    """

    def __init__(self, pool: AsyncConnectionPool[Any]) -> None:
        self._pool = pool

    async def not_over(self, limit: int) -> list[Open]:
        """The oldest ones."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(QUERIES["not_over"], {"limit": limit})
            return [Open._make(row) for row in await cursor.fetchall()]

    async def caused(
        self, bulk_id: UUID, versions: Collection[tuple[UUID, int]]
    ) -> set[tuple[UUID, int]]:
        """Those of these versions of runs that an operation's commands led to."""
        if not versions:
            return set()
        asked = {
            "bulk_id": bulk_id,
            "runs": [run_id for run_id, _ in versions],
            "versions": [version for _, version in versions],
        }
        async with self._pool.connection() as connection:
            cursor = await connection.execute(QUERIES["caused"], asked)
            return {(run_id, version) for run_id, version in await cursor.fetchall()}

    async def tell(self) -> None:
        """There is one to carry out."""
        async with self._pool.connection() as connection:
            await connection.execute(QUERIES["tell"])
