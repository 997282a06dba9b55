"""Logs of attempts for tests: written as the service writes them, and aged."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import psycopg

from infra.logs.attempts import AttemptKey, Limits, Written
from infra.logs.lines import KIND, Level, Lines, Stream, microseconds
from infra.logs.writer import LogWriter

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from uuid import UUID

    from tests.support.database import Database

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)

SentLine = str | tuple[Stream, Level, str]
"""A text, or stream and level with it."""


def columns(lines: Sequence[SentLine], first: int = 1) -> Lines:
    """One a millisecond from noon on."""
    told: list[tuple[Stream, Level, str]] = [
        ("log", "info", one) if isinstance(one, str) else one for one in lines
    ]
    began = microseconds(NOON)
    return Lines(
        [began + 1_000 * (first + n) for n in range(len(told))],
        bytes(KIND[stream, level] for stream, level, _ in told),
        [text for _, _, text in told],
    )


def write_log(
    url: str,
    run_id: UUID,
    step: str,
    lines: Sequence[SentLine],
    *,
    attempt: int = 1,
    batch: int = 500,
    limit: int = 10_000_000,
) -> None:
    """Lines from the first one on; ``url``: the database as runledger_command."""

    async def write() -> None:
        key = AttemptKey("default", run_id, step, attempt)
        limits = Limits(lines=limit, bytes=2**40)
        async with LogWriter(url, limits) as writer:
            done = Written(1, 0)
            for start in range(0, len(lines), batch):
                some = columns(lines[start : start + batch], done.next)
                done = await writer.write(key, "worker-1", done.next, some)

    asyncio.run(write())


def move_to_day(database: Database, first: int, day: date) -> None:
    """As if they had come then: chunks that begin with a number, of any attempt."""
    with psycopg.connect(database.url()) as owner:
        owner.execute("SELECT logs.make_day(%s)", (day,))
        owner.execute("UPDATE logs.chunks SET day = %s WHERE first = %s", (day, first))
        owner.execute(
            "UPDATE logs.attempts AS a SET first_day = c.began, last_day = c.ended"
            "  FROM (SELECT attempt_id, min(day) AS began, max(day) AS ended"
            "          FROM logs.chunks GROUP BY attempt_id) AS c"
            " WHERE c.attempt_id = a.id"
        )
