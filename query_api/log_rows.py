"""Rows of the log, as the statements of ``events.sql`` select them, as events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.events import Recorded
from infra import codec

if TYPE_CHECKING:
    from domain.events import Event

Row = dict[str, Any]


def recorded(row: Row) -> Recorded:
    """The event with its envelope.

    Raises:
        UnknownTopic: a newer version of the service wrote it.
    """
    return with_event(row, codec.decode(row["topic"], row["state"]))


def with_event(row: Row, event: Event) -> Recorded:
    return Recorded(
        position=row["notification_id"],
        stream_id=row["originator_id"],
        version=row["originator_version"],
        namespace=row["namespace"],
        event_id=row["event_id"],
        actor=row["actor"],
        recorded_by=row["recorded_by"],
        occurred_at=row["occurred_at"],
        recorded_at=row["recorded_at"],
        correlation_id=row["correlation_id"],
        causation_id=row["causation_id"],
        trace=row["trace"],
        event=event,
    )
