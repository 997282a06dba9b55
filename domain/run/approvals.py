"""Asking people, and what they decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.errors import NotAnApprover, StaleDecision, WrongState
from domain.run.contents import content
from domain.run.events import (
    ApprovalDecided,
    ApprovalRequested,
    StepCompleted,
    StepRejected,
)
from domain.run.guards import find_step, listed, require_open, require_task, when, words
from domain.run.late_reports import attempt_to_end
from domain.run.settling import settle
from domain.run.state import RunState
from domain.run.state_rule import say_continued, state_by_rule
from domain.run.subjects import subject_digest
from domain.workflow.policy import ApprovalPolicy

if TYPE_CHECKING:
    from typing import Literal

    from domain.run.commands import Approve, Decide, Reject, RequestApproval
    from domain.run.deciding import Decision
    from domain.run.state import Approval, StepRun


def request_approval(decision: Decision, command: RequestApproval) -> None:
    """The attempt succeeded; the step waits until people have decided on its output."""
    step = find_step(decision.run, command.step)
    definition = require_task(decision.run, step.name)
    attempt = attempt_to_end(decision, step, command)
    if attempt is None:
        return
    subject = content(command.output)
    decision.record(
        ApprovalRequested(
            step=step.name,
            iteration=step.iteration,
            attempt=attempt.number,
            policy=command.policy or definition.approval or ApprovalPolicy(),
            subject=subject,
            summary=command.summary,
            subject_digest=subject_digest(subject, command.summary, step.iteration),
        )
    )
    settle(decision)


def approve(decision: Decision, command: Approve) -> None:
    """One agrees; once as many as the policy wants have, the step is completed.

    While an operator holds the run nothing more follows until it is continued.

    Raises:
        StaleDecision: the person was shown something else.
        NotAnApprover: the policy does not name this person.
        WrongState: nothing is asked, or it has been decided or withdrawn.
    """
    step = _decided(decision, command, "approved")
    if step is None:
        return
    approval = step.approvals[-1]
    agreed = sum(each.decision == "approved" for each in approval.decisions)
    if agreed < approval.policy.required:
        return
    decision.record(
        StepCompleted(
            step=step.name,
            iteration=step.iteration,
            attempt=approval.attempt,
            approved=True,
        )
    )
    run = decision.run
    if run.held:
        return
    if run.waiting and state_by_rule(run) is not RunState.WAITING:
        decision.record(say_continued(run))
    settle(decision)


def reject(decision: Decision, command: Reject) -> None:
    """One rejection decides; what the step's ``on_reject`` says follows.

    Raises: as ``approve``.
    """
    step = _decided(decision, command, "rejected")
    if step is None:
        return
    decision.record(
        StepRejected(
            step=step.name,
            iteration=step.iteration,
            attempt=step.approvals[-1].attempt,
            reason=command.comment,
        )
    )
    if not decision.run.held:
        settle(decision)


def _decided(
    decision: Decision, command: Decide, what: Literal["approved", "rejected"]
) -> StepRun | None:
    """The step with the decision on record; None where the person told it before."""
    run = decision.run
    step = find_step(run, command.step)
    approval = step.approvals[-1] if step.approvals else None
    if approval is not None and _told_before(decision, step, approval, command, what):
        return None
    require_open(run)
    if approval is None:
        raise WrongState(
            f"Nothing is asked about step {step.name!r}: it is {words(step.state)}.",
            step=step.name,
        )
    _require_shown(step, approval, command)
    _require_undecided(step, approval)
    _require_approver(decision, step, approval)
    decision.record(
        ApprovalDecided(
            step=step.name,
            iteration=approval.iteration,
            decision=what,
            comment=command.comment,
            subject_digest=approval.subject_digest,
            seen_version=command.seen_version,
        )
    )
    return decision.run.steps[step.name]


def _told_before(
    decision: Decision,
    step: StepRun,
    approval: Approval,
    command: Decide,
    what: Literal["approved", "rejected"],
) -> bool:
    if _differs(approval, command):
        return False
    for each in approval.decisions:
        if each.actor == decision.by.actor:
            if each.decision == what:
                return True
            raise WrongState(
                f"{each.actor} has decided already about step {step.name!r}, "
                f"iteration {approval.iteration}: {each.decision} at {when(each.at)}. "
                "To change that, redo the step.",
                step=step.name,
            )
    return False


def _differs(approval: Approval, command: Decide) -> bool:
    return command.iteration not in (
        None,
        approval.iteration,
    ) or command.subject_digest not in (None, approval.subject_digest)


def _require_shown(step: StepRun, approval: Approval, command: Decide) -> None:
    if not _differs(approval, command):
        return
    if command.iteration not in (None, approval.iteration):
        changed = (
            f"you were shown iteration {command.iteration}, and it is now at iteration "
            f"{approval.iteration}"
        )
    else:
        changed = (
            f"what is to be decided in iteration {approval.iteration} is not what you "
            "were shown"
        )
    raise StaleDecision(
        f"Step {step.name!r} has changed: {changed}, asked by "
        f"{approval.requested_by} at {when(approval.requested_at)}. Look again, then "
        "decide.",
        step=step.name,
        iteration=approval.iteration,
        subject_digest=approval.subject_digest,
    )


def _require_undecided(step: StepRun, approval: Approval) -> None:
    if approval.state == "open":
        return
    if approval.state == "withdrawn":
        how = f"was withdrawn: {approval.closed_because}"
    else:
        people = listed(dict.fromkeys(each.actor for each in approval.decisions))
        how = f"was {approval.state} by {people}"
    raise WrongState(
        f"The approval of step {step.name!r}, iteration {approval.iteration}, {how} "
        f"({when(approval.closed_at)}). The step is {words(step.state)} now.",
        step=step.name,
        approval=approval.state,
        cause=approval.closed_because,
    )


def _require_approver(decision: Decision, step: StepRun, approval: Approval) -> None:
    approvers = approval.policy.approvers
    if approvers and decision.by.actor not in approvers:
        raise NotAnApprover(
            f"{decision.by.actor} may not decide about step {step.name!r}: its policy "
            f"names {listed(approvers)}.",
            step=step.name,
            approvers=list(approvers),
        )
