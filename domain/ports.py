"""What the command handler needs of the outside, and the shapes that pass through.

Implemented in ``infra.event_store``; no I/O here.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from domain.events import By, Event, Recorded
    from domain.ids import Namespace
    from domain.run.agenda import Agenda
    from domain.workflow.definition import WorkflowDefinition

NO_HASH = bytes(32)
"""Stands for the predecessor of a stream's first event."""

_NONE: Mapping[str, bytes] = MappingProxyType({})


class Fact(NamedTuple):
    """An event that was decided and is to be recorded."""

    event: Event
    by: By
    recorded_by: str


class Stretch(NamedTuple):
    """What one append adds to one stream, and where it takes the stream to end."""

    stream_id: UUID
    version: int
    """Version of the stream's last event; 0 where it has none."""
    hash: bytes
    """Hash of that event; ``NO_HASH`` where there is none."""
    facts: Sequence[Fact]


class Key(NamedTuple):
    """An idempotency key, and what to answer whoever comes with it again.

    The answer is the end of the append's first stretch, with that of its second one
    as the link. For an append without events ``nothing_done`` says it.
    """

    principal: str
    key: str
    body_digest: bytes
    nothing_done: StoredAnswer | None = None


@dataclass(slots=True, frozen=True)
class NewRefusal:
    """A command that the rules did not allow, for the table of refusals."""

    id: UUID
    run_id: UUID | None
    command: str
    body: str
    """JSON."""
    actor: str
    recorded_by: str
    code: str
    message: str
    version_seen: int
    key: str | None = None


class RunAgenda(NamedTuple):
    """What becomes of the rows of a run's jobs and timers."""

    run_id: UUID
    workflow: str
    agenda: Agenda


class Append(NamedTuple):
    """All that is recorded in one go, or not at all."""

    namespace: Namespace
    stretches: Sequence[Stretch] = ()
    correlation_id: UUID | None = None
    causation_id: UUID | None = None
    trace: str | None = None
    key: Key | None = None
    refusals: Sequence[NewRefusal] = ()
    contents: Mapping[str, bytes] = _NONE
    """JSON of values too large for an event, by digest."""
    agendas: Sequence[RunAgenda] = ()
    """Jobs to lease and timers to fire, or no longer."""


class End(NamedTuple):
    """The last event of a stream."""

    version: int
    position: int
    hash: bytes


class Appended(NamedTuple):
    """Where an append has gone. ``ends``: one for each of its stretches."""

    recorded_at: datetime
    ends: tuple[End, ...]


class StoredAnswer(NamedTuple):
    """What was answered under an idempotency key."""

    body_digest: bytes
    run_id: UUID
    version: int
    position: int
    linked_run_id: UUID | None = None
    linked_version: int | None = None
    linked_position: int | None = None


class Tail(NamedTuple):
    """A stretch of a stream as it was read. ``hash``: of its last event."""

    events: Sequence[Recorded]
    hash: bytes


class Ticket(NamedTuple):
    """A run's number, and the newest version of its workflow at that moment."""

    number: int
    newest: int


class EventLog(Protocol):
    """The log, for whoever decides and appends."""

    async def append(self, append: Append) -> Appended | StoredAnswer:
        """Record it durably; a stored answer where its key was used for the same.

        Raises:
            StaleVersion: a stream does not end where the append takes it to end.
            KeyReused: the key was used for another command.
            TooLarge: an event is over its limit.
            Unavailable: the store could not be reached for a while.
        """

    async def tail(self, stream_id: UUID, after: int = 0) -> Tail:
        """The events of a stream behind a version, in order; none if it has none."""

    async def answer(
        self, namespace: str, principal: str, key: str
    ) -> StoredAnswer | None:
        """What was answered under a key."""


class Numbers(Protocol):
    async def take(self, namespace: Namespace, workflow: str) -> Ticket:
        """A number that no other run of the workflow has.

        Raises:
            UnknownWorkflow: there is no workflow of that name.
            Unavailable: the store could not be reached for a while.
        """


class Catalogue(Protocol):
    async def definition(
        self, namespace: Namespace, workflow: str, version: int
    ) -> WorkflowDefinition:
        """A workflow version.

        Raises:
            UnknownWorkflow: there is no such workflow or version.
        """
