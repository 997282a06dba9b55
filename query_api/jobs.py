"""Jobs in lists: what workers were, are or will be given."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from pydantic import Field

from domain.ids import Line, Name
from infra.sql import load
from query_api.answers.jobs import JobState
from query_api.cursors import Key
from query_api.job_shapes import listed_job
from query_api.lists import Listing
from query_api.parameters import FreshPage, NamespacePath, RunPath
from query_api.reading import SQL_FOLDER

if TYPE_CHECKING:
    from infra.web.operations import Call, Reply


class RunJobsQuery(FreshPage):
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


JOBS = Listing(
    load(SQL_FOLDER / "jobs.sql"),
    "jobs",
    JobKey,
    {
        "queue": "jobs_of_queue",
        "worker": "jobs_of_worker",
        "workflow": "jobs_of_workflow",
        "run": "jobs_of_run",
    },
)


async def list_jobs(call: Call) -> Reply:
    query = call.query_as(JobsQuery)
    return await _reply(call, call.path_as(NamespacePath).ns, query)


async def list_run_jobs(call: Call) -> Reply:
    path, query = call.path_as(RunPath), call.query_as(RunJobsQuery)
    return await _reply(call, path.ns, query, run=path.run_id)


async def _reply(
    call: Call, namespace: str, query: RunJobsQuery, **more: object
) -> Reply:
    return await JOBS.reply(
        call,
        namespace,
        query,
        listed_job,
        fragments=_in_states(query.state),
        state=query.state,
        one_state=query.state[0] if query.state else None,
        **more,
    )


def _in_states(states: list[JobState]) -> list[str]:
    if not states:
        return []
    found = ["jobs_in_one_state" if len(set(states)) == 1 else "jobs_in_states"]
    if "succeeded" not in states:
        found.append("jobs_not_succeeded")
    return found
