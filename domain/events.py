"""What an event is, and the table from topic to class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from domain.ids import Namespace


class Event(BaseModel):
    """A fact, in the past tense. Payload only: who, when and where is the envelope."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    topic: ClassVar[str]
    class_version: ClassVar[int] = 1

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "topic" not in cls.__dict__:
            return
        if (known := TOPICS.setdefault(cls.topic, cls)) is not cls:
            raise TypeError(f"{cls.topic} is the topic of {known.__name__}.")


TOPICS: dict[str, type[Event]] = {}
"""Every event class by its topic. Topics are stored: never rename one."""


class By(NamedTuple):
    """Who made something happen, and when (source time for observed runs)."""

    actor: str
    at: datetime


class Recorded(NamedTuple):
    """An event with its envelope, as it lies in the log."""

    position: int
    stream_id: UUID
    version: int
    namespace: Namespace
    event_id: UUID
    actor: str
    recorded_by: str
    """The principal whose token reported it: the actor, unless it spoke for another."""
    occurred_at: datetime
    recorded_at: datetime
    correlation_id: UUID | None
    causation_id: UUID | None
    trace: str | None
    event: Event

    @property
    def by(self) -> By:
        return By(self.actor, self.occurred_at)
