"""The event list: the log itself, by position."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import orjson
from pydantic import Field

from domain.events import TOPICS
from domain.ids import Line, Name, workflow_stream
from infra.sql import load
from infra.web.operations import Reply
from infra.web.problems import Problem
from query_api.parameters import Moment, NamespacePath, Parameters, Position, RunPath
from query_api.reading import POSITION, SQL_FOLDER
from query_api.sources import sources

if TYPE_CHECKING:
    from infra.web.operations import Call
    from query_api.sources import Sources

SQL = load(SQL_FOLDER / "events.sql")

Limit = Annotated[int, Field(ge=1, le=1_000)]


class PositionsQuery(Parameters):
    after: Position | None = None
    """Events after this position, upwards. Without it: the newest first."""
    before: Position | None = None
    """Events before this position."""
    limit: Limit = 100
    topic: Annotated[str, Field(max_length=100)] | None = None
    """The topic begins with this: ``run.step.`` for all that happens to steps."""


class EventsQuery(PositionsQuery):
    run: UUID | None = None
    workflow: Name | None = None
    actor: Line | None = None
    correlation: UUID | None = None
    """What the command's caller sent as Runledger-Correlation-Id; of a bulk operation
    its id."""
    causation: UUID | None = None
    """The same of Runledger-Causation-Id."""
    since: Moment | None = None
    """Recorded at this moment or later."""
    until: Moment | None = None
    """Recorded before this moment."""


class EventPath(NamespacePath):
    position: Position


async def show_event(call: Call) -> Reply:
    """One event: its address never changes, and neither does what is there."""
    path, found = call.path_as(EventPath), sources(call)
    asked = {"namespace": path.ns, "position": path.position}
    rows = await found.reading.rows(SQL["event"], asked)
    if not rows:
        raise Problem(
            "not-found",
            f"There is no event of this namespace at position {path.position}: "
            "positions run through all namespaces.",
        )
    (event,) = await found.shapes.shapes(rows)
    return Reply.json(event)


async def list_events(call: Call) -> Reply:
    return await _list(call, call.path_as(NamespacePath).ns, call.query_as(EventsQuery))


async def list_run_events(call: Call) -> Reply:
    path, query = call.path_as(RunPath), call.query_as(PositionsQuery)
    wanted = EventsQuery(**query.model_dump(), run=path.run_id)
    return await _list(call, path.ns, wanted)


async def _list(call: Call, namespace: str, query: EventsQuery) -> Reply:
    found = sources(call)
    # Taken first: what is answered has at least all up to here that fits the filters.
    head = await found.reading.head()
    statement, params = SQL["events"], {"namespace": namespace, **query.model_dump()}
    params["limit"] = query.limit + 1
    after, before = await _window(found, query)
    if after is not None:
        statement += "\n" + SQL["events_after"]
        params["after"] = after
    if before is not None:
        statement += "\n" + SQL["events_before"]
        params["before"] = before
    if query.run is not None:
        statement += "\n" + SQL["events_of_run"]
    if query.workflow is not None:
        statement += "\n" + SQL["events_of_streams"]
        params["streams"] = await _streams(found, namespace, query.workflow)
    if query.actor is not None:
        statement += "\n" + SQL["events_by_actor"]
    if query.correlation is not None:
        statement += "\n" + SQL["events_of_correlation"]
    if query.causation is not None:
        statement += "\n" + SQL["events_of_causation"]
    if query.topic is not None:
        statement += "\n" + SQL["events_under_topic"]
    upwards = query.after is not None
    statement += "\n" + SQL["events_upwards" if upwards else "events_downwards"]
    rows = await found.reading.rows(statement, params)
    shown = rows[: query.limit]
    more = len(rows) > query.limit
    return Reply.json(
        {
            "items": await found.shapes.shapes(shown),
            "next": shown[-1]["notification_id"] if more else None,
            "order": "ascending" if upwards else "descending",
            "position": head.position,
            "stale": False,
        }
    )


async def _window(found: Sources, query: EventsQuery) -> tuple[int | None, int | None]:
    """The positions between which to look: those asked for, and those of the times."""
    after, before = query.after, query.before
    if query.since is not None:
        last = await found.reading.one(SQL["last_before"], {"moment": query.since})
        after = max(after or 0, last["position"] if last else 0)
    if query.until is not None:
        last = await found.reading.one(SQL["last_before"], {"moment": query.until})
        end = (last["position"] if last else 0) + 1
        before = end if before is None else min(before, end)
    return after, before


async def _streams(found: Sources, namespace: str, workflow: str) -> list[UUID]:
    """The workflow's own stream, and its runs that the read tables do not have yet."""
    row = await found.reading.one(POSITION["read_position"])
    assert row is not None
    created = await found.reading.rows(
        SQL["created_since"], {"namespace": namespace, "position": row["position"]}
    )
    return [
        workflow_stream(namespace, workflow),
        *(
            one["originator_id"]
            for one in created
            if orjson.loads(one["state"])["workflow"] == workflow
        ),
    ]


async def list_topics(call: Call) -> Reply:
    """Every topic there is, for filters and for people."""
    return Reply.json(
        {
            "items": [
                {"topic": topic, "description": (kind.__doc__ or "").strip()}
                for topic, kind in sorted(TOPICS.items())
            ]
        }
    )
