"""The live stream: one listener and one reader of the log for all who follow it.

A subscriber follows in one of two ways. *Live*, it is handed each event as the reader
finds it, through a bounded queue. *Behind* (at its start, or when its queue was full),
it pages through the log by itself, from the last position it was sent, until it meets
the reader again. So nobody is buffered without bound, and nothing is ever skipped.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, NamedTuple

import psycopg

from domain.errors import Unavailable
from infra.event_store.log import NO_END
from infra.postgres import LOG_CHANNEL
from infra.postgres_async import connect
from infra.sql import load
from query_api.reading import SQL_FOLDER

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from uuid import UUID

    from query_api.event_shapes import EventShapes
    from query_api.reading import Reading

SQL = load(SQL_FOLDER / "events.sql")

QUEUE = 256
PAGE = 500
STRETCH = 50_000
"""Of the log, that one statement reads for a subscriber that is behind: some tenths of
a second, even if nothing in it is wanted."""
POLL_S = 1.0
RECONNECT_S = 1.0

_log = logging.getLogger("runledger.query")


class Filter(NamedTuple):
    """What a subscriber wants to see. The namespace is never left open."""

    namespace: str
    run: UUID | None = None
    workflow: str | None = None
    topic: str | None = None
    """The topic begins with this."""
    actor: str | None = None
    correlation: UUID | None = None

    def takes(self, change: Change) -> bool:
        return (
            change.namespace == self.namespace
            and (self.run is None or change.stream_id == self.run)
            and (self.workflow is None or change.workflow == self.workflow)
            and (self.topic is None or change.topic.startswith(self.topic))
            and (self.actor is None or change.actor == self.actor)
            and (self.correlation in (None, change.correlation))
        )


class Change(NamedTuple):
    """An event of the log, ready to be sent."""

    position: int
    namespace: str
    stream_id: UUID
    workflow: str | None
    topic: str
    actor: str
    correlation: UUID | None
    json: bytes


class Subscriber:
    """One who follows the log."""

    def __init__(self, wanted: Filter, position: int) -> None:
        self.wanted = wanted
        self.position = position
        """Everything up to here was handed over, or is not wanted."""
        self.behind = True
        self._queue: deque[Change] = deque()
        self._woken = asyncio.Event()

    def offer(self, change: Change) -> None:
        """Hand over an event of the reader's; without room, fall behind instead."""
        if self.behind or change.position <= self.position:
            return
        if not self.wanted.takes(change):
            if not self._queue:
                self.position = change.position
            return
        if len(self._queue) >= QUEUE:
            # What is in the queue is still good: the log is paged from its end on.
            self.behind = True
        else:
            self._queue.append(change)
        self._woken.set()

    def wake(self) -> None:
        self._woken.set()

    def take(self) -> Change | None:
        """The next event that was handed over."""
        if not self._queue:
            return None
        change = self._queue.popleft()
        self.position = change.position
        return change

    async def wait(self, seconds: float) -> None:
        """Until there may be something to take, or it is time."""
        if not self._queue and not self.behind:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._woken.wait()
        # Not before: whoever woke us while we did something else is heard, too.
        self._woken.clear()


class Feed:
    """The reader of the log and those who follow it."""

    def __init__(self, reading: Reading, shapes: EventShapes, url: str) -> None:
        self._reading = reading
        self._shapes = shapes
        self._url = url
        self._subscribers: set[Subscriber] = set()
        self._look = asyncio.Event()
        self.position = 0
        """Everything up to here was offered to all who are not behind."""
        self.listening = asyncio.Event()
        self.started = asyncio.Event()
        self.ended = False

    def end(self) -> None:
        """The process is about to stop: let everybody go, they will come again."""
        self.ended = True
        for subscriber in self._subscribers:
            subscriber.wake()

    @property
    def subscribers(self) -> int:
        return len(self._subscribers)

    @asynccontextmanager
    async def subscribe(
        self, wanted: Filter, after: int | None
    ) -> AsyncIterator[Subscriber]:
        """Follow the log after a position, or from now on."""
        await self.started.wait()
        if after is None:
            after = (await self._reading.head()).position
        subscriber = Subscriber(wanted, after)
        self._subscribers.add(subscriber)
        try:
            yield subscriber
        finally:
            self._subscribers.discard(subscriber)

    async def catch_up(self, subscriber: Subscriber) -> list[Change]:
        """A page of what a subscriber that is behind has not seen."""
        wanted = subscriber.wanted
        # A run has an index; anything else that is rare is looked for bit by bit.
        end = NO_END if wanted.run is not None else subscriber.position + STRETCH
        # Taken first: a short page then covers at least the log up to here.
        reader = min(self.position, end)
        rows = await self._reading.rows(
            SQL["tail_of_namespace"],
            {
                "namespace": wanted.namespace,
                "run": wanted.run,
                "topic": wanted.topic,
                "actor": wanted.actor,
                "correlation": wanted.correlation,
                "after": subscriber.position,
                "up_to": end,
                "limit": PAGE,
            },
        )
        changes = await self._shapes.changes(rows)
        if len(changes) == PAGE:
            subscriber.position = changes[-1].position
        else:
            last = changes[-1].position if changes else 0
            subscriber.position = max(subscriber.position, reader, last)
            # No await since: nothing was offered in between that it would miss.
            subscriber.behind = subscriber.position < self.position
        return [change for change in changes if wanted.takes(change)]

    async def read(self) -> None:
        """Offer what the log has gained, whenever there is reason to look."""
        while True:
            try:
                if not self.started.is_set():
                    self.position = (await self._reading.head()).position
                    self.started.set()
                while await self._read_page():
                    pass
            except Exception as error:  # the reader of all: it goes on, whatever it was
                _report("reading the log for the live stream", error)
                await asyncio.sleep(RECONNECT_S)
                continue
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL_S):
                    await self._look.wait()
            self._look.clear()

    async def _read_page(self) -> bool:
        """Whether there may be more."""
        if not self._subscribers:
            head = (await self._reading.head()).position
            if not self._subscribers:
                # Nobody looks, so nothing need be read. (Somebody may have come
                # meanwhile, and met the reader where it still was: then go on.)
                self.position = head
                return False
        rows = await self._reading.rows(
            SQL["tail"], {"after": self.position, "limit": PAGE}
        )
        for change in await self._shapes.changes(rows):
            for subscriber in self._subscribers:
                subscriber.offer(change)
            self.position = change.position
        return len(rows) == PAGE

    async def listen(self) -> None:
        while True:
            try:
                async with await connect(
                    self._url, name="runledger-query-feed", autocommit=True
                ) as connection:
                    await connection.execute(f"LISTEN {LOG_CHANNEL}")
                    self.listening.set()
                    self._look.set()
                    async for _ in connection.notifies():
                        self._look.set()
            except Exception as error:  # without it, the reader polls
                _report("listening for the live stream", error)
                await asyncio.sleep(RECONNECT_S)
            finally:
                self.listening.clear()


def _report(what: str, error: Exception) -> None:
    # An outage is told by what every answer says; anything else needs a look.
    expected = isinstance(error, (psycopg.OperationalError, Unavailable))
    _log.warning("%s: %s", what, error, exc_info=None if expected else error)


@asynccontextmanager
async def feed(reading: Reading, shapes: EventShapes, url: str) -> AsyncIterator[Feed]:
    """A ``Feed`` with its tasks."""
    found = Feed(reading, shapes, url)
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(found.listen()), tasks.create_task(found.read())]
        try:
            yield found
        finally:
            for task in running:
                task.cancel()
