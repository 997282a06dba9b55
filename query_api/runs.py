"""Runs in lists: filtered, newest first."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from pydantic import Field

from domain.ids import Line, Name
from domain.run.state import RunState
from infra.sql import load
from query_api import shapes
from query_api.cursors import Key
from query_api.freshness import stale
from query_api.lists import key_of, listed
from query_api.parameters import Fresh, Moment, NamespacePath, Number, Paged
from query_api.reading import SQL_FOLDER
from query_api.sources import sources

if TYPE_CHECKING:
    from infra.web.operations import Call, Reply

SQL = load(SQL_FOLDER / "runs.sql")


class RunsQuery(Fresh, Paged):
    workflow: Name | None = None
    state: list[RunState] = Field(default=[], max_length=len(RunState))
    """Any of these. May stand more than once."""
    actor: Line | None = None
    """Who created it."""
    created_after: Moment | None = None
    created_before: Moment | None = None
    retry_of: UUID | None = None
    observed: bool | None = None
    external_id: Line | None = None
    """What the source of an observed run calls it."""
    number: Number | None = None


class RunKey(Key):
    created_at: datetime
    run_id: UUID


FILTERS = {
    "workflow": "runs_of_workflow",
    "state": "runs_in_state",
    "actor": "runs_by_actor",
    "created_after": "runs_created_after",
    "created_before": "runs_created_before",
    "retry_of": "runs_retrying",
    "observed": "runs_observed",
    "external_id": "runs_with_external_id",
    "number": "runs_numbered",
}
"""Parameter to the fragment of the statement that it adds."""


async def list_runs(call: Call) -> Reply:
    query = call.query_as(RunsQuery)
    after = key_of(RunKey, query.cursor)
    found = sources(call)
    is_stale = await stale(found.waiting, query)
    params: dict[str, Any] = {
        "namespace": call.path_as(NamespacePath).ns,
        "limit": query.limit + 1,
    }
    statement = SQL["runs"]
    for name, fragment in FILTERS.items():
        value = getattr(query, name)
        if value not in (None, []):
            statement += "\n" + SQL[fragment]
            params[name] = value
    if after is not None:
        statement += "\n" + SQL["runs_beyond"]
        params |= {"last_created_at": after.created_at, "last_run_id": after.run_id}
    page = await found.reading.page(statement + "\n" + SQL["runs_order"], params)
    return listed(page, query.limit, _key, shapes.run, stale=is_stale)


def _key(row: dict[str, Any]) -> Key:
    return RunKey(created_at=row["created_at"], run_id=row["run_id"])
