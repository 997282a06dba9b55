"""Bulk operations: which there are, how far they are, what became of each item."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from pydantic import Field

from domain.bulk.items import RESULTS
from domain.errors import UnknownBulk
from domain.ids import Line
from infra.sql import load
from infra.web.operations import Answer, Operation, Reply
from query_api import cursors
from query_api.answers.bulk import BulkDetail, BulkItemList, BulkList
from query_api.cursors import Key
from query_api.freshness import stale
from query_api.lists import Listing, key_of
from query_api.parameters import Fresh, FreshPage, NamespacePath
from query_api.reading import SQL_FOLDER
from query_api.sources import sources

if TYPE_CHECKING:
    from infra.web.operations import Call

SQL = load(SQL_FOLDER / "bulk.sql")

Row = dict[str, Any]

LATELY = 500
"""Items whose pace is that of the operation: a few records of its runner."""


class BulkPath(NamespacePath):
    bulk_id: UUID


class BulkQuery(FreshPage):
    state: list[Literal["running", "stopping", "stopped", "completed"]] = Field(
        default=[], max_length=4
    )
    """Any of these. May stand more than once."""
    command: Literal["cancel", "retry", "approve", "reject", "redo"] | None = None
    actor: Line | None = None
    """Who started it."""


class BulkItemsQuery(FreshPage):
    result: list[Literal["pending", "done", "nothing", "refused", "not_found"]] = Field(
        default=[], max_length=5
    )
    """Any of these. May stand more than once."""


class BulkKey(Key):
    started_at: datetime
    bulk_id: UUID


class BulkItemKey(Key):
    nth: int


BULK = Listing(
    SQL,
    "operations",
    BulkKey,
    {
        "state": "operations_in_state",
        "command": "operations_of_command",
        "actor": "operations_by_actor",
    },
)


async def list_bulk(call: Call) -> Reply:
    namespace = call.path_as(NamespacePath).ns
    return await BULK.reply(call, namespace, call.query_as(BulkQuery), _shape)


async def show_bulk(call: Call) -> Reply:
    path, query = call.path_as(BulkPath), call.query_as(Fresh)
    found = sources(call)
    is_stale = await stale(found.waiting, query)
    position, (rows, refusals, pace) = await found.reading.pages(
        {"namespace": path.ns, "bulk_id": path.bulk_id, "lately": LATELY},
        SQL["operations"] + "\n" + SQL["operation"],
        SQL["refusals"],
        SQL["pace"],
    )
    if not rows:
        raise _unknown(path.bulk_id)
    return Reply.json(
        {
            **_shape(rows[0]),
            **pace[0],
            "refusals": refusals,
            "position": position,
            "stale": is_stale,
        }
    )


async def list_bulk_items(call: Call) -> Reply:
    path, query = call.path_as(BulkPath), call.query_as(BulkItemsQuery)
    after = key_of(BulkItemKey, query.cursor)
    found = sources(call)
    is_stale = await stale(found.waiting, query)
    statement = SQL["items"]
    if query.result:
        statement += "\n" + SQL["items_with_result"]
    params = {
        "namespace": path.ns,
        "bulk_id": path.bulk_id,
        "last_nth": 0 if after is None else after.nth,
        "result": query.result,
        "limit": query.limit + 1,
    }
    position, (operation, rows) = await found.reading.pages(
        params,
        SQL["operations"] + "\n" + SQL["operation"],
        statement + "\n" + SQL["items_order"],
    )
    if not operation:
        raise _unknown(path.bulk_id)
    shown = rows[: query.limit]
    more = len(rows) > query.limit
    return Reply.json(
        {
            "items": [_item(row) for row in shown],
            "next": cursors.write(BulkItemKey(nth=shown[-1]["nth"])) if more else None,
            "position": position,
            "stale": is_stale,
            # The operation's own rows are behind, whichever items are shown.
            "degraded": [path.bulk_id] if operation[0]["degraded"] else [],
        }
    )


def _unknown(bulk_id: UUID) -> UnknownBulk:
    return UnknownBulk(
        f"There is no bulk operation {bulk_id} here. One that has just been started is "
        "found with min_position, which its start answered."
    )


def _shape(row: Row) -> Row:
    left = row["total"] - sum(row[result] for result in RESULTS)
    found = {name: value for name, value in row.items() if name != "run_id"}
    return {**found, "left": left}


def _item(row: Row) -> Row:
    known = {name: row[name] or None for name in ("workflow", "number")}
    told = {name: row[name] or None for name in ("code", "message")}
    return {**row, **known, **told}


NS = "/v1/{ns}/bulk"

OPERATIONS = (
    Operation(
        "GET",
        NS,
        list_bulk,
        "Bulk operations, the newest first",
        action="viewer",
        tag="bulk",
        path_model=NamespacePath,
        query=BulkQuery,
        answers={200: Answer(BulkList)},
        problems=("bad-cursor", "behind"),
    ),
    Operation(
        "GET",
        NS + "/{bulk_id}",
        show_bulk,
        "A bulk operation: what, by whom, how far it has come",
        action="viewer",
        tag="bulk",
        path_model=BulkPath,
        query=Fresh,
        answers={200: Answer(BulkDetail)},
        problems=("unknown-bulk", "behind"),
    ),
    Operation(
        "GET",
        NS + "/{bulk_id}/items",
        list_bulk_items,
        "The items of a bulk operation and what became of them",
        action="viewer",
        tag="bulk",
        path_model=BulkPath,
        query=BulkItemsQuery,
        answers={200: Answer(BulkItemList)},
        problems=("bad-cursor", "unknown-bulk", "behind"),
    ),
)
