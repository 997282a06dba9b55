"""Appends through the recorder, beside one INSERT each and beside one COPY."""

from __future__ import annotations

import asyncio
import time
import uuid
from typing import TYPE_CHECKING

import psycopg
import uvloop

from infra.codec import encode
from infra.event_store.writer import Writer
from tests.bench.bare import CREATE, INSERT
from tests.bench.figures import Figure, at_least
from tests.support.appending import addition, some

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.bench.stack import Stack

SECONDS = 2.0
BATCH = 250
COPIED = 50_000
STATE = encode(some()[0]).ljust(245, b" ")


def measure(stack: Stack) -> Iterator[Figure]:
    """One event per append from 1, 16 and 64 tasks; batches of 250 events."""
    url = stack.url("runledger_command")
    owner = stack.url()
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute(CREATE)
    for callers, goal in ((1, None), (16, None), (64, 8_000)):
        limit = _bare_inserts(owner)
        rate = uvloop.run(_appends(url, callers, 1))
        yield at_least(
            f"append, {callers} callers of one event",
            rate,
            "events/s",
            goal=goal,
            limit=limit,
            limit_is="one INSERT at a time by psycopg",
        )
    copied = bare_copy(owner)
    rate = uvloop.run(_appends(url, 8, BATCH))
    yield at_least(
        f"append, 8 callers of {BATCH} events",
        rate,
        "events/s",
        goal=20_000,
        limit=copied,
        limit_is="one COPY of the same bytes",
    )


async def _appends(url: str, callers: int, size: int) -> float:
    """Events per second that so many tasks append, each waiting for its own."""
    done = 0
    async with Writer(url) as writer:
        end = time.perf_counter() + SECONDS

        async def call() -> None:
            nonlocal done
            while time.perf_counter() < end:
                await writer.append(addition(None, *some(size)))
                done += size

        started = time.perf_counter()
        await asyncio.gather(*(call() for _ in range(callers)))
        return done / (time.perf_counter() - started)


def _bare_inserts(url: str) -> float:
    with psycopg.connect(url, autocommit=True, prepare_threshold=0) as connection:
        done = 0
        started = time.perf_counter()
        while (spent := time.perf_counter() - started) < SECONDS / 2:
            connection.execute(INSERT, (uuid.uuid4(), "run.step.started", STATE))
            done += 1
    return done / spent


def bare_copy(url: str) -> float:
    """Rows per second of one binary COPY, committed."""
    with psycopg.connect(url) as connection:
        connection.execute(CREATE)
        rows = [(uuid.uuid4(), "run.step.started", STATE) for _ in range(COPIED)]
        started = time.perf_counter()
        with (
            connection.cursor() as cursor,
            cursor.copy(
                "COPY public.bare (stream, topic, state) FROM STDIN (FORMAT binary)"
            ) as copy,
        ):
            copy.set_types(["uuid", "text", "bytea"])
            for row in rows:
                copy.write_row(row)
        connection.commit()
        return COPIED / (time.perf_counter() - started)
