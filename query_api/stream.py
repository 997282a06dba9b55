"""The live stream over HTTP: server-sent events that resume exactly.

An event's id is its position, so whoever comes back with ``Last-Event-ID`` is sent what
came since. Comments keep quiet connections open; they carry an id too, so that a
stream that takes little does not begin far back.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from pydantic import Field
from starlette.responses import StreamingResponse

from domain.ids import Line, Name
from infra.web.problems import FieldError, Problem, invalid
from query_api.live import Filter
from query_api.parameters import NamespacePath, Parameters, Position
from query_api.sources import sources

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from infra.web.authentication import Authenticator
    from infra.web.operations import Call
    from query_api.live import Change, Feed

KEEP_ALIVE_S = 15.0
MAX_SUBSCRIBERS = 1_000
BATCH = 100
RETRY_MS = 1_000


class StreamQuery(Parameters):
    after: Position | None = None
    """Begin after this position. Last-Event-ID, which browsers send, goes first."""
    run: UUID | None = None
    workflow: Name | None = None
    topic: Annotated[str, Field(max_length=100)] | None = None
    """The topic begins with this."""
    actor: Line | None = None
    correlation: UUID | None = None


async def follow_events(call: Call) -> StreamingResponse:
    query = call.query_as(StreamQuery)
    feed = sources(call).feed
    if feed.subscribers >= MAX_SUBSCRIBERS:
        raise Problem(
            "unavailable",
            "Too many follow the live stream of this process: try again, or poll "
            "/events?after=.",
            headers={"Retry-After": "5"},
        )
    wanted = Filter(
        call.path_as(NamespacePath).ns,
        query.run,
        query.workflow,
        query.topic,
        query.actor,
        query.correlation,
    )
    return StreamingResponse(
        _frames(call, feed, wanted, _start(call, query)),
        media_type="text/event-stream",
        headers={"X-Accel-Buffering": "no"},  # no proxy holds events back
    )


def _start(call: Call, query: StreamQuery) -> int | None:
    last = call.header(b"last-event-id")
    if not last:
        return query.after
    if not last.isascii() or not last.isdigit() or len(last) > 18:
        raise invalid(
            [FieldError(parameter="Last-Event-ID", detail="Is not a position")]
        )
    return int(last)


async def _frames(
    call: Call, feed: Feed, wanted: Filter, after: int | None
) -> AsyncIterator[bytes]:
    authenticator: Authenticator = call.state["authenticator"]
    async with feed.subscribe(wanted, after) as subscriber:
        yield b"retry: %d\nid: %d\n\n" % (RETRY_MS, subscriber.position)
        checked = spoken = time.monotonic()
        while not feed.ended:
            batch: list[Change] = []
            while len(batch) < BATCH and (change := subscriber.take()) is not None:
                batch.append(change)
            if not batch and subscriber.behind:
                batch = await feed.catch_up(subscriber)
            now = time.monotonic()
            if now - checked >= KEEP_ALIVE_S:
                # A revoked token, or a session that has ended, ends the stream.
                try:
                    await authenticator.principal(call.headers)
                except Problem:
                    return
                checked = now
            if batch:
                yield b"".join(map(frame, batch))
                spoken = now
            elif now - spoken >= KEEP_ALIVE_S:
                yield b": still here\nid: %d\n\n" % subscriber.position
                spoken = now
            elif not subscriber.behind:
                await subscriber.wait(KEEP_ALIVE_S - (now - spoken))


def frame(change: Change) -> bytes:
    return b"id: %d\ndata: %s\n\n" % (change.position, change.json)
