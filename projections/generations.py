"""Making, flipping and dropping generations of read tables.

The session must belong to ``runledger_reads``, which owns them all.
"""

from __future__ import annotations

import itertools
import random
import time
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql as composed

from infra import sql
from infra.settings import PARTITIONS
from projections.catalogue import TABLES
from projections.generation import current, schema_of
from projections.read_model import SQL, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from psycopg import Connection

QUERIES = sql.load(SQL / "generations.sql")

OWNER = "runledger_reads"

KEPT_VIEWS = {"degraded"}
"""Of the schema ``read``, those that show no table of a generation."""

LOCK_TIMEOUTS_MS = (20, 40, 80, 160, 320)
"""How long to wait for the views, try by try, over and over. A query that joins them
may hold one and want another that we hold: then the sooner we let go the better. A
slow query has to be waited for. All are below deadlock_timeout (1 s), after which
PostgreSQL might sacrifice the query."""

FLIP_PATIENCE_S = 60.0


class Busy(Exception):
    """Queries never let go of the views long enough for a flip."""


def create(connection: Connection[Any], tables: Sequence[Table] = TABLES) -> int:
    """A new generation, empty and building; its number."""
    row = connection.execute(QUERIES["next"]).fetchone()
    assert row is not None
    number = int(row[0])
    with connection.transaction():
        connection.execute(QUERIES["begin"], {"id": number})
        connection.execute(
            QUERIES["begin_positions"], {"id": number, "partitions": PARTITIONS}
        )
        connection.execute(QUERIES["make_schema"], {"id": number})
        _act_in(connection, number)
        for table in tables:
            connection.execute(table.statements["create"])
    return number


def index(
    connection: Connection[Any], number: int, tables: Sequence[Table] = TABLES
) -> None:
    """What is quicker to make when the tables are filled."""
    for table in tables:
        with connection.transaction():
            _act_in(connection, number)
            if statement := table.statements.get("index"):
                connection.execute(statement)
            connection.execute(
                composed.SQL("ANALYZE {}").format(composed.Identifier(table.name))
            )


def drop(connection: Connection[Any], number: int) -> None:
    """Any generation but the current one; its rows and all that is known of it."""
    with connection.transaction():
        connection.execute(
            composed.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(_identifier(number))
        )
        connection.execute(QUERIES["forget"], {"id": number})


def flip(
    connection: Connection[Any], number: int, tables: Sequence[Table] = TABLES
) -> None:
    """Let queries see this generation from the commit on; for a transaction.

    Queries wait a moment for the views and then see the new tables; none fails.

    Raises:
        Busy: queries that last for minutes hold the views.
    """
    old = current(connection)
    views = _views(connection, number, tables)
    deadline = time.monotonic() + FLIP_PATIENCE_S
    for timeout in itertools.cycle(LOCK_TIMEOUTS_MS):
        try:
            # A savepoint: what was locked so far is let go before the next try.
            with connection.transaction():
                connection.execute(
                    composed.SQL("SET LOCAL lock_timeout = {}").format(timeout)
                )
                connection.execute(views)
            break
        except psycopg.errors.LockNotAvailable as error:
            if time.monotonic() > deadline:
                raise Busy(
                    "Queries kept the views of the read tables locked: end them, "
                    "then try again."
                ) from error
            # Whoever waited for us goes first, and not in step with us.
            time.sleep(random.uniform(0.0, timeout / 1_000))
    connection.execute(QUERIES["retire"], {"id": old})
    connection.execute(QUERIES["install"], {"id": number})
    connection.execute("NOTIFY runledger_read")


def roll_back(connection: Connection[Any]) -> tuple[int, int] | None:
    """Flip to the generation that was the current one before.

    Returns from which to which; None if there is none to go back to. Its projector
    goes on from where that generation was left.
    """
    with connection.transaction():
        row = connection.execute(QUERIES["newest_retired"]).fetchone()
        if row is None:
            return None
        old = current(connection)
        flip(connection, int(row[0]))
    return old, int(row[0])


def drop_older(connection: Connection[Any], keep: int) -> list[int]:
    """Drop the retired generations but the one to keep; their numbers."""
    rows = connection.execute(QUERIES["retired"], {"keep": keep}).fetchall()
    for (number,) in rows:
        drop(connection, number)
    return [number for (number,) in rows]


def _views(
    connection: Connection[Any], number: int, tables: Sequence[Table]
) -> composed.Composed:
    """All that points the views at a generation, as one message to the server.

    Looked up beforehand: between the first view's lock and the last one's lies as
    little time as possible.
    """
    known = {row[0] for row in connection.execute(QUERIES["views"])} - KEPT_VIEWS
    there = [table.name for table in tables if _columns(connection, number, table.name)]
    found = [composed.SQL("SET LOCAL ROLE {}").format(_role())]
    for name in sorted(known | set(there)):
        view = composed.Identifier("read", name)
        table = composed.Identifier(schema_of(number), name)
        if name in known and (
            name not in there or not _same_columns(connection, number, name)
        ):
            # A query that waits for the view finds the new one by its name.
            found.append(composed.SQL("DROP VIEW {}").format(view))
        if name in there:
            found.append(
                composed.SQL("CREATE OR REPLACE VIEW {} AS SELECT * FROM {}").format(
                    view, table
                )
            )
            found.append(
                composed.SQL(
                    "GRANT SELECT ON {} TO runledger_query, runledger_command"
                ).format(view)
            )
    found.append(composed.SQL("RESET ROLE").format())
    return composed.SQL("; ").join(found)


def _same_columns(connection: Connection[Any], number: int, name: str) -> bool:
    asked = {"schema": "read", "table": name}
    found = connection.execute(QUERIES["columns"], asked).fetchall()
    return [row[0] for row in found] == _columns(connection, number, name)


def _columns(connection: Connection[Any], number: int, name: str) -> list[str]:
    asked = {"schema": schema_of(number), "table": name}
    return [row[0] for row in connection.execute(QUERIES["columns"], asked)]


def _act_in(connection: Connection[Any], number: int) -> None:
    connection.execute(composed.SQL("SET LOCAL ROLE {}").format(_role()))
    connection.execute(
        composed.SQL("SET LOCAL search_path = {}").format(_identifier(number))
    )


def _identifier(number: int) -> composed.Identifier:
    return composed.Identifier(schema_of(number))


def _role() -> composed.Identifier:
    return composed.Identifier(OWNER)
