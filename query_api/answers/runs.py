"""Runs and their steps."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from domain.run.events import Content, Failure, StepVerdict
from domain.run.state import RunState, StepState
from query_api.answers.base import Listed, Placed, Seconds, Shape


class Cause(Shape):
    """Why a run is failed, canceled or held."""

    actor: str
    reason: str
    step: str | None
    attempt: int | None
    error: Failure | None


class RunSummary(Shape):
    run_id: UUID
    workflow: str
    workflow_version: int
    number: int
    state: RunState
    observed: bool
    source: str | None
    external_id: str | None
    created_at: datetime
    created_by: str
    started_at: datetime | None
    ended_at: datetime | None
    changed_at: datetime
    """When it came into its present state."""
    duration_s: Seconds | None
    """From created to end."""
    held: bool
    waiting: bool
    cancel_requested: bool
    cause: Cause | None
    step_counts: dict[str, int]
    """Steps by their state."""
    active_steps: list[str]
    """Running, queued or waiting; the first 20."""
    retry_of: UUID | None
    root_run: UUID | None
    retry_from: str | None
    retries: list[UUID]
    version: int
    """How many events it has."""
    position: int
    degraded: bool


class RunList(Listed):
    items: list[RunSummary]


class Attempt(Shape):
    number: int
    iteration: int
    outcome: Literal["running", "completed", "failed", "canceled", "reset", "unknown"]
    actor: str
    started_at: datetime | None
    ended_at: datetime | None
    duration_s: Seconds | None
    output: Content | None
    error: Failure | None
    late: list[str]
    """Outcomes that were reported when it was no longer the current attempt."""


class Decision(Shape):
    actor: str
    decision: Literal["approved", "rejected"]
    at: datetime
    comment: str


class StepApproval(Shape):
    iteration: int
    state: Literal["open", "approved", "rejected", "withdrawn"]
    approvers: list[str]
    """Who may decide. Empty: everybody who holds the role approver."""
    required: int
    agreed: int
    decisions: list[Decision]
    attempt: int | None
    subject_digest: str
    """Of what is to be approved. Send it with the decision."""
    subject: Content | None
    summary: str
    requested_at: datetime
    requested_by: str
    closed_at: datetime | None
    closed_because: str


class Action(Shape):
    """What the caller may, or may not, do now."""

    command: Literal[
        "start", "pause", "continue", "cancel", "retry", "approve", "reject", "redo"
    ]
    allowed: bool
    code: str | None
    """Of the refusal that the command would meet."""
    why_not: str | None
    verdicts: list[StepVerdict]
    """Of a retry or redo: for each step that runs again, whether that is safe."""


class StepDetail(Shape):
    step: str
    state: StepState
    kind: Literal["task", "approval"]
    needs: list[str]
    effects: Literal["none", "idempotent", "once"] | None
    description: str
    iteration: int
    attempts: list[Attempt]
    approvals: list[StepApproval]
    output: Content | None
    error: Failure | None
    reason: str
    actor: str
    changed_at: datetime | None
    queued_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    duration_s: Seconds | None
    """Sum of its attempts."""
    carried_from: UUID | None
    """The run whose output this retry took over."""
    explanation: str
    """Its state in words."""
    actions: list[Action]


class Point(Shape):
    """The last event of what was asked for."""

    version: int
    position: int
    occurred_at: datetime
    recorded_at: datetime


class StepAnswer(StepDetail, Placed):
    run_id: UUID
    workflow: str
    number: int
    version: int
    degraded: bool
    as_of: Point | None


class Link(Shape):
    """A run of the same chain of retries. Null: its row is still to come."""

    run_id: UUID
    workflow: str | None
    number: int | None
    state: RunState | None
    created_at: datetime | None


class Lineage(Shape):
    retry_of: Link | None
    root: Link | None
    retries: list[Link]


class Degradation(Shape):
    since_position: int
    error: str


class RunAnswer(RunSummary, Placed):
    inputs: Content | None
    explanation: str
    """Its state in words: what it waits for, since when, who can act; why it ended."""
    steps: list[StepDetail]
    """In the order of the definition."""
    lineage: Lineage
    actions: list[Action]
    degradation: Degradation | None
    as_of: Point | None
    """Where it is told as it was; null: as it is now."""
