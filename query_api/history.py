"""A run as it was: the fold of its events up to a version or a moment."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from domain import errors
from domain.run.events import RunCreated
from domain.run.evolution import replay
from infra.codec import Undecodable, UnknownTopic
from infra.event_store.log import NO_END

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from uuid import UUID

    from domain.events import Recorded
    from domain.run.state import Run
    from infra.event_store.log import LogReader
    from query_api.definitions import Definitions


class Past(NamedTuple):
    """A folded run and the last event that is in it."""

    run: Run
    recorded: Sequence[Recorded]

    @property
    def last(self) -> Recorded:
        return self.recorded[-1]


class History:
    """Runs folded from the log."""

    def __init__(self, log: LogReader, definitions: Definitions) -> None:
        self._log = log
        self._definitions = definitions

    async def at_version(self, namespace: str, run_id: UUID, version: int) -> Past:
        """The fold of the first ``version`` events, or of all, if there are fewer.

        Raises:
            UnknownRun: there is none of that id in the namespace.
        """
        return await self._fold(await self._events(namespace, run_id, version))

    async def at_moment(self, namespace: str, run_id: UUID, moment: datetime) -> Past:
        """The fold of what was recorded until then; of an observed run, of what had
        happened until then by its source's clock.

        Raises:
            UnknownRun: it did not exist then.
        """
        events = await self._events(namespace, run_id, NO_END)
        until = longest_prefix(events, moment)
        if not until:
            begun = events[0].recorded_at.isoformat(timespec="milliseconds")
            raise errors.UnknownRun(
                f"At that moment there was no such run yet: it begins at {begun}."
            )
        return await self._fold(until)

    async def now(self, namespace: str, run_id: UUID) -> Past:
        return await self.at_version(namespace, run_id, NO_END)

    async def _events(self, namespace: str, run_id: UUID, until: int) -> list[Recorded]:
        with _readable(run_id):
            events = await self._log.stream(run_id, up_to=until)
        if (
            not events
            or events[0].namespace != namespace
            or not isinstance(events[0].event, RunCreated)
        ):
            raise errors.UnknownRun(f"There is no run {run_id} in this namespace.")
        return events

    async def _fold(self, events: Sequence[Recorded]) -> Past:
        created = events[0].event
        assert isinstance(created, RunCreated)
        definition = await self._definitions.get(
            events[0].namespace, created.workflow, created.workflow_version
        )
        with _readable(events[0].stream_id):
            return Past(replay(definition, events), events)


@contextmanager
def _readable(run_id: UUID) -> Iterator[None]:
    try:
        yield
    except (UnknownTopic, Undecodable, errors.BrokenHistory) as error:
        raise errors.Unavailable(
            f"The run {run_id} cannot be folded by this version of the service "
            f"({error}); its event list can still be read."
        ) from error


def longest_prefix(events: Sequence[Recorded], moment: datetime) -> Sequence[Recorded]:
    """The events up to the first one that came after the moment.

    Sources report late and out of order, so an observed run's own times may step back;
    up to the first later one they are all (their running maximum) within the moment.
    """
    opening = events[0].event
    observed = isinstance(opening, RunCreated) and opening.observed
    for count, one in enumerate(events):
        if (one.occurred_at if observed else one.recorded_at) > moment:
            return events[:count]
    return events
