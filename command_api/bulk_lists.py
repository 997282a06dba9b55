"""Which runs a bulk operation would be about, as the read tables have them now."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from psycopg.rows import dict_row

from domain.bulk.commands import MAX_ITEMS
from domain.bulk.foreseeing import Foreseen, Seen, foresee
from domain.bulk.items import BulkItem
from domain.errors import TooLarge
from infra.sql import load

if TYPE_CHECKING:
    from collections.abc import Set
    from uuid import UUID

    from psycopg import AsyncConnection
    from psycopg_pool import AsyncConnectionPool

    from domain.bulk.commands import BulkCommand, RunFilter

SQL = load(Path(__file__).with_name("bulk.sql"))

FILTERS = (
    "workflow",
    "state",
    "actor",
    "created_after",
    "created_before",
    "retry_of",
    "observed",
    "external_id",
    "number",
    "run_ids",
)
"""Members of the filter that are fragments of the statement. ``step`` is one of the
statements over approvals only."""

PEOPLE = ("approvers", "groups", "delegates", "ineligible")
"""Columns of a question that name people; null where there are none."""

CHANGED_NAMED = 10
PAGE = 1_000

Row = dict[str, Any]


class Entry(NamedTuple):
    """An item with what the read tables tell of its run; ``row`` is empty where they
    have none."""

    item: BulkItem
    row: Row
    foreseen: Foreseen


class RunList(NamedTuple):
    """The list, as everything up to ``position`` has made it."""

    entries: list[Entry]
    position: int
    head: int
    """The log's end: what lies between is not in the list yet."""

    @property
    def items(self) -> tuple[BulkItem, ...]:
        return tuple(entry.item for entry in self.entries)

    def changed_since(self, position: int) -> tuple[str, ...]:
        """Some that are new on it, or have changed."""
        names = (
            entry.item.name
            for entry in self.entries
            if entry.row and entry.row["position"] > position
        )
        return tuple(dict.fromkeys(names))[:CHANGED_NAMED]


async def find(
    pool: AsyncConnectionPool[Any],
    namespace: str,
    command: BulkCommand,
    wanted: RunFilter,
    *,
    actor: str,
    groups: Set[str],
) -> RunList:
    """The list; the newest runs first.

    Raises:
        TooLarge: more fit than one operation takes.
        psycopg.Error: the database is away.
    """
    params: Row = {"namespace": namespace, "limit": MAX_ITEMS + 1}
    statement = SQL["runs"]
    if command.asks_people:
        statement = SQL["approvals_of_named" if wanted.run_ids else "approvals"]
        if wanted.step is not None:
            statement += "\n" + SQL["step"]
            params["step"] = wanted.step
        params["caller"] = actor
    for name in FILTERS:
        value = getattr(wanted, name)
        if value is not None and value != ():
            statement += "\n" + SQL[name]
            params[name] = list(value) if isinstance(value, tuple) else value
    async with (
        pool.connection() as connection,
        connection.transaction(),
    ):
        # One snapshot: the position is that of the rows.
        await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor = connection.cursor(row_factory=dict_row)
        await cursor.execute(SQL["position"])
        at = await cursor.fetchone()
        assert at is not None
        await cursor.execute(statement + "\n" + SQL["order"], params)
        rows = await cursor.fetchall()
        missing = await _missing(connection, namespace, wanted, rows)
    if len(rows) + len(missing) > MAX_ITEMS:
        raise TooLarge(
            f"More than {MAX_ITEMS:,} fit this filter, which is the most that one bulk "
            "operation takes: narrow it, by time for instance, and make several.",
            limit=MAX_ITEMS,
        )
    entries: list[Entry] = []
    for nth, row in enumerate(rows):
        if nth % PAGE == 0:
            await asyncio.sleep(0)  # others of the process have their turn
        foreseen = foresee(command, _seen(row), actor, groups)
        entries.append(Entry(_item(row), row, foreseen))
    entries += [
        Entry(BulkItem(run_id=run_id), {}, foresee(command, Seen(None), actor, groups))
        for run_id in missing
    ]
    return RunList(entries, at["position"], at["head"])


async def _missing(
    connection: AsyncConnection[Any], namespace: str, wanted: RunFilter, rows: list[Row]
) -> list[UUID]:
    """Runs that were named and are not there at all; those that are there and do not
    fit the rest of the filter are left out."""
    found = {row["run_id"] for row in rows}
    left = [run_id for run_id in dict.fromkeys(wanted.run_ids) if run_id not in found]
    if not left:
        return []
    asked = {"run_ids": left, "namespace": namespace}
    cursor = await connection.execute(SQL["there"], asked)
    there = {row[0] for row in await cursor.fetchall()}
    return [run_id for run_id in left if run_id not in there]


def _item(row: Row) -> BulkItem:
    return BulkItem.model_construct(
        run_id=row["run_id"],
        workflow=row["workflow"],
        number=row["number"],
        step=row["step"],
        iteration=row["iteration"],
        subject_digest=row["subject_digest"],
    )


def _seen(row: Row) -> Seen:
    return Seen(
        state=row["state"],
        observed=row["observed"],
        retry_state=row["retry_state"],
        asks=row["step"] is not None,
        decided=row.get("decided"),
        asks_form=row.get("asks_form", False),
        **{name: tuple(row.get(name) or ()) for name in PEOPLE},
    )
