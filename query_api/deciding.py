"""Who may decide about an approval, asked of the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.run.approvers import in_place_of, why_not
from domain.run.commands import Approve
from domain.run.state import Approval, Barred, Decision, Delegation
from domain.workflow.policy import ApprovalPolicy
from query_api.shapes import moment

if TYPE_CHECKING:
    from collections.abc import Mapping, Set
    from datetime import datetime

    from infra.access import Principal

Row = dict[str, Any]


def holds_role(principal: Principal) -> bool:
    return Approve.role in principal.actions


def standing(
    approval: Approval,
    person: str,
    groups: Set[str],
    *,
    holds_role: bool = True,
    observed: bool = False,
) -> Row:
    """What the person may do about it now.

    Of others than the caller nobody knows here whether they hold the role.
    """
    if approval.state != "open":
        reason: str | None = f"it is {approval.state}"
    elif observed:
        reason = "the run runs elsewhere and is only observed here"
    elif not holds_role:
        reason = f"it takes the role {Approve.role}"
    else:
        reason = why_not(approval, person, groups)
    return {
        "person": person,
        "may_decide": reason is None,
        "why_not": reason,
        "in_place_of": in_place_of(approval, person),
    }


def question(row: Mapping[str, Any]) -> Approval:
    """As much of an approval as the rules look at, from its row."""
    return Approval(
        iteration=row["iteration"],
        policy=ApprovalPolicy.model_construct(
            approvers=tuple(row["approvers"]), groups=tuple(row["groups"])
        ),
        subject_digest=row["subject_digest"],
        requested_at=row["requested_at"],
        requested_by=row["requested_by"],
        decisions=tuple(
            Decision(one["actor"], one["decision"], _at(one))
            for one in row["decisions"]
        ),
        delegations=tuple(
            Delegation(one["actor"], one["to"], _at(one)) for one in row["delegations"]
        ),
        barred=tuple(Barred(one["person"], one["why"]) for one in row["barred"]),
        state=row["state"],
    )


def _at(one: Mapping[str, Any]) -> datetime:
    found = moment(one["at"])
    assert found is not None
    return found
