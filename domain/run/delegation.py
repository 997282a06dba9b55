"""Having somebody else decide in one's place.

A place is handed on as a whole and is in one pair of hands at any time. A delegate
decides once however many would have them do so; that is why nobody takes a second
place, nor one beside their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.errors import WrongState
from domain.run.approvers import places
from domain.run.events import ApprovalDelegated
from domain.run.guards import find_step, require_open
from domain.run.questions import (
    not_an_approver,
    question_about,
    require_approver,
    require_shown,
    require_undecided,
)

if TYPE_CHECKING:
    from domain.run.commands import DelegateApproval
    from domain.run.deciding import Decision
    from domain.run.state import Approval, StepRun


def delegate_approval(decision: Decision, command: DelegateApproval) -> None:
    """The caller no longer decides, the other one does. Told again, nothing.

    A delegate may hand it on, or back, which ends their part in it.

    Raises:
        StaleDecision: it is at another iteration than the caller was shown.
        NotAnApprover: the caller may not decide, or the other one must not.
        WrongState: nothing is asked; or the other one decides already, has decided,
            or has handed it on themselves.
    """
    run = decision.run
    step = find_step(run, command.step)
    require_open(run)
    approval = question_about(step)
    require_shown(step, approval, command.iteration, None)
    require_undecided(step, approval)
    person, to = decision.by.actor, command.to
    handed_on = places(approval)
    if handed_on.get(person) == to:
        return
    require_approver(decision, step, approval)
    if handed_on.get(to) != person:
        _require_free(step, approval, person, to)
    decision.record(
        ApprovalDelegated(
            step=step.name,
            iteration=approval.iteration,
            to=to,
            comment=command.comment,
        )
    )


def _require_free(step: StepRun, approval: Approval, person: str, to: str) -> None:
    for own in approval.barred:
        if own.person == to:
            why = f"{to} {own.why}, and nobody decides about their own"
            raise not_an_approver(step, approval, f"{to} may not decide", why)
    handed_on = places(approval)
    held_for = next((one for one, other in handed_on.items() if other == to), None)
    reason = ""
    if to == person:
        reason = "decides already: name somebody else"
    elif any(each.actor == to for each in approval.decisions):
        reason = "has decided already"
    elif to in handed_on:
        reason = f"has {handed_on[to]} decide in their place: it would go in a circle"
    elif held_for is not None:
        reason = f"decides in the place of {held_for} already, and only once"
    elif to in approval.policy.approvers:
        reason = "may decide already, and decides only once"
    if reason:
        raise WrongState(
            f"{to} cannot decide about step {step.name!r} in the place of {person}: "
            f"{to} {reason}.",
            step=step.name,
            to=to,
        )
