"""What each event does to the question that a waiting step puts to people."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from domain.run.state import Approval, Decision, StepState
from domain.run.working_copy import broken

if TYPE_CHECKING:
    from typing import Literal

    from domain.events import By
    from domain.run.events import (
        ApprovalDecided,
        ApprovalRequested,
        ApprovalWithdrawn,
        StepEvent,
    )
    from domain.run.state import StepRun
    from domain.run.working_copy import WorkingCopy


def requested(copy: WorkingCopy, event: ApprovalRequested, by: By) -> None:
    step = copy.step(event)
    if step.open_approval is not None:
        broken(event, "an approval is open already")
    if event.attempt is not None:
        copy.end_attempt(
            step,
            event,
            event.attempt,
            "completed",
            by,
            event.duration_us,
            output=event.subject,
        )
        step.output = event.subject
    step.approvals = (
        *step.approvals,
        Approval(
            iteration=event.iteration,
            policy=event.policy,
            subject_digest=event.subject_digest,
            requested_at=by.at,
            requested_by=by.actor,
            attempt=event.attempt,
            subject=event.subject,
            summary=event.summary,
        ),
    )
    step.state = StepState.WAITING
    step.changed_at = by.at
    step.actor = by.actor


def decided(copy: WorkingCopy, event: ApprovalDecided, by: By) -> None:
    step = copy.step(event)
    approval = step.open_approval
    if approval is None:
        broken(event, "no approval is open")
    if any(decision.actor == by.actor for decision in approval.decisions):
        broken(event, f"{by.actor} has decided before")
    decision = Decision(by.actor, event.decision, by.at, event.comment)
    _change_last(step, replace(approval, decisions=(*approval.decisions, decision)))


def withdrawn(copy: WorkingCopy, event: ApprovalWithdrawn, by: By) -> None:
    step = copy.any_iteration(event)
    close_approval(step, event, "withdrawn", event.cause, by)


def close_approval(
    step: StepRun,
    event: StepEvent,
    state: Literal["approved", "rejected", "withdrawn"],
    because: str,
    by: By,
) -> None:
    approval = step.open_approval
    if approval is None or approval.iteration != event.iteration:
        broken(event, f"no approval of iteration {event.iteration} is open")
    _change_last(
        step, replace(approval, state=state, closed_at=by.at, closed_because=because)
    )


def _change_last(step: StepRun, approval: Approval) -> None:
    step.approvals = (*step.approvals[:-1], approval)
