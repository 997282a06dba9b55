"""A run as it was: the fold of its events up to a version or a moment."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from domain import errors
from domain.known_runs import Known, KnownRuns
from domain.run.events import RunCreated
from domain.run.evolution import fold, replay
from infra.codec import Undecodable, UnknownTopic
from infra.event_store.log import NO_END

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from uuid import UUID

    from domain.events import Recorded
    from domain.ids import Namespace
    from domain.run.state import Run
    from infra.event_store.log import LogReader
    from query_api.definitions import Definitions


MAX_RUNS = 500
MAX_STEPS = 50_000
"""Of all runs that are kept folded: about a kilobyte each."""


class Unfoldable(errors.Unavailable):
    """An event of the run is not one that this version of the service understands."""


class Past(NamedTuple):
    """A folded run, and where it is: by its last event."""

    namespace: Namespace
    run: Run
    position: int


class History:
    """Runs folded from the log. As they are now, they are kept for who asks next."""

    def __init__(self, log: LogReader, definitions: Definitions) -> None:
        self._log = log
        self._definitions = definitions
        self._known = KnownRuns(MAX_RUNS, max_steps=MAX_STEPS)

    async def present(
        self, namespace: str, run_id: UUID, version: int = NO_END
    ) -> Past:
        """The run up to the newest version that the caller knows; of all without one.

        Raises:
            UnknownRun: there is none of that id in the namespace.
        """
        known = self._known.get(run_id)
        if known is None or known.namespace != namespace or known.run.version > version:
            past, _ = await self.at_version(namespace, run_id, version)
        elif known.run.version == version:
            return Past(known.namespace, known.run, known.position)
        else:
            with _readable(run_id):
                events = await self._log.stream(
                    run_id, after=known.run.version, up_to=version
                )
                run = fold(known.run, [(one.event, one.by) for one in events])
            position = events[-1].position if events else known.position
            past = Past(known.namespace, run, position)
        newest = self._known.get(run_id)
        if newest is None or newest.run.version < past.run.version:
            self._known.put(run_id, Known(past.namespace, past.run, b"", past.position))
        return past

    async def at_version(
        self, namespace: str, run_id: UUID, version: int
    ) -> tuple[Past, Recorded]:
        """The fold of the first ``version`` events, or of all, if there are fewer;
        and the last of them.

        Raises:
            UnknownRun: there is none of that id in the namespace, or it had no event.
        """
        return await self._fold(await self._events(namespace, run_id, version))

    async def at_moment(
        self, namespace: str, run_id: UUID, moment: datetime
    ) -> tuple[Past, Recorded]:
        """The fold of what was recorded until then; of an observed run, of what had
        happened until then by its source's clock. And the last event in it.

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

    async def _fold(self, events: Sequence[Recorded]) -> tuple[Past, Recorded]:
        created, last = events[0].event, events[-1]
        assert isinstance(created, RunCreated)
        definition = await self._definitions.get(
            last.namespace, created.workflow, created.workflow_version
        )
        with _readable(last.stream_id):
            run = replay(definition, events)
        return Past(last.namespace, run, last.position), last


@contextmanager
def _readable(run_id: UUID) -> Iterator[None]:
    try:
        yield
    except (UnknownTopic, Undecodable, errors.BrokenHistory) as error:
        raise Unfoldable(
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
