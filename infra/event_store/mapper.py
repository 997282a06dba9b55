"""The eventsourcing library's mapper and transcoder, for our events.

The library's own mapper builds objects past ``__init__``, which leaves a pydantic
model half made, and wants the stream's id and version in the event. Ours stay apart
from their envelope, so what the library passes around is a ``StoredFact``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

import orjson
from eventsourcing.persistence import (
    Mapper,
    MapperDeserialisationError,
    StoredEvent,
    Transcoder,
)

from infra.codec import Undecodable, UnknownTopic, decode, encode

if TYPE_CHECKING:
    from eventsourcing.domain import DomainEventProtocol

    from domain.events import Event


@dataclass(frozen=True)
class StoredFact:
    """An event and its place, as the library's classes want to have it."""

    originator_id: UUID
    originator_version: int
    event: Event


class OrjsonTranscoder(Transcoder):
    """JSON by orjson, for whatever else an application stores."""

    def encode(self, obj: Any) -> bytes:
        return orjson.dumps(obj)

    def decode(self, data: bytes) -> Any:
        return orjson.loads(data)


class EventMapper(Mapper[UUID]):
    """Between ``StoredFact`` and the library's stored event; same bytes as the log."""

    def to_stored_event(self, domain_event: DomainEventProtocol[UUID]) -> StoredEvent:
        fact = cast("StoredFact", domain_event)
        return StoredEvent(
            originator_id=fact.originator_id,
            originator_version=fact.originator_version,
            topic=fact.event.topic,
            state=encode(fact.event),
        )

    def to_domain_event(self, stored_event: StoredEvent) -> DomainEventProtocol[UUID]:
        try:
            event = decode(stored_event.topic, stored_event.state)
        except (UnknownTopic, Undecodable) as error:
            raise MapperDeserialisationError(str(error)) from error
        stream_id = stored_event.originator_id
        assert isinstance(stream_id, UUID)
        fact = StoredFact(stream_id, stored_event.originator_version, event)
        return cast("DomainEventProtocol[UUID]", fact)
