"""How our asynchronous processes connect to PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from infra.postgres import parameters

if TYPE_CHECKING:
    from psycopg.rows import TupleRow


async def connect(
    url: str, *, name: str, autocommit: bool = False, durable: bool = True
) -> AsyncConnection[TupleRow]:
    """A session for asynchronous code; see ``infra.postgres.parameters``."""
    return await AsyncConnection.connect(
        autocommit=autocommit, **parameters(url, name=name, durable=durable)
    )


def pool(
    url: str,
    *,
    name: str,
    max_size: int,
    min_size: int = 1,
    timeout: float = 10.0,
    durable: bool = True,
) -> AsyncConnectionPool[AsyncConnection[TupleRow]]:
    """A pool of autocommit sessions, not open yet: ``async with pool(...)``."""
    return AsyncConnectionPool(
        kwargs={"autocommit": True, **parameters(url, name=name, durable=durable)},
        connection_class=AsyncConnection[tuple[Any, ...]],
        min_size=min_size,
        max_size=max_size,
        timeout=timeout,
        name=name,
        open=False,
    )
