"""Reading from PostgreSQL: one pool, and every page with the position it stands for."""

from __future__ import annotations

from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, LiteralString, NamedTuple

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import TupleRow, dict_row, tuple_row
from psycopg_pool import AsyncConnectionPool

from domain.errors import Unavailable
from infra.postgres import parameters
from infra.sql import load

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

SQL_FOLDER = Path(__file__).with_name("sql")
STATEMENT_TIMEOUT_MS = 15_000

POSITION = load(SQL_FOLDER / "position.sql")

Row = dict[str, Any]
Session = AsyncConnection[TupleRow]


class Page(NamedTuple):
    """Rows and the position up to which the read tables had everything then."""

    position: int
    rows: list[Row]


class Head(NamedTuple):
    """The newest place of the log."""

    position: int
    recorded_at: Any


class Reading:
    """The query API's way to PostgreSQL. It only ever reads."""

    def __init__(self, pool: AsyncConnectionPool[Session]) -> None:
        self.pool = pool
        """For what else the process reads: the log, callers' tokens."""

    async def page(
        self, statement: LiteralString, params: Mapping[str, object]
    ) -> Page:
        """Rows of read tables, with their position, from one snapshot.

        Raises:
            Unavailable: PostgreSQL cannot be reached, or took too long.
        """
        position, (rows,) = await self.pages(params, statement)
        return Page(position, rows)

    async def pages(
        self, params: Mapping[str, object], *statements: LiteralString
    ) -> tuple[int, list[list[Row]]]:
        """The rows of several statements and their position, from one snapshot."""
        async with self._session() as session, session.pipeline():
            # All statements go out at once, and are one transaction.
            at = await session.execute(POSITION["read_position"])
            cursors = []
            for statement in statements:
                cursor = session.cursor(row_factory=dict_row)
                cursors.append(await cursor.execute(statement, params))
            found = await at.fetchone()
            assert found is not None
            return found[0], [await cursor.fetchall() for cursor in cursors]

    async def rows(
        self, statement: LiteralString, params: Mapping[str, object] | None = None
    ) -> list[Row]:
        """Rows of a statement that needs no position: of the log itself.

        Raises:
            Unavailable: PostgreSQL cannot be reached, or took too long.
        """
        async with self._session() as session:
            cursor = session.cursor(row_factory=dict_row)
            await cursor.execute(statement, params)
            return await cursor.fetchall()

    async def one(
        self, statement: LiteralString, params: Mapping[str, object] | None = None
    ) -> Row | None:
        found = await self.rows(statement, params)
        return found[0] if found else None

    async def position(self) -> int:
        """Everything up to here is in the read tables."""
        found = await self.one(POSITION["read_position"])
        assert found is not None
        return int(found["position"])

    async def head(self) -> Head:
        found = await self.one(POSITION["log_head"])
        assert found is not None
        return Head(found["position"], found["recorded_at"])

    @asynccontextmanager
    async def _session(self) -> AsyncIterator[Session]:
        try:
            async with self.pool.connection() as session:
                yield session
        except psycopg.errors.QueryCanceled as error:
            raise Unavailable(
                f"It took longer than {STATEMENT_TIMEOUT_MS // 1000} s: ask for less "
                "at once, or for a narrower part."
            ) from error
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            raise Unavailable(
                "The database cannot be reached: try again in a moment."
            ) from error


@asynccontextmanager
async def reading(url: str, *, max_size: int = 10) -> AsyncIterator[Reading]:
    """A pool of sessions that cannot write, for as long as the process serves."""
    settings = parameters(url, name="runledger-query")
    settings["options"] += (
        " -c timezone=UTC -c default_transaction_read_only=on"
        # What one answer puts together comes from one snapshot.
        r" -c default_transaction_isolation=repeatable\ read"
        f" -c statement_timeout={STATEMENT_TIMEOUT_MS}"
    )
    pool: AsyncConnectionPool[Session] = AsyncConnectionPool(
        kwargs={"autocommit": True, "row_factory": tuple_row, **settings},
        connection_class=Session,
        min_size=2,
        max_size=max_size,
        timeout=5.0,
        name="runledger-query",
        # After a restart of the server all sessions are dead: nobody is to get one.
        check=AsyncConnectionPool.check_connection,
        open=False,
    )
    async with pool:
        yield Reading(pool)
