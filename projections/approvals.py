"""Read model: one row per question that a step puts to people."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from domain.run.approvers import delegates, ineligible
from domain.run.questions import led_to

if TYPE_CHECKING:
    from domain.run.state import Approval
    from projections.batch import Batch, Mark, RunChange
    from projections.read_model import Row

NAME = "approvals"


def rows(batch: Batch) -> list[Row]:
    found: list[Row] = []
    for change in batch.runs:
        for name in change.steps:
            # Of one iteration the last question counts: an observed run may be
            # told of several.
            asked = {
                each.iteration: each for each in change.after.steps[name].approvals
            }
            for iteration, approval in asked.items():
                mark = change.iterations.get((name, iteration))
                if mark is not None:
                    found.append(_row(change, name, approval, mark))
    return found


def _row(change: RunChange, step: str, approval: Approval, mark: Mark) -> Row:
    run, policy = change.after, approval.policy
    asked, seconds = approval.requested_at, policy.expires_s
    redo = led_to(run.steps[step], approval)
    return {
        "run_id": change.run_id,
        "step": step,
        "iteration": approval.iteration,
        "namespace": change.namespace,
        "workflow": run.workflow,
        "number": run.number,
        "state": approval.state,
        "approvers": policy.approvers,
        "required": policy.required,
        "agreed": sum(each.decision == "approved" for each in approval.decisions),
        "decisions": approval.decisions,
        "requested_at": asked,
        "requested_by": approval.requested_by,
        "subject_digest": approval.subject_digest,
        "subject": approval.subject,
        "summary": approval.summary,
        "closed_at": approval.closed_at,
        "closed_because": approval.closed_because,
        "version": mark.version,
        "position": mark.position,
        "groups": policy.groups,
        "rejections": policy.rejections,
        "rejected": sum(each.decision == "rejected" for each in approval.decisions),
        "not_own": policy.not_own,
        "barred": approval.barred,
        "delegations": approval.delegations,
        "delegates": delegates(approval),
        "ineligible": ineligible(approval),
        "form": policy.form,
        "expires_at": None if seconds is None else asked + timedelta(seconds=seconds),
        "on_expiry": None if seconds is None else policy.on_expiry,
        "expired": approval.expired,
        "reminders": approval.reminders,
        "reminded_at": approval.reminded_at,
        "attempt": approval.attempt,
        "redo": redo,
    }
