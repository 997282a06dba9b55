"""How the service does."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from query_api.answers.base import Listed, Shape


class Replay(Shape):
    requested_by: str
    requested_at: datetime
    done_at: datetime | None
    result: str | None


class Parked(Shape):
    run_id: UUID
    """Of a workflow: its stream."""
    since_position: int
    topic: str
    error: str
    parked_at: datetime
    events: int
    replay: Replay | None
    """The last wish to apply them anew."""


class ParkedList(Listed):
    items: list[Parked]


class LogHead(Shape):
    position: int
    recorded_at: datetime | None


class Publisher(Shape):
    epoch: int
    """Grows with every publisher that begins."""
    position: int
    """Everything up to here is in Kafka for certain."""
    published_at: datetime | None
    """When the last event of that was recorded."""
    lag_events: int
    lag_s: float


class Partition(Shape):
    partition: int
    position: int
    published: int
    """Last position that reached this partition in Kafka for certain."""
    next_offset: int
    lag_events: int
    more: bool
    """There are more than were counted."""
    lag_s: float


class Generation(Shape):
    id: int
    state: Literal["building", "current"]
    created_at: datetime
    flipped_at: datetime | None
    lag_s: float
    partitions: list[Partition]


class ParkedCount(Shape):
    events: int
    runs: int


class Process(Shape):
    active: bool
    """One is at work now. False: start it, nothing goes on without it."""
    standing_by: int
    """Others that take over if it ends."""


class Projectors(Process):
    """Active where every partition is projected."""

    projecting: int
    """Processes that do."""
    unprojected: list[int]
    """Partitions that nobody projects."""


class Processes(Shape):
    """At this moment, by the locks that their sessions hold in the database."""

    publisher: Process
    projector: Projectors
    timers: Process
    """Timers, lost leases, bulk operations, retention of logs."""


class System(Shape):
    log: LogHead
    publisher: Publisher
    processes: Processes
    generations: list[Generation]
    parked: ParkedCount
    followers: int
    """Who follows the live stream of this process."""
    position: int
    """Everything up to here is in the read tables."""
