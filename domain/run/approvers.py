"""Who may decide about an open question, and why somebody may not.

Asked by the rules before they take a decision, and by whoever shows people what waits
for them: all of it follows from the question as it stands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.run.guards import listed, when
from domain.run.state import Barred

if TYPE_CHECKING:
    from collections.abc import Set

    from domain.run.state import Approval, Run
    from domain.workflow.definition import WorkflowDefinition
    from domain.workflow.policy import ApprovalPolicy


def barred(run: Run, step: str) -> tuple[Barred, ...]:
    """Whose own it is that a question of this step would be about, and why."""
    if run.observed:
        return ()
    found: dict[str, list[str]] = {run.created_by: ["created the run"]}
    about = tasks_under_review(run.definition, step)
    for name in about:
        task = run.steps[name]
        said = (
            f"reported the output of {name}"
            if task.carried_from is None
            else f"brought about the output of {name} in the run that is retried"
        )
        for person in task.output_by:
            found.setdefault(person, []).append(said)
    for name in dict.fromkeys((*about, step)):
        for redo in run.steps[name].redos[-1:]:
            if not redo.after_rejection:
                found.setdefault(redo.actor, []).append(f"asked to redo {redo.step}")
    return tuple(
        Barred(person, " and ".join(dict.fromkeys(reasons)))
        for person, reasons in found.items()
    )


def tasks_under_review(definition: WorkflowDefinition, step: str) -> list[str]:
    """The tasks whose outputs a question of this step is about, in their order."""
    found: set[str] = set()
    left = [step]
    while left:
        here = definition.by_name[left.pop()]
        if here.kind == "task":
            found.add(here.name)
        else:
            left += here.needs
    return [name for name in definition.by_name if name in found]


def places(approval: Approval) -> dict[str, str]:
    """Who has whom decide in their place, as it stands now.

    Nobody is in it twice on either side: a delegate has one place, and one decision.
    """
    found: dict[str, str] = {}
    for each in approval.delegations:
        if found.get(each.to) == each.actor:
            del found[each.to]  # handed back
        else:
            found[each.actor] = each.to
    return found


def delegates(approval: Approval) -> list[str]:
    """Who decides in somebody's place now."""
    found = places(approval)
    return [person for person in found.values() if person not in found]


def ineligible(approval: Approval) -> list[str]:
    """Who is not to decide, or not any more: it is their own, they have, or they have
    handed it on."""
    found = [each.person for each in approval.barred]
    found += (each.actor for each in approval.decisions)
    return list(dict.fromkeys((*found, *places(approval))))


def in_place_of(approval: Approval, person: str) -> str | None:
    """Whose place a delegate has: the first one's of a chain."""
    came_from = {to: actor for actor, to in places(approval).items()}
    found: str | None = None
    while (before := came_from.get(found or person)) is not None:
        found = before
    return found


def entitled(approval: Approval, person: str, groups: Set[str]) -> bool:
    """By name, by group, or by delegation."""
    policy = approval.policy
    return (
        policy.open_to_all
        or person in policy.approvers
        or not groups.isdisjoint(policy.groups)
        or person in places(approval).values()
    )


def why_not(approval: Approval, person: str, groups: Set[str]) -> str | None:
    """Why this person may not decide about it now; None if they may."""
    for decided in approval.decisions:
        if decided.actor == person:
            return f"{person} {decided.decision} it at {when(decided.at)}"
    for own in approval.barred:
        if own.person == person:
            return f"{person} {own.why}, and nobody decides about their own"
    if (delegate := places(approval).get(person)) is not None:
        return (
            f"{person} has {delegate} decide in their place: {delegate} may hand it "
            "back, by delegating it to them"
        )
    if not entitled(approval, person, groups):
        return f"its policy names {named(approval.policy)}"
    return None


def named(policy: ApprovalPolicy) -> str:
    """Whom a policy lets decide, in words."""
    if policy.open_to_all:
        return "everybody who holds the role approver"
    said = [listed(policy.approvers)] if policy.approvers else []
    if policy.groups:
        noun = "the groups" if len(policy.groups) > 1 else "the group"
        said.append(f"{noun} {listed(policy.groups)}")
    return " and ".join(said)
