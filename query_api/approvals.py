"""Approvals: the inbox of those who decide, and what was decided."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from pydantic import Field, model_validator

from domain.ids import Line, Name
from infra.sql import load
from query_api import shapes
from query_api.cursors import Key
from query_api.deciding import holds_role, question, standing
from query_api.lists import Listing
from query_api.parameters import FreshPage, NamespacePath
from query_api.reading import SQL_FOLDER
from query_api.sources import sources

if TYPE_CHECKING:
    from collections.abc import Set
    from typing import Self

    from infra.web.operations import Call, Reply
    from query_api.sources import Sources

SQL = load(SQL_FOLDER / "approvals.sql")

Row = dict[str, Any]

ApprovalState = Literal["open", "approved", "rejected", "withdrawn"]


class ApprovalsQuery(FreshPage):
    state: list[ApprovalState] = Field(default=[], max_length=4)
    """Any of these. May stand more than once."""
    mine: bool = False
    """Only what the caller may decide: by name, by the groups of their token, or in the
    place of somebody else; not what they have decided, handed on, or may not decide
    since it is about their own. With ``state=open``: their inbox."""
    for_: Line | None = Field(default=None, alias="for")
    """The same of another person, with the groups that their tokens name."""
    withheld: bool = False
    """With ``mine`` or ``for`` also what they are not to decide though it is asked of
    them; ``standing`` says why."""
    group: Line | None = None
    """Only what is asked of this group."""
    workflow: Name | None = None
    run: UUID | None = None

    @model_validator(mode="after")
    def _one_person(self) -> Self:
        if self.mine and self.for_ is not None:
            raise ValueError("mine and for are about two people: send one of them")
        if self.withheld and not self.mine and self.for_ is None:
            raise ValueError("withheld is about one person: send mine or for as well")
        return self


class ApprovalKey(Key):
    requested_at: datetime
    run_id: UUID
    step: str
    iteration: int


APPROVALS = Listing(
    SQL,
    "approvals",
    ApprovalKey,
    {
        "state": "approvals_in_state",
        "group": "approvals_of_group",
        "workflow": "approvals_of_workflow",
        "run": "approvals_of_run",
    },
)


async def list_approvals(call: Call) -> Reply:
    query = call.query_as(ApprovalsQuery)
    namespace = call.path_as(NamespacePath).ns
    may = query.for_ is not None or holds_role(call.principal)
    person, groups = call.principal.name, call.principal.groups
    if query.for_ is not None:
        person = query.for_
        groups = await groups_of(sources(call), namespace, person)
    fragments: tuple[str, ...] = ()
    if query.mine or query.for_ is not None:
        fragments = _ENTITLING if query.withheld else to_decide(holds_role=may)

    def shape(row: Row) -> Row:
        return _shape(row, person, groups, may)

    return await APPROVALS.reply(
        call,
        namespace,
        query,
        shape,
        fragments=fragments,
        person=person,
        groups=list(groups),
    )


_ENTITLING = ("approvals_entitling",)


def to_decide(*, holds_role: bool) -> tuple[str, ...]:
    """The fragments that leave what a ``person`` with these ``groups`` may decide."""
    found = (*_ENTITLING, "approvals_still_to_decide")
    return found if holds_role else (*found, "approvals_of_nobody")


async def groups_of(found: Sources, namespace: str, person: str) -> frozenset[str]:
    """The groups of people that a person's tokens name."""
    row = await found.reading.one(
        SQL["groups_of"], {"namespace": namespace, "person": person}
    )
    assert row is not None
    return frozenset(row["groups"])


def _shape(row: Row, person: str, groups: Set[str], may: bool) -> Row:
    observed = row.pop("observed")
    return {
        **row,
        "decisions": [shapes.decision(one) for one in row["decisions"]],
        "delegations": [shapes.delegation(one) for one in row["delegations"]],
        "subject": shapes.content(row["subject"]),
        "redo": shapes.sent_back(row["redo"]),
        "standing": standing(
            question(row), person, groups, holds_role=may, observed=observed
        ),
    }
