"""Whether a retry or a redo is safe: to be shown before anybody clicks."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pydantic import Field

from domain.events import By
from domain.ids import RunId
from domain.run.carrying import carried_steps
from domain.run.commands import RetryFrom
from domain.run.context import RetryContext
from domain.run.guards import find_step
from domain.run.safety import all_safe, redo_safety, retry_safety
from infra.web.operations import Reply
from query_api.actions import NOBODY, latest_retry, redo_action, retry_action
from query_api.parameters import Number, Parameters, RunPath, StepPath
from query_api.sources import sources

if TYPE_CHECKING:
    from collections.abc import Sequence

    from domain.run.events import StepVerdict
    from infra.web.operations import Call
    from query_api.history import Past

Row = dict[str, Any]


class RetrySafetyQuery(Parameters):
    retry_from: RetryFrom = Field(default="failed", alias="from")
    """``failed`` (all that did not complete), ``start``, or ``step:NAME``."""
    version: Number | None = None
    """Of the workflow. By default that of the run."""


async def show_retry_safety(call: Call) -> Reply:
    path, query = call.path_as(RunPath), call.query_as(RetrySafetyQuery)
    found, run_id = sources(call), RunId(path.run_id)
    past = await found.history.present(path.ns, run_id)
    run = past.run
    version = query.version or run.workflow_version
    definition = await found.definitions.get(path.ns, run.workflow, version)
    context = RetryContext(
        by=By(call.principal.name, datetime.now(UTC)),
        run_id=run_id,
        new_run=NOBODY,
        new_number=0,
        definition=definition,
        workflow_version=version,
        latest_retry=await latest_retry(found.history, path.ns, run),
    )
    carried = carried_steps(run, run_id, query.retry_from, definition)
    verdicts = retry_safety(run, run_id, query.retry_from, definition)
    body = {
        **_safety(past, run_id, verdicts),
        **_allowed(retry_action(run, query.retry_from, context, call.principal)),
        "retry_from": query.retry_from,
        "workflow_version": version,
        "carried": [
            {"step": one.step, "from_run": one.from_run, "attempt": one.attempt}
            for one in carried
        ],
    }
    return Reply.json(body)


async def show_redo_safety(call: Call) -> Reply:
    path = call.path_as(StepPath)
    found, run_id = sources(call), RunId(path.run_id)
    past = await found.history.present(path.ns, run_id)
    run = past.run
    step = find_step(run, path.step).name
    body = {
        **_safety(past, run_id, redo_safety(run, step)),
        **_allowed(redo_action(run, step, run_id, call.principal)),
        "step": step,
        "redone": None if run.observed else run.definition.under_review(step),
    }
    return Reply.json(body)


def _safety(past: Past, run_id: RunId, verdicts: Sequence[StepVerdict]) -> Row:
    return {
        "run_id": run_id,
        "workflow": past.run.workflow,
        "number": past.run.number,
        "version": past.run.version,
        "verdicts": [one.model_dump() for one in verdicts],
        "must_accept": not all_safe(verdicts),
        "position": past.position,
        "stale": False,
    }


def _allowed(action: Row) -> Row:
    return {name: action[name] for name in ("allowed", "code", "why_not")}
