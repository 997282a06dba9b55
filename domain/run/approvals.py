"""Asking people, and what they decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.errors import WrongState
from domain.run.approvers import in_place_of
from domain.run.contents import content
from domain.run.events import (
    ApprovalDecided,
    ApprovalRequested,
    StepCompleted,
    StepRejected,
)
from domain.run.forms import require_form
from domain.run.guards import find_step, require_open, require_task, when
from domain.run.late_reports import attempt_to_end
from domain.run.questions import (
    differs,
    groups_of,
    question_about,
    require_approver,
    require_shown,
    require_undecided,
)
from domain.run.settling import settle
from domain.run.state import RunState
from domain.run.state_rule import say_continued, state_by_rule
from domain.run.subjects import subject_digest
from domain.workflow.policy import ApprovalPolicy
from domain.workflow.soundness import require_sound_policy

if TYPE_CHECKING:
    from typing import Literal

    from domain.run.commands import Approve, Decide, Reject, RequestApproval
    from domain.run.deciding import Decision
    from domain.run.state import Approval, StepRun

MAX_REASON = 16_384


def request_approval(decision: Decision, command: RequestApproval) -> None:
    """The attempt succeeded; the step waits until people have decided on its output.

    Raises:
        SchemaInvalid: the policy that came with the request has a form that is none.
    """
    require_sound_policy(command.policy)
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
        NotAnApprover: the policy does not let this person decide.
        FormInvalid: what was filled in does not fit the policy's form.
        WrongState: nothing is asked, or it has been decided or withdrawn.
    """
    step = _decided(decision, command, "approved")
    if step is None:
        return
    approval = step.approvals[-1]
    if _count(approval, "approved") >= approval.policy.required:
        complete(decision, step)


def complete(decision: Decision, step: StepRun) -> None:
    """What was asked is granted: the step is done, and what waited for it goes on."""
    decision.record(
        StepCompleted(
            step=step.name,
            iteration=step.iteration,
            attempt=step.approvals[-1].attempt,
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
    """One disagrees; once as many as the policy wants have, the step is rejected, and
    what its ``on_reject`` says follows.

    Raises: as ``approve``.
    """
    step = _decided(decision, command, "rejected")
    if step is None:
        return
    approval = step.approvals[-1]
    if _count(approval, "rejected") >= approval.policy.rejections:
        turn_down(decision, step, _why_rejected(approval))


def turn_down(decision: Decision, step: StepRun, reason: str) -> None:
    decision.record(
        StepRejected(
            step=step.name,
            iteration=step.iteration,
            attempt=step.approvals[-1].attempt,
            reason=reason,
        )
    )
    if not decision.run.held:
        settle(decision)


def _count(approval: Approval, what: Literal["approved", "rejected"]) -> int:
    return sum(each.decision == what for each in approval.decisions)


def _why_rejected(approval: Approval) -> str:
    """What those who disagree have said; whoever does the work again goes by it."""
    against = [each for each in approval.decisions if each.decision == "rejected"]
    if len(against) == 1:
        return against[0].comment
    said = [f"{each.actor}: {each.comment}" for each in against if each.comment]
    return "\n".join(said)[:MAX_REASON]


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
    approval = question_about(step)
    require_shown(step, approval, command.iteration, command.subject_digest)
    require_undecided(step, approval)
    require_approver(decision, step, approval)
    needed = what == "approved"
    require_form(step.name, approval.policy, command.form, needed=needed)
    decision.record(
        ApprovalDecided(
            step=step.name,
            iteration=approval.iteration,
            decision=what,
            comment=command.comment,
            subject_digest=approval.subject_digest,
            seen_version=command.seen_version,
            form=command.form,
            on_behalf_of=in_place_of(approval, decision.by.actor),
            groups=groups_of(decision, approval),
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
    if differs(approval, command.iteration, command.subject_digest):
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
