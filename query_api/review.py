"""One approval with all that a reviewer needs, from the log itself: never behind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field

from domain.errors import UnknownStep
from domain.run.approvers import delegates, tasks_under_review
from domain.run.iterations import redone_on_rejection
from domain.run.questions import led_to
from infra.web.operations import Reply
from infra.web.problems import Problem
from query_api import shapes
from query_api.deciding import holds_role, standing
from query_api.folded import plain
from query_api.parameters import StepPath
from query_api.run import RunQuery
from query_api.sources import sources

if TYPE_CHECKING:
    from domain.run.state import Approval, Run, StepRun
    from infra.web.operations import Call

Row = dict[str, Any]


class ReviewQuery(RunQuery):
    """What is answered is read from the log, so nothing has to be waited for."""

    iteration: int | None = Field(default=None, ge=1)
    """Of the step; by default the last one that was asked about."""


async def show_review(call: Call) -> Reply:
    path, query = call.path_as(StepPath), call.query_as(ReviewQuery)
    past = await sources(call).history.present(path.ns, path.run_id)
    run = past.run
    step = run.steps.get(path.step)
    if step is None:
        raise UnknownStep(f"This run has no step {path.step!r}.")
    approval = asked(step, query.iteration)
    principal = call.principal
    body = {
        "run_id": path.run_id,
        "workflow": run.workflow,
        "workflow_version": run.workflow_version,
        "number": run.number,
        "run_state": run.state.value,
        "version": run.version,
        "position": past.position,
        "stale": False,
        "step": step.name,
        **_question(step, approval),
        **_defined(run, step.name),
        "inputs": None if run.inputs is None else run.inputs.model_dump(),
        "earlier": [
            _earlier(step, each)
            for each in step.approvals
            if each.iteration < approval.iteration
        ],
        "standing": standing(
            approval,
            principal.name,
            principal.groups,
            holds_role=holds_role(principal),
            observed=run.observed,
        ),
    }
    return Reply.json(body, extra=((b"etag", b'"%d"' % run.version),))


def asked(step: StepRun, iteration: int | None) -> Approval:
    """What the step has asked people, in an iteration or last.

    Of one iteration the last question counts, as in lists.

    Raises:
        Problem: ``not-found``.
    """
    for approval in reversed(step.approvals):
        if iteration in (None, approval.iteration):
            return approval
    where = "" if iteration is None else f" in iteration {iteration}"
    raise Problem("not-found", f"Step {step.name!r} has asked people nothing{where}.")


def _question(step: StepRun, approval: Approval) -> Row:
    policy, redo = approval.policy, led_to(step, approval)
    return {
        **shapes.approval(plain(approval)),
        "delegates": delegates(approval),
        "reminded_at": approval.reminded_at,
        "redo": None if redo is None else shapes.sent_back(plain(redo)),
        "form": policy.form,
        "expires_s": policy.expires_s,
        "remind_s": policy.remind_s,
    }


def _defined(run: Run, step: str) -> Row:
    """What the workflow says about the step; nothing where its graph is not known."""
    definition = run.definition.by_name.get(step)
    if definition is None:
        return {
            "kind": "task",
            "description": "",
            "about": [],
            "on_reject": "fail",
            "redoes": None,
        }
    action = definition.on_reject.action
    return {
        "kind": definition.kind,
        "description": definition.description,
        "about": tasks_under_review(run.definition, step),
        "on_reject": action,
        "redoes": redone_on_rejection(run, step) if action == "redo" else None,
    }


def _earlier(step: StepRun, approval: Approval) -> Row:
    shape = shapes.approval(plain(approval))
    again = next((r for r in step.redos if r.iteration > approval.iteration), None)
    kept = (
        *("iteration", "state", "subject", "summary", "subject_digest", "decisions"),
        *("requested_at", "requested_by", "closed_at", "closed_because"),
    )
    return {
        **{name: shape[name] for name in kept},
        "sent_back": None if again is None else shapes.sent_back(plain(again)),
    }
