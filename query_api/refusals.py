"""Commands that the rules refused: who wanted what, when, and why it was not done."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from domain.ids import Line
from infra.sql import load
from query_api.cursors import Key
from query_api.lists import key_of, listed
from query_api.parameters import NamespacePath, Paged, RunPath
from query_api.reading import SQL_FOLDER, Page
from query_api.sources import sources

if TYPE_CHECKING:
    from infra.web.operations import Call, Reply

SQL = load(SQL_FOLDER / "refusals.sql")

Row = dict[str, Any]


class RefusalsQuery(Paged):
    run: UUID | None = None
    actor: Line | None = None
    code: Line | None = None
    """The refusal's code, as in the problem that the caller was answered."""


class RefusalKey(Key):
    recorded_at: datetime
    id: UUID


FILTERS = {
    "run": "refusals_of_run",
    "actor": "refusals_by_actor",
    "code": "refusals_with_code",
}


async def list_refusals(call: Call) -> Reply:
    return await _list(
        call, call.path_as(NamespacePath).ns, call.query_as(RefusalsQuery)
    )


async def list_run_refusals(call: Call) -> Reply:
    path, query = call.path_as(RunPath), call.query_as(Paged)
    wanted = RefusalsQuery(limit=query.limit, cursor=query.cursor, run=path.run_id)
    return await _list(call, path.ns, wanted)


async def _list(call: Call, namespace: str, query: RefusalsQuery) -> Reply:
    after = key_of(RefusalKey, query.cursor)
    reading = sources(call).reading
    params: dict[str, Any] = {"namespace": namespace, "limit": query.limit + 1}
    statement = SQL["refusals"]
    for name, fragment in FILTERS.items():
        value = getattr(query, name)
        if value is not None:
            statement += "\n" + SQL[fragment]
            params[name] = value
    if after is not None:
        statement += "\n" + SQL["refusals_beyond"]
        params |= {"last_recorded_at": after.recorded_at, "last_id": after.id}
    # They lie beside the log, in the same transactions: as new as its head.
    head = await reading.head()
    rows = await reading.rows(statement + "\n" + SQL["refusals_order"], params)
    return listed(
        Page(head.position, rows), query.limit, _key, lambda row: row, stale=False
    )


def _key(row: Row) -> Key:
    return RefusalKey(recorded_at=row["recorded_at"], id=row["id"])
