"""The versions of a workflow, from the log itself: there as soon as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from domain.ids import workflow_stream
from infra.sql import load
from query_api.cursors import Key
from query_api.freshness import stale
from query_api.lists import key_of, listed
from query_api.parameters import FreshPage, Number, WorkflowPath
from query_api.reading import SQL_FOLDER
from query_api.sources import sources

if TYPE_CHECKING:
    from infra.web.operations import Call, Reply

SQL = load(SQL_FOLDER / "workflows.sql")

Row = dict[str, Any]

NEWEST = 2**31 - 1


class VersionKey(Key):
    version: Number


async def list_versions(call: Call) -> Reply:
    path, query = call.path_as(WorkflowPath), call.query_as(FreshPage)
    before = key_of(VersionKey, query.cursor)
    found = sources(call)
    is_stale = await stale(found.waiting, query)
    page = await found.reading.page(
        SQL["versions_before"],
        {
            "stream": workflow_stream(path.ns, path.name),
            "before": NEWEST if before is None else before.version,
            "limit": query.limit + 1,
        },
    )
    if not page.rows:
        await found.definitions.newest(path.ns, path.name)  # or it is unknown
    return listed(
        page,
        query.limit,
        lambda row: VersionKey(version=row["version"]),
        _shape,
        stale=is_stale,
    )


def _shape(row: Row) -> Row:
    # Not as a definition: of hundreds of steps only their number is wanted.
    event = orjson.loads(row["state"])
    return {
        "version": row["version"],
        "digest": event["digest"],
        "registered_at": row["recorded_at"],
        "registered_by": row["actor"],
        "step_count": len(event["definition"].get("steps", ())),
    }
