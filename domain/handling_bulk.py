"""Commands to a bulk operation: its own stream, decided and appended like a run's."""

from __future__ import annotations

from collections import OrderedDict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple, cast

from domain.bulk.commands import StartBulk
from domain.bulk.decisions import decide_all
from domain.bulk.evolution import fold
from domain.bulk.state import Bulk
from domain.errors import UnknownBulk
from domain.events import By
from domain.ids import Namespace, new_id
from domain.plans import Plan, append_of, require_version
from domain.ports import NO_HASH, Fact, StoredAnswer, Stretch
from domain.requests import Answer, Done

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from domain.bulk.commands import BulkTask
    from domain.errors import StaleVersion
    from domain.ports import Appended, EventLog
    from domain.requests import Request

KNOWN_BULKS = 20
"""Operations in memory; each with its list of up to 20,000 items."""


class KnownBulk(NamedTuple):
    """An operation as far as this process has seen it."""

    namespace: Namespace
    bulk: Bulk
    hash: bytes
    """Of its last event."""
    position: int
    """Of its last event."""
    started_id: UUID | None
    """Id of the event that started it."""
    recorded_by: str
    """Whose token it was started with."""


class Bulks:
    """The operations that this process works on. Final ones are not kept."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._known: OrderedDict[UUID, KnownBulk] = OrderedDict()

    async def get(self, namespace: str, bulk_id: UUID) -> KnownBulk | None:
        """As the log has it now; None if the namespace has none of that id.

        Raises:
            Unavailable: the log cannot be read.
        """
        known = self._known.get(bulk_id)
        tail = await self._log.tail(bulk_id, known.bulk.version if known else 0)
        if known is None:
            if not tail.events or not tail.events[0].event.topic.startswith("bulk."):
                return None
            first = tail.events[0]
            known = KnownBulk(
                first.namespace, Bulk(), NO_HASH, 0, first.event_id, first.recorded_by
            )
        if tail.events:
            known = known._replace(
                bulk=fold(known.bulk, ((each.event, each.by) for each in tail.events)),
                hash=tail.hash,
                position=tail.events[-1].position,
            )
        self._keep(bulk_id, known)
        return known if known.namespace == namespace else None

    async def answered(self, stored: StoredAnswer) -> Answer:
        """What was answered under a key, once more: the operation as it was then."""
        tail = await self._log.tail(stored.run_id)
        events = tail.events[: stored.version]
        bulk = fold(Bulk(), ((each.event, each.by) for each in events))
        version, position = stored.version, stored.position
        found = _answer(stored.run_id, bulk, version, position)
        return found._replace(repeated=True)

    def committed(self, bulk_id: UUID, known: KnownBulk) -> None:
        """What was appended by this process need not be read again."""
        if bulk_id in self._known:
            self._keep(bulk_id, known)

    def forget(self, bulk_id: UUID) -> None:
        self._known.pop(bulk_id, None)

    def _keep(self, bulk_id: UUID, known: KnownBulk) -> None:
        if known.bulk.final:
            self.forget(bulk_id)
            return
        self._known[bulk_id] = known
        self._known.move_to_end(bulk_id)
        while len(self._known) > KNOWN_BULKS:
            self._known.popitem(last=False)


class BulkCommands:
    """One request: starting an operation, stopping it, or the runner's record."""

    def __init__(self, request: Request, bulks: Bulks) -> None:
        self.namespace = Namespace(request.namespace)
        self._request = request
        self._commands = cast("Sequence[BulkTask]", request.commands)
        self._bulks = bulks
        self._starts = isinstance(request.commands[0], StartBulk)
        if request.run_id is None and not self._starts:
            raise UnknownBulk("The command names no bulk operation.")
        self.stream_id = request.run_id or new_id()
        self.version_seen = 0
        self._by = By(request.actor, datetime.now(UTC))

    async def plan(self, *, fresh: bool) -> Plan:
        known = await self._known()
        self.version_seen = known.bulk.version
        require_version(self._request, known.bulk.version)
        events, bulk = decide_all(known.bulk, self._commands, self._by)
        if not events:
            return self._nothing(known)
        facts = [Fact(event, self._by, self._request.principal) for event in events]
        stretch = Stretch(self.stream_id, known.bulk.version, known.hash, facts)
        append = append_of(self._request, self.namespace, [stretch], {})

        def committed(appended: Appended) -> Done:
            (end,) = appended.ends
            self._bulks.committed(
                self.stream_id,
                known._replace(bulk=bulk, hash=end.hash, position=end.position),
            )
            return Done(_answer(self.stream_id, bulk, end.version, end.position))

        return Plan(append, committed)

    def overtaken(self, error: StaleVersion) -> None:
        version = error.details.get("version", 0)
        if not isinstance(version, int) or version <= self.version_seen:
            # Memory is ahead of the log, or beside it: a backup was put back.
            self._bulks.forget(self.stream_id)

    def refused_command(self) -> object:
        return self._commands[0]

    async def _known(self) -> KnownBulk:
        if self._request.run_id is not None:
            known = await self._bulks.get(self.namespace, self.stream_id)
            if known is not None:
                return known
        if not self._starts:
            raise UnknownBulk(f"There is no bulk operation {self.stream_id}.")
        return KnownBulk(self.namespace, Bulk(), NO_HASH, 0, None, "")

    def _nothing(self, known: KnownBulk) -> Plan:
        version, position = known.bulk.version, known.position
        stored = StoredAnswer(
            self._request.body_digest, self.stream_id, version, position
        )
        append = append_of(self._request, self.namespace, [], {}, stored)
        done = Done(_answer(self.stream_id, known.bulk, version, position))
        return Plan(append, lambda _: done, done)


def _answer(bulk_id: UUID, bulk: Bulk, version: int, position: int) -> Answer:
    return Answer(bulk_id, "", 0, version, position, bulk.state)
