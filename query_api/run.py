"""One run: all that there is to know of it now, or as it was."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import model_validator

from domain import errors
from domain.ids import RunId
from domain.run.state import StepState
from infra.sql import load
from infra.web.operations import Reply
from query_api import folded, shapes
from query_api.actions import REDOABLE, latest_retry, run_actions, step_actions
from query_api.awaiting import run_awaits
from query_api.explanation import explanation
from query_api.freshness import stale
from query_api.history import Unfoldable
from query_api.job_shapes import OFFLINE_S
from query_api.parameters import (
    Fresh,
    Moment,
    NumberPath,
    Position,
    RunPath,
    StepPath,
)
from query_api.reading import SQL_FOLDER
from query_api.sources import Sources, sources
from query_api.step_detail import Jobs, step_detail

if TYPE_CHECKING:
    from typing import Self
    from uuid import UUID

    from domain.run.state import Run
    from domain.workflow.definition import WorkflowDefinition
    from infra.web.operations import Call
    from query_api.history import Past

SQL = load(SQL_FOLDER / "runs.sql")
JOBS = load(SQL_FOLDER / "jobs.sql")

Row = dict[str, Any]


class RunQuery(Fresh):
    min_version: Position | None = None
    """Version of this run that a command answered. The answer is not older."""


class HistoryQuery(RunQuery):
    at_version: Position | None = None
    """As it was after so many of its events."""
    at: Moment | None = None
    """As it was then: by the log's clock; an observed run by its source's."""

    @model_validator(mode="after")
    def _one_point(self) -> Self:
        if self.at is not None and self.at_version is not None:
            raise ValueError("at and at_version are two points: send one of them")
        return self


class View(NamedTuple):
    """A run as it is shown: rows, and the fold that they are rows of."""

    row: Row
    steps: list[Row]
    jobs: Jobs
    definition: WorkflowDefinition
    run: Run | None
    """None where a newer version of the service wrote what this one cannot fold."""
    position: int
    stale: bool
    degradation: Row | None = None
    as_of: Row | None = None

    @property
    def now(self) -> datetime:
        """The moment that it is shown of."""
        found: datetime = self.as_of["recorded_at"] if self.as_of else datetime.now(UTC)
        return found


async def show_run(call: Call) -> Reply:
    path, query = call.path_as(RunPath), call.query_as(HistoryQuery)
    found = sources(call)
    if query.at is not None or query.at_version is not None:
        view = await _past_view(found, path.ns, path.run_id, query)
    else:
        view = await _view(found, path.ns, path.run_id, query)
    return await _detail(call, path.ns, view)


async def show_run_by_number(call: Call) -> Reply:
    path, query = call.path_as(NumberPath), call.query_as(Fresh)
    found = sources(call)
    await stale(found.waiting, query)
    page = await found.reading.page(
        SQL["run_by_number"],
        {"namespace": path.ns, "workflow": path.name, "number": path.number},
    )
    if not page.rows:
        raise errors.UnknownRun(f"There is no run {path.name} #{path.number}.")
    view = await _view(found, path.ns, page.rows[0]["run_id"], query)
    return await _detail(call, path.ns, view)


async def show_step(call: Call) -> Reply:
    path, query = call.path_as(StepPath), call.query_as(HistoryQuery)
    found = sources(call)
    if query.at is not None or query.at_version is not None:
        view = await _past_view(found, path.ns, path.run_id, query)
    else:
        view = await _view(found, path.ns, path.run_id, query, path.step)
    for row in view.steps:
        if row["step"] == path.step:
            break
    else:
        raise errors.UnknownStep(f"This run has no step {path.step!r}.")
    shape = step_detail(row, view.definition, view.jobs, shapes.run(view.row), view.now)
    if view.run is not None and view.as_of is None:
        shape["actions"] = step_actions(
            view.run, path.step, RunId(path.run_id), call.principal
        )
    return Reply.json(
        {
            **shape,
            "run_id": path.run_id,
            "workflow": view.row["workflow"],
            "number": view.row["number"],
            "version": view.row["version"],
            "position": view.position,
            "stale": view.stale,
            "degraded": view.row["degraded"],
            "as_of": view.as_of,
        }
    )


async def _view(
    found: Sources,
    namespace: str,
    run_id: UUID,
    query: Fresh,
    step: str | None = None,
) -> View:
    """As the read tables have it; a run too new for them, as the log has it.

    ``step``: the only one that is wanted.
    """
    min_version = query.min_version if isinstance(query, RunQuery) else None
    is_stale = await stale(found.waiting, query, run_id, min_version)
    position, (runs, steps, degraded, jobs, live) = await found.reading.pages(
        {
            "namespace": namespace,
            "run_id": run_id,
            "step": step,
            "offline_s": OFFLINE_S,
        },
        SQL["run"],
        SQL["steps" if step is None else "step"],
        SQL["degradation"],
        JOBS["run_jobs"],
        JOBS["live_jobs"],
    )
    if not runs:
        past = await found.history.present(namespace, run_id)
        return _folded_view(past, run_id)
    row = runs[0]
    definition = await found.definitions.get(
        namespace, row["workflow"], row["workflow_version"]
    )
    try:
        run = (await found.history.present(namespace, run_id, row["version"])).run
    except Unfoldable:
        run = None
    degradation = degraded[0] if degraded else None
    return View(
        row, steps, Jobs(jobs, live), definition, run, position, is_stale, degradation
    )


async def _past_view(
    found: Sources, namespace: str, run_id: UUID, query: HistoryQuery
) -> View:
    if query.at is not None:
        past, last = await found.history.at_moment(namespace, run_id, query.at)
    else:
        assert query.at_version is not None
        past, last = await found.history.at_version(namespace, run_id, query.at_version)
    as_of = {
        "version": last.version,
        "position": last.position,
        "occurred_at": last.occurred_at,
        "recorded_at": last.recorded_at,
    }
    return _folded_view(past, run_id)._replace(as_of=as_of)


def _folded_view(past: Past, run_id: UUID) -> View:
    row = folded.run_row(past.run, run_id, past.position)
    steps, jobs = folded.step_rows(past.run), Jobs(folded.job_rows(past.run))
    definition = past.run.definition
    return View(row, steps, jobs, definition, past.run, past.position, stale=False)


async def _detail(call: Call, namespace: str, view: View) -> Reply:
    found, run, run_id = sources(call), view.run, RunId(view.row["run_id"])
    shape = shapes.run(view.row)
    steps = [
        step_detail(row, view.definition, view.jobs, shape, view.now)
        for row in view.steps
    ]
    actions: list[Row] = []
    if run is not None and view.as_of is None:
        retried = await latest_retry(found.history, namespace, run)
        actions = run_actions(run, run_id, call.principal, retried)
        for step in steps:
            if step["state"] in SHOWING_ACTIONS and not run.final:
                step["actions"] = step_actions(
                    run, step["step"], run_id, call.principal
                )
    inputs = None if run is None or run.inputs is None else run.inputs.model_dump()
    verdicts = () if run is None else run.verdicts.values()
    body = {
        **shape,
        "inputs": inputs,
        "explanation": explanation(shape, steps),
        "awaits": run_awaits(shape, steps, run),
        "times_out_at": _times_out_at(shape, view),
        "steps": steps,
        "carried": [each["step"] for each in steps if each["carried_from"] is not None],
        "verdicts": [one.model_dump() for one in verdicts],
        "lineage": await _lineage(found, namespace, shape),
        "actions": actions,
        "degradation": view.degradation,
        "as_of": view.as_of,
        "position": view.position,
        "stale": view.stale,
    }
    return Reply.json(body, extra=((b"etag", b'"%d"' % view.row["version"]),))


SHOWING_ACTIONS = REDOABLE - {StepState.COMPLETED}
"""Of steps in these states a run's answer says what may be done. Of completed ones,
which may be a thousand, the answer of the single step does."""


def _times_out_at(run: Row, view: View) -> datetime | None:
    timeout_s = view.definition.timeout_s
    queued_at = None if view.run is None else view.run.queued_at
    if timeout_s is None or queued_at is None or run["ended_at"] is not None:
        return None
    return queued_at + timedelta(seconds=timeout_s)


async def _lineage(found: Sources, namespace: str, run: Row) -> Row:
    """The runs before and after this one in its chain of retries."""
    named = {run["retry_of"], run["root_run"], *run["retries"]} - {None}
    linked: dict[UUID, Row] = {}
    if named:
        rows = await found.reading.rows(
            SQL["linked"], {"run_ids": list(named), "namespace": namespace}
        )
        linked = {row["run_id"]: row for row in rows}

    def link(run_id: UUID | None) -> Row | None:
        if run_id is None:
            return None
        # Known by name even where its own row is still to come.
        blank = {"number": None, "state": None, "workflow": None, "created_at": None}
        return linked.get(run_id, {"run_id": run_id, **blank})

    return {
        "retry_of": link(run["retry_of"]),
        "root": link(run["root_run"]),
        "retries": [link(run_id) for run_id in run["retries"]],
    }
