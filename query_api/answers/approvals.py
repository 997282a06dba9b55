"""Approvals: in lists, and one of them with all that a reviewer needs."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import JsonValue

from domain.run.events import Content
from domain.run.state import RunState
from query_api.answers.base import Listed, Placed, Seconds, Shape
from query_api.answers.deciding import (
    Barred,
    Decision,
    Delegation,
    SentBack,
    Standing,
)

State = Literal["open", "approved", "rejected", "withdrawn"]


class Asked(Shape):
    """What lists and the review have in common."""

    run_id: UUID
    step: str
    iteration: int
    workflow: str
    number: int
    state: State
    approvers: list[str]
    """People by name. Nobody and no group: everybody who holds the role approver."""
    groups: list[str]
    required: int
    """How many must agree."""
    agreed: int
    rejections: int
    """How many must disagree for it to be rejected."""
    rejected: int
    not_own: bool
    barred: list[Barred]
    """Whose own it is, where the policy says that these do not decide."""
    decisions: list[Decision]
    delegations: list[Delegation]
    """Oldest first."""
    delegates: list[str]
    """Who decides in somebody's place now."""
    requested_at: datetime
    requested_by: str
    attempt: int | None
    """The one whose output it is about; null: it is about what the step needs."""
    subject_digest: str
    """Of output and summary. Send it, and the iteration, with the decision."""
    subject: Content | None
    summary: str
    """What the author of the output wrote to reviewers."""
    redo: SentBack | None
    """What led to this iteration."""
    expires_at: datetime | None
    on_expiry: Literal["reject", "approve"] | None
    """What it counts as if it expires."""
    expired: bool
    reminders: int
    reminded_at: datetime | None
    closed_at: datetime | None
    closed_because: str
    standing: Standing
    version: int
    """Of the run."""


class Approval(Asked):
    asks_form: bool
    """A form is to be filled in: the review has its schema."""
    position: int
    degraded: bool


class ApprovalList(Listed):
    items: list[Approval]


class EarlierQuestion(Shape):
    """A question that was put before, and what came of it."""

    iteration: int
    state: State
    subject: Content | None
    summary: str
    subject_digest: str
    requested_at: datetime
    requested_by: str
    decisions: list[Decision]
    closed_at: datetime | None
    closed_because: str
    sent_back: SentBack | None
    """What led from it to the next iteration, with the feedback."""


class Review(Asked, Placed):
    run_state: RunState
    workflow_version: int
    kind: Literal["task", "approval"]
    description: str
    """Of the step, by the author of the workflow."""
    about: list[str]
    """The tasks whose outputs are to be approved."""
    inputs: Content | None
    """Of the run."""
    form: dict[str, JsonValue] | None
    """JSON Schema (2020-12) of what ``form`` must be in an approval."""
    expires_s: Seconds | None
    remind_s: Seconds | None
    on_reject: Literal["fail", "cancel", "redo"]
    redoes: str | None
    """The step that a rejection sends back to work."""
    earlier: list[EarlierQuestion]
    """Oldest first."""
