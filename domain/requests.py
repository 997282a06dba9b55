"""What is asked of the command handler, and what it answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from domain.ports import Key

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from domain.commands import Command
    from domain.events import Event
    from domain.ports import StoredAnswer
    from domain.run.state import Run


class Request(NamedTuple):
    """Commands for one run, or one workflow: carried out together or not at all."""

    namespace: str
    run_id: UUID | None
    """None: the first command makes the run, or registers a workflow."""
    commands: Sequence[Command]
    principal: str
    """Whose token it came with; kept as recorded_by."""
    actor: str
    """Who wants it; a report may name another one."""
    key: str | None
    """None: telling it twice is recognised by its lease, or by what it names. Such a
    request is not kept when it is refused either."""
    body_digest: bytes
    """Of the request's body: a key stands for one request only."""
    if_match: int | None = None
    correlation_id: UUID | None = None
    causation_id: UUID | None = None
    trace: str | None = None
    groups: frozenset[str] = frozenset()
    """Of people, that the caller belongs to."""
    at: datetime | None = None
    """The moment it is decided at; None: now. For rehearsals, whose time is made up."""

    def append_key(self, nothing_done: StoredAnswer | None = None) -> Key | None:
        if self.key is None:
            return None
        return Key(self.principal, self.key, self.body_digest, nothing_done)


class Linked(NamedTuple):
    """The other run of a retry: the finished one."""

    run_id: UUID
    number: int
    version: int
    position: int


class Answer(NamedTuple):
    """Where the run is now; for a workflow, which version it has and where it lies."""

    run_id: UUID
    workflow: str
    number: int
    version: int
    position: int
    state: str
    linked: Linked | None = None
    repeated: bool = False
    """Answered before, under the same key; nothing was done now."""


class Done(NamedTuple):
    """An answer with what it stands on, for callers in this process."""

    answer: Answer
    run: Run | None = None
    """The run as it is now; for a retry the new one. None where the answer is that of
    an earlier request with the same key."""
    events: tuple[Event, ...] = ()
    """What was recorded of that run just now."""
