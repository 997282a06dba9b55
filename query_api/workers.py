"""Workers and queues, as they are at this moment: from the tables of work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from domain.ids import Line, Name
from infra.sql import load
from infra.web.operations import Reply
from query_api.cursors import Key
from query_api.job_shapes import OFFLINE_S, held_job
from query_api.lists import key_of, listed
from query_api.parameters import NamespacePath, Paged
from query_api.reading import SQL_FOLDER
from query_api.sources import sources

if TYPE_CHECKING:
    from infra.web.operations import Call

SQL = load(SQL_FOLDER / "jobs.sql")


class WorkersQuery(Paged):
    state: Literal["live", "offline"] | None = None
    """Offline: not heard of for a minute."""
    queue: Name | None = None


class WorkerKey(Key):
    worker: Line


async def list_workers(call: Call) -> Reply:
    query = call.query_as(WorkersQuery)
    after = key_of(WorkerKey, query.cursor)
    params: dict[str, Any] = {
        "namespace": call.path_as(NamespacePath).ns,
        "last_worker": "" if after is None else after.worker,
        "queue": query.queue,
        "offline_s": OFFLINE_S,
        "limit": query.limit + 1,
    }
    statement = SQL["workers"]
    if query.state is not None:
        statement += "\n" + SQL[f"workers_{query.state}"]
    if query.queue is not None:
        statement += "\n" + SQL["workers_of_queue"]
    page = await sources(call).reading.page(
        statement + "\n" + SQL["workers_order"], params
    )
    return listed(page, query.limit, _key, _shape, stale=False)


async def list_queues(call: Call) -> Reply:
    page = await sources(call).reading.page(
        SQL["queues"],
        {"namespace": call.path_as(NamespacePath).ns, "offline_s": OFFLINE_S},
    )
    return Reply.json({"items": page.rows, "position": page.position, "stale": False})


def _key(row: dict[str, Any]) -> Key:
    return WorkerKey(worker=row["worker"])


def _shape(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "jobs": [held_job(one) for one in row["jobs"]]}
