"""Jobs in lists: what workers were, are or will be given."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from pydantic import Field

from domain.ids import Line, Name
from infra.sql import load
from query_api.answers.jobs import JobState
from query_api.cursors import Key
from query_api.freshness import stale
from query_api.job_shapes import listed_job
from query_api.lists import key_of, listed
from query_api.parameters import Fresh, NamespacePath, Paged, RunPath
from query_api.reading import SQL_FOLDER
from query_api.sources import sources

if TYPE_CHECKING:
    from typing import LiteralString

    from infra.web.operations import Call, Reply

SQL = load(SQL_FOLDER / "jobs.sql")


class RunJobsQuery(Fresh, Paged):
    state: list[JobState] = Field(default=[], max_length=7)
    """Any of these. May stand more than once."""
    queue: Name | None = None
    worker: Line | None = None
    """The process that has or had it, as it calls itself."""


class JobsQuery(RunJobsQuery):
    run: UUID | None = None
    workflow: Name | None = None


class JobKey(Key):
    queued_at: datetime
    run_id: UUID
    step: str
    iteration: int
    attempt: int


FILTERS = {
    "queue": "jobs_of_queue",
    "worker": "jobs_of_worker",
    "workflow": "jobs_of_workflow",
    "run": "jobs_of_run",
}
"""Parameter to the fragment of the statement that it adds."""


async def list_jobs(call: Call) -> Reply:
    query = call.query_as(JobsQuery)
    chosen = query.model_dump(include=set(FILTERS))
    return await _list(call, call.path_as(NamespacePath).ns, query, chosen)


async def list_run_jobs(call: Call) -> Reply:
    path, query = call.path_as(RunPath), call.query_as(RunJobsQuery)
    chosen = query.model_dump(include=set(FILTERS))
    return await _list(call, path.ns, query, {**chosen, "run": path.run_id})


async def _list(
    call: Call, namespace: str, query: RunJobsQuery, chosen: dict[str, Any]
) -> Reply:
    after = key_of(JobKey, query.cursor)
    found = sources(call)
    is_stale = await stale(found.waiting, query)
    given = {name: value for name, value in chosen.items() if value is not None}
    params = {
        "namespace": namespace,
        "limit": query.limit + 1,
        "state": query.state,
        "one_state": query.state[0] if query.state else None,
        **given,
    }
    fragments = [*_in_states(query.state), *(FILTERS[name] for name in given)]
    if after is not None:
        fragments.append("jobs_beyond")
        params |= {f"last_{name}": value for name, value in after}
    statement: LiteralString = "\n".join(
        [SQL["jobs"], *(SQL[name] for name in fragments), SQL["jobs_order"]]
    )
    page = await found.reading.page(statement, params)
    return listed(page, query.limit, _key, listed_job, stale=is_stale)


def _in_states(states: list[JobState]) -> list[str]:
    if not states:
        return []
    found = ["jobs_in_one_state" if len(set(states)) == 1 else "jobs_in_states"]
    if "succeeded" not in states:
        found.append("jobs_not_succeeded")
    return found


def _key(row: dict[str, Any]) -> Key:
    return JobKey(**{name: row[name] for name in JobKey.model_fields})
