"""An event on its way into the read tables, from Kafka or from the log."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from infra.kafka import namespace_of, topic_of

if TYPE_CHECKING:
    from collections.abc import Sequence

WORKFLOW_REGISTERED = "workflow.version.registered"


class Change(NamedTuple):
    """As it is stored, with what of its envelope the read tables need."""

    position: int
    stream_id: UUID
    version: int
    topic: str
    namespace: str
    actor: str
    occurred_at: datetime
    state: bytes


class Unreadable(Exception):
    """A record of the topic that is not labelled as one of ours."""


def link(headers: Sequence[tuple[str, bytes]]) -> tuple[int, int]:
    """Position of a record, and of the one before it in its partition.

    Raises:
        Unreadable: the headers do not tell.
    """
    position = previous = -1
    try:
        # Our publisher writes them here; anybody else may write them anywhere.
        if headers[7][0] == "ce_position" and headers[8][0] == "ce_previous":
            return int(headers[7][1]), int(headers[8][1])
    except (IndexError, ValueError, TypeError):
        pass
    try:
        for name, value in headers:
            if name == "ce_position":
                position = int(value)
            elif name == "ce_previous":
                previous = int(value)
    except (ValueError, TypeError) as error:
        raise Unreadable(str(error)) from error
    if position < 1 or previous < 0:
        raise Unreadable("there is no position in its headers")
    return position, previous


def of_record(record: Any, position: int) -> Change:
    """The event of a consumed record. Its value is not looked at yet.

    Raises:
        Unreadable: a header is missing or makes no sense.
    """
    found = dict(record.headers)
    try:
        return Change(
            position,
            UUID(record.key.decode()),
            int(found["ce_streamversion"]),
            topic_of(found["ce_type"]),
            namespace_of(found["ce_source"]),
            found["ce_actor"].decode(),
            datetime.fromisoformat(found["ce_time"].decode()),
            record.value or b"",
        )
    except (KeyError, ValueError, AttributeError, TypeError) as error:
        raise Unreadable(f"{type(error).__name__}: {error}") from error
