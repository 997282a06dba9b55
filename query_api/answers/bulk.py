"""Bulk operations and what became of their items."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from query_api.answers.base import Listed, Placed, Shape


class BulkOperation(Shape):
    bulk_id: UUID
    """Also the correlation id of every event that it has caused."""
    command: Literal["cancel", "retry", "approve", "reject", "redo"]
    options: dict[str, Any]
    """Of the command: force, retry_from, accept_unsafe, step."""
    filter: dict[str, Any]
    """What was given of it, but for runs that were named one by one."""
    named_runs: int
    """How many were named one by one."""
    reason: str
    state: Literal["running", "stopping", "stopped", "completed"]
    total: int
    """Items of the list, which never changes."""
    done: int
    nothing: int
    """It was so already."""
    refused: int
    not_found: int
    left: int
    """Without a result as yet; for good, if it was stopped."""
    took_as_is: bool
    """No preview was held against the list."""
    started_at: datetime
    started_by: str
    stop_asked_at: datetime | None
    stop_asked_by: str | None
    stop_reason: str | None
    ended_at: datetime | None
    version: int
    """How many events it has."""
    last_position: int
    """Of its last event."""
    degraded: bool


class BulkList(Listed):
    items: list[BulkOperation]


class BulkRefusal(Shape):
    code: str
    items: int
    message: str
    """Of one of them."""


class BulkDetail(BulkOperation, Placed):
    progressed_at: datetime | None
    """When the last result was recorded."""
    per_second: float | None
    """Items, over the last 500 and up to now; null where it is over, or none has a
    result yet."""
    refusals: list[BulkRefusal]
    """Why items were refused, the most frequent code first."""


class BulkItem(Shape):
    nth: int
    """Place in the list, from 1."""
    run_id: UUID
    workflow: str | None
    """Null where no such run was known when the list was made."""
    number: int | None
    step: str | None
    """Approve and reject: whose question it is."""
    iteration: int | None
    subject_digest: str | None
    """Of what was previewed: nothing else is decided about."""
    result: Literal["pending", "done", "nothing", "refused", "not_found"]
    code: str | None
    """Of the refusal."""
    message: str | None
    run_version: int | None
    """Of the run, after it."""
    run_position: int | None
    new_run: UUID | None
    """The run that a retry made."""
    new_number: int | None
    at: datetime
    """When it was listed, or its result recorded."""


class BulkItemList(Listed):
    items: list[BulkItem]
