"""What a request comes to: the seam between the handler and its kinds of tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from domain.errors import StaleVersion
from domain.ports import Append, Fact, RunAgenda, StoredAnswer, Stretch
from domain.run.agenda import agenda
from domain.run.contents import detach

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    from domain.events import By, Event
    from domain.ids import Namespace
    from domain.ports import Appended
    from domain.requests import Done, Request
    from domain.run.state import Run


class Plan(NamedTuple):
    """What to append, and what to remember and answer when that is done."""

    append: Append
    committed: Callable[[Appended], Done]
    nothing: Done | None = None
    """Where nothing was decided: at most the key is to be kept."""


class Task(Protocol):
    """One request, decided as often as it takes."""

    namespace: Namespace
    stream_id: UUID
    version_seen: int
    """Version of the stream that was decided on last."""

    async def plan(self, *, fresh: bool) -> Plan:
        """Decide; ``fresh``: on what the log holds now.

        Raises:
            Refused, NotFound, StaleVersion: it comes to nothing.
        """

    def overtaken(self, error: StaleVersion) -> None:
        """The append failed: the stream is not as it was decided on."""

    def refused_command(self) -> object:
        """Which of the commands it was that was refused last."""


def require_version(request: Request, version: int) -> None:
    """If-Match.

    Raises:
        StaleVersion: the run has another version.
    """
    if request.if_match is not None and request.if_match != version:
        raise StaleVersion(
            f"The run is at version {version}, not at {request.if_match}: "
            "look at it again and decide anew.",
            expected=request.if_match,
            version=version,
        )


def facts_of(
    decided: Sequence[tuple[Event, By]], recorded_by: str, contents: dict[str, bytes]
) -> list[Fact]:
    """The events as they are stored; values too large for them go into ``contents``."""
    events, apart = detach([event for event, _ in decided])
    contents |= apart
    return [
        Fact(event, by, recorded_by)
        for event, (_, by) in zip(events, decided, strict=True)
    ]


def append_of(
    request: Request,
    namespace: Namespace,
    stretches: Sequence[Stretch],
    contents: dict[str, bytes],
    nothing_done: StoredAnswer | None = None,
    agendas: Sequence[RunAgenda] = (),
) -> Append:
    return Append(
        namespace,
        stretches,
        request.correlation_id,
        request.causation_id,
        request.trace,
        request.append_key(nothing_done),
        contents=contents,
        agendas=agendas,
    )


def agendas_of(
    run_id: UUID, before: Run, after: Run, facts: Sequence[Fact]
) -> list[RunAgenda]:
    """How the rows of a run's jobs and timers change; none where they do not."""
    found = agenda(before, after, [fact.event for fact in facts], facts[-1].by)
    return [RunAgenda(run_id, after.workflow, found)] if found else []
