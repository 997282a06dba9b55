"""Events of the log, and refused commands."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import JsonValue

from query_api.answers.base import Listed, Placed, Shape


class EventItem(Shape):
    position: int
    """Place in the whole log: without gaps, in the order of commits."""
    stream_id: UUID
    version: int
    """Place in its stream."""
    run_id: UUID | None
    """Null for an event of a workflow, or of a bulk operation."""
    workflow: str | None
    number: int | None
    topic: str
    summary: str
    """The event in a plain sentence."""
    event_id: UUID
    actor: str
    recorded_by: str
    """Who reported it: the actor, unless somebody spoke for it."""
    occurred_at: datetime
    recorded_at: datetime
    correlation_id: UUID | None
    causation_id: UUID | None
    trace: str | None
    data: JsonValue


class EventList(Placed):
    items: list[EventItem]
    next: int | None
    """Send it as `after` (ascending) or `before` (descending) for the next page."""
    order: Literal["ascending", "descending"]


class Topic(Shape):
    topic: str
    description: str


class TopicList(Shape):
    items: list[Topic]


class Refusal(Shape):
    id: UUID
    run_id: UUID | None
    command: str
    body: JsonValue
    actor: str
    recorded_by: str
    code: str
    message: str
    version_seen: int
    position: int
    """The log's end when it was refused."""
    recorded_at: datetime


class RefusalList(Listed):
    items: list[Refusal]
