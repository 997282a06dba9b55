"""Approvals in lists."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from domain.run.events import Content
from query_api.answers.base import Listed, Shape
from query_api.answers.runs import Decision


class Approval(Shape):
    run_id: UUID
    step: str
    iteration: int
    workflow: str
    number: int
    state: Literal["open", "approved", "rejected", "withdrawn"]
    approvers: list[str]
    required: int
    agreed: int
    decisions: list[Decision]
    requested_at: datetime
    requested_by: str
    subject_digest: str
    subject: Content | None
    summary: str
    closed_at: datetime | None
    closed_because: str
    version: int
    """Of the run."""
    position: int
    degraded: bool


class ApprovalList(Listed):
    items: list[Approval]
