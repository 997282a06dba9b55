"""What each event does to the question that a waiting step puts to people."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from domain.run.approvers import barred, places
from domain.run.state import Approval, Decision, Delegation, StepState
from domain.run.working_copy import broken

if TYPE_CHECKING:
    from typing import Literal

    from domain.events import By
    from domain.run.events import (
        ApprovalDecided,
        ApprovalDelegated,
        ApprovalExpired,
        ApprovalReminded,
        ApprovalRequested,
        ApprovalWithdrawn,
        StepEvent,
    )
    from domain.run.state import Attempt, StepRun
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
        step.output_by = reporters(step.attempts[-1], by)
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
            barred=barred(copy.run, step.name) if event.policy.not_own else (),
        ),
    )
    step.state = StepState.WAITING
    step.changed_at = by.at
    step.actor = by.actor


def decided(copy: WorkingCopy, event: ApprovalDecided, by: By) -> None:
    step = copy.step(event)
    approval = _open(step, event)
    if any(decision.actor == by.actor for decision in approval.decisions):
        broken(event, f"{by.actor} has decided before")
    decision = Decision(
        by.actor,
        event.decision,
        by.at,
        event.comment,
        event.form,
        event.on_behalf_of,
        event.groups,
    )
    _change_last(step, replace(approval, decisions=(*approval.decisions, decision)))


def delegated(copy: WorkingCopy, event: ApprovalDelegated, by: By) -> None:
    step = copy.step(event)
    approval = _open(step, event)
    handed_on = places(approval)
    back = handed_on.get(event.to) == by.actor
    if not back and (event.to == by.actor or event.to in handed_on):
        broken(event, f"it would come back to {event.to}")
    delegation = Delegation(by.actor, event.to, by.at, event.comment)
    _change_last(
        step, replace(approval, delegations=(*approval.delegations, delegation))
    )


def reminded(copy: WorkingCopy, event: ApprovalReminded, by: By) -> None:
    step = copy.step(event)
    _change_last(
        step, replace(_open(step, event), reminders=event.nth, reminded_at=by.at)
    )


def expired(copy: WorkingCopy, event: ApprovalExpired, by: By) -> None:
    step = copy.step(event)
    _change_last(step, replace(_open(step, event), expired=True))


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
    approval = _open(step, event)
    if approval.expired and state != "withdrawn":
        because = because or "it expired"
    _change_last(
        step, replace(approval, state=state, closed_at=by.at, closed_because=because)
    )


def reporters(attempt: Attempt, by: By) -> tuple[str, ...]:
    """Whose an attempt's output is: who began it, and who told of its end."""
    return tuple(dict.fromkeys((attempt.actor, by.actor)))


def _open(step: StepRun, event: StepEvent) -> Approval:
    approval = step.open_approval
    if approval is None:
        broken(event, "no approval is open")
    if approval.iteration != event.iteration:
        broken(event, f"no approval of iteration {event.iteration} is open")
    return approval


def _change_last(step: StepRun, approval: Approval) -> None:
    step.approvals = (*step.approvals[:-1], approval)
