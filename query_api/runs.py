"""Runs in lists: filtered, newest first."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from pydantic import Field

from domain.ids import Line, Name
from domain.run.state import RunState
from infra.sql import load
from query_api import approvals, shapes
from query_api.cursors import Key
from query_api.deciding import holds_role
from query_api.lists import Listing
from query_api.parameters import FreshPage, Moment, NamespacePath, Number
from query_api.reading import SQL_FOLDER

if TYPE_CHECKING:
    from infra.web.operations import Call, Reply


class RunsQuery(FreshPage):
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
    version: Number | None = None
    """Of the workflow."""
    retry: bool | None = None
    """Whether it retries another run."""
    mine: bool = False
    """Only runs with an open approval that the caller may decide: what approvals
    answer with ``mine=true&state=open``."""


class RunKey(Key):
    created_at: datetime
    run_id: UUID


RUNS = Listing(
    {**load(SQL_FOLDER / "runs.sql"), **approvals.SQL},
    "runs",
    RunKey,
    {
        "workflow": "runs_of_workflow",
        "state": "runs_in_state",
        "actor": "runs_by_actor",
        "created_after": "runs_created_after",
        "created_before": "runs_created_before",
        "retry_of": "runs_retrying",
        "observed": "runs_observed",
        "external_id": "runs_with_external_id",
        "number": "runs_numbered",
        "version": "runs_of_version",
        "retry": "runs_that_retry",
    },
)


async def list_runs(call: Call) -> Reply:
    namespace, query = call.path_as(NamespacePath).ns, call.query_as(RunsQuery)
    if not query.mine:
        return await RUNS.reply(call, namespace, query, shapes.run)
    caller = call.principal
    return await RUNS.reply(
        call,
        namespace,
        query,
        shapes.run,
        fragments=(
            "runs_asking",
            *approvals.to_decide(holds_role=holds_role(caller)),
            "runs_asking_end",
        ),
        person=caller.name,
        groups=list(caller.groups),
    )
