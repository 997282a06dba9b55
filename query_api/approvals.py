"""Approvals: the inbox of those who decide, and what was decided."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from pydantic import Field

from domain.ids import Line, Name
from infra.sql import load
from query_api import shapes
from query_api.cursors import Key
from query_api.freshness import stale
from query_api.lists import key_of, listed
from query_api.parameters import Fresh, NamespacePath, Paged
from query_api.reading import SQL_FOLDER
from query_api.sources import sources

if TYPE_CHECKING:
    from infra.web.operations import Call, Reply

SQL = load(SQL_FOLDER / "approvals.sql")

Row = dict[str, Any]

ApprovalState = Literal["open", "approved", "rejected", "withdrawn"]


class ApprovalsQuery(Fresh, Paged):
    state: list[ApprovalState] = Field(default=[], max_length=4)
    """Any of these. May stand more than once."""
    approver: Line | None = None
    """Only what this person may decide (that everybody may, too)."""
    workflow: Name | None = None
    run: UUID | None = None


class ApprovalKey(Key):
    requested_at: datetime
    run_id: UUID
    step: str
    iteration: int


FILTERS = {
    "state": "approvals_in_state",
    "approver": "approvals_for",
    "workflow": "approvals_of_workflow",
    "run": "approvals_of_run",
}


async def list_approvals(call: Call) -> Reply:
    query = call.query_as(ApprovalsQuery)
    after = key_of(ApprovalKey, query.cursor)
    found = sources(call)
    is_stale = await stale(found.waiting, query)
    params: dict[str, Any] = {
        "namespace": call.path_as(NamespacePath).ns,
        "limit": query.limit + 1,
    }
    statement = SQL["approvals"]
    for name, fragment in FILTERS.items():
        value = getattr(query, name)
        if value not in (None, []):
            statement += "\n" + SQL[fragment]
            params[name] = value
    if after is not None:
        statement += "\n" + SQL["approvals_beyond"]
        params |= {f"last_{name}": value for name, value in after}
    page = await found.reading.page(statement + "\n" + SQL["approvals_order"], params)
    return listed(page, query.limit, _key, _shape, stale=is_stale)


def _key(row: Row) -> Key:
    return ApprovalKey(
        requested_at=row["requested_at"],
        run_id=row["run_id"],
        step=row["step"],
        iteration=row["iteration"],
    )


def _shape(row: Row) -> Row:
    return {
        **row,
        "decisions": [shapes.decision(one) for one in row["decisions"]],
        "subject": shapes.content(row["subject"]),
    }
