"""Workflows: which there are, their versions, and their runs counted."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

from pydantic import model_validator

from domain.ids import Line, Name, workflow_stream
from infra.sql import load
from infra.web.operations import Reply
from query_api.cursors import Key
from query_api.freshness import stale
from query_api.lists import key_of, listed
from query_api.parameters import Fresh, NamespacePath, Number, Paged, WorkflowPath
from query_api.reading import SQL_FOLDER, Page
from query_api.shapes import seconds
from query_api.sources import sources

if TYPE_CHECKING:
    from infra.web.operations import Call

SQL = load(SQL_FOLDER / "workflows.sql")

Row = dict[str, Any]

MAX_DAYS = 1_000
RECENT = 30
"""Runs that a list of workflows shows of each."""


class WorkflowsQuery(Fresh, Paged):
    q: Line | None = None
    """Only those whose name contains this, in upper or lower case."""


class WorkflowKey(Key):
    name: Name


class WorkflowQuery(Fresh):
    version: Number | None = None
    """By default the newest."""


class DaysQuery(Fresh):
    since: date | None = None
    """First day (UTC). By default 89 days before the last."""
    until: date | None = None
    """Last day. By default today."""

    @model_validator(mode="after")
    def _not_too_many(self) -> Self:
        if self.since and self.until and (self.until - self.since).days > MAX_DAYS:
            raise ValueError(f"more than {MAX_DAYS} days: ask for fewer at once")
        return self


async def list_workflows(call: Call) -> Reply:
    query = call.query_as(WorkflowsQuery)
    after = key_of(WorkflowKey, query.cursor)
    found = sources(call)
    is_stale = await stale(found.waiting, query)
    chosen = SQL["page"]
    if query.q is not None:
        chosen += "\n" + SQL["page_named"]
    chosen += "\n" + SQL["page_order"]
    position, (rows, runs) = await found.reading.pages(
        {
            "namespace": call.path_as(NamespacePath).ns,
            "last_name": "" if after is None else after.name,
            "q": query.q,
            "recent": RECENT,
            "limit": query.limit + 1,
        },
        chosen + "\n" + SQL["workflows"],
        chosen + "\n" + SQL["recent"],
    )
    recent: dict[str, list[Row]] = {row["name"]: [] for row in rows}
    for run in runs:
        recent[run.pop("name")].append(run)
        run["duration_s"] = seconds(run.pop("duration_us"))
    return listed(
        Page(position, rows),
        query.limit,
        lambda row: WorkflowKey(name=row["name"]),
        lambda row: {**row, "recent": recent[row["name"]]},
        stale=is_stale,
    )


async def show_workflow(call: Call) -> Reply:
    """One version. It comes from the log itself, so it is there as soon as it is."""
    path, query = call.path_as(WorkflowPath), call.query_as(WorkflowQuery)
    found = sources(call)
    is_stale = await stale(found.waiting, query)
    newest = await found.definitions.newest(path.ns, path.name)
    version = query.version or newest
    definition = await found.definitions.get(path.ns, path.name, version)
    page = await found.reading.page(
        SQL["counts"], {"namespace": path.ns, "workflow": path.name}
    )
    row = await found.reading.one(
        SQL["registered"],
        {"stream": workflow_stream(path.ns, path.name), "version": version},
    )
    assert row is not None
    return Reply.json(
        {
            "name": path.name,
            "version": version,
            "newest_version": newest,
            "digest": definition.digest,
            "definition": definition.model_dump(mode="json"),
            "registered_at": row["recorded_at"],
            "registered_by": row["actor"],
            "runs": {one["state"]: one["runs"] for one in page.rows},
            "position": page.position,
            "stale": is_stale,
        }
    )


async def list_days(call: Call) -> Reply:
    path, query = call.path_as(WorkflowPath), call.query_as(DaysQuery)
    found = sources(call)
    is_stale = await stale(found.waiting, query)
    until = query.until or datetime.now(UTC).date()
    since = query.since or until - timedelta(days=89)
    page = await found.reading.page(
        SQL["days"],
        {"namespace": path.ns, "workflow": path.name, "since": since, "until": until},
    )
    if not page.rows:
        await found.definitions.newest(path.ns, path.name)  # or it is unknown
    items = [
        {
            **{name: row[name] for name in ("day", "created", *_ENDS)},
            "duration_s": seconds(row["duration_us"]),
        }
        for row in page.rows
    ]
    return Reply.json(
        {
            "items": items,
            "since": since,
            "until": until,
            "position": page.position,
            "stale": is_stale,
        }
    )


_ENDS = ("completed", "failed", "canceled")
