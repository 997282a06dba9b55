"""What is asked of the open question before anybody answers it, or hands it on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.errors import NotAnApprover, StaleDecision, WrongState
from domain.run.approvers import why_not
from domain.run.context import Context
from domain.run.guards import listed, when, words

if TYPE_CHECKING:
    from domain.run.deciding import Decision
    from domain.run.state import Approval, Redo, StepRun


def question_about(step: StepRun) -> Approval:
    """The last one that the step has put to people.

    Raises:
        WrongState: it has asked nothing.
    """
    if not step.approvals:
        raise WrongState(
            f"Nothing is asked about step {step.name!r}: it is {words(step.state)}.",
            step=step.name,
        )
    return step.approvals[-1]


def differs(approval: Approval, iteration: int | None, digest: str | None) -> bool:
    """It is not what the person was shown, as far as they say what that was."""
    return iteration not in (None, approval.iteration) or digest not in (
        None,
        approval.subject_digest,
    )


def require_shown(
    step: StepRun, approval: Approval, iteration: int | None, digest: str | None
) -> None:
    """
    Raises:
        StaleDecision: with what has changed, and why.
    """
    if not differs(approval, iteration, digest):
        return
    if iteration not in (None, approval.iteration):
        changed = (
            f"you were shown iteration {iteration}, and it is now at iteration "
            f"{approval.iteration}"
        )
    else:
        changed = (
            f"what is to be decided in iteration {approval.iteration} is not what you "
            "were shown"
        )
    redo = led_to(step, approval)
    since = "" if redo is None else f", since {why_again(redo)}"
    raise StaleDecision(
        f"Step {step.name!r} has changed: {changed}{since}. It was asked by "
        f"{approval.requested_by} at {when(approval.requested_at)}. Look again, then "
        "decide.",
        step=step.name,
        iteration=approval.iteration,
        subject_digest=approval.subject_digest,
        **_told(redo),
    )


def led_to(step: StepRun, approval: Approval) -> Redo | None:
    """What led to the iteration that the question is about."""
    return next((r for r in step.redos if r.iteration == approval.iteration), None)


def why_again(redo: Redo) -> str:
    """Who sent what back to work, and what they said, in short."""
    said = " ".join(redo.feedback.split())
    said = f"{said[:199]}…" if len(said) > 200 else said
    how = "was rejected" if redo.after_rejection else "is done again"
    by = "" if redo.after_rejection else f", as {redo.actor} asked"
    return f"step {redo.step} {how}{by}{f': {said}' if said else ''}"


def _told(redo: Redo | None) -> dict[str, Any]:
    if redo is None:
        return {}
    return {
        "redo": {
            "step": redo.step,
            "by": redo.actor,
            "at": redo.at,
            "feedback": redo.feedback,
            "after_rejection": redo.after_rejection,
        }
    }


def require_undecided(step: StepRun, approval: Approval) -> None:
    """
    Raises:
        WrongState: it was decided, or withdrawn, with the cause.
    """
    if approval.state == "open":
        return
    redo: Redo | None = None
    if approval.state == "withdrawn":
        how = f"was withdrawn: {approval.closed_because}"
        redo = step.redos[-1] if step.redos else None
        if redo is not None and redo.iteration > approval.iteration:
            how += f" ({why_again(redo)})"
    elif approval.expired:
        how = f"expired, and so it was {approval.state}"
    else:
        people = listed(dict.fromkeys(each.actor for each in approval.decisions))
        how = f"was {approval.state} by {people}"
    raise WrongState(
        f"The approval of step {step.name!r}, iteration {approval.iteration}, {how} "
        f"({when(approval.closed_at)}). The step is {words(step.state)} now.",
        step=step.name,
        approval=approval.state,
        cause=approval.closed_because,
        **_told(redo),
    )


def require_approver(decision: Decision, step: StepRun, approval: Approval) -> None:
    """
    Raises:
        NotAnApprover: the caller may not decide, and why.
    """
    person = decision.by.actor
    reason = why_not(approval, person, _callers(decision))
    if reason is not None:
        raise not_an_approver(step, approval, f"{person} may not decide", reason)


def not_an_approver(
    step: StepRun, approval: Approval, who: str, reason: str
) -> NotAnApprover:
    return NotAnApprover(
        f"{who} about step {step.name!r}: {reason}.",
        step=step.name,
        approvers=list(approval.policy.approvers),
        groups=list(approval.policy.groups),
    )


def groups_of(decision: Decision, approval: Approval) -> tuple[str, ...]:
    """Groups of the policy that the caller belongs to."""
    mine = _callers(decision)
    return tuple(group for group in approval.policy.groups if group in mine)


def _callers(decision: Decision) -> frozenset[str]:
    context = decision.context
    return context.groups if isinstance(context, Context) else frozenset()
