"""An event to the bytes that are stored, and back.

The bytes are the JSON object of the event's fields. A field that has its default is
left out, so **a default never changes**: to change one, or a field's name or meaning,
raise the event's ``class_version`` and write an upcaster that fills in what was meant.
From version 2 on the number stands in the object as ``class_version``, as the
eventsourcing library has it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
from pydantic import ValidationError

# Each registers the topics of its events.
import domain.bulk.events
import domain.run.events
import domain.run.job_events
import domain.workflow.events  # noqa: F401
from domain.events import TOPICS, Recorded
from domain.upcasting import upcast

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from domain.events import Event

MAX_STATE_BYTES = 256 * 1024
"""Limit of one encoded event; the table checks it too."""


class UnknownTopic(Exception):
    """The log has an event of a kind that this version of the service does not know.

    A newer version wrote it: deploy that one.
    """


class Undecodable(Exception):
    """An event's stored bytes do not fit its class, nor any upcaster's."""


def encode(event: Event) -> bytes:
    """The bytes to store."""
    cls = type(event)
    state = cls.__pydantic_serializer__.to_json(event, exclude_defaults=True)
    if cls.class_version > 1:
        fields = orjson.loads(state)
        return orjson.dumps({**fields, "class_version": cls.class_version})
    return state


def decode(topic: str, state: bytes) -> Event:
    """The event that was stored, in today's shape.

    Raises:
        UnknownTopic: this version of the service has no such event.
        Undecodable: the bytes do not fit.
    """
    cls = TOPICS.get(topic)
    if cls is None:
        raise UnknownTopic(
            f"The log has an event {topic!r}, which this version does not know: "
            "a newer version wrote it."
        )
    try:
        if cls.class_version == 1:
            event: Event = cls.__pydantic_validator__.validate_json(state)
        else:
            event = cls.model_validate(upcast(topic, orjson.loads(state)))
    except (ValidationError, orjson.JSONDecodeError) as error:
        raise Undecodable(f"A stored {topic} cannot be read: {error}") from error
    return event


def recorded(row: Sequence[Any]) -> Recorded:
    """The event of a row of the log (``infra.event_store.rows.Row``) in its envelope.

    Raises:
        UnknownTopic: this version of the service has no such event.
        Undecodable: the bytes do not fit.
    """
    *envelope, topic, state = row
    return Recorded._make((*envelope, decode(topic, state)))
