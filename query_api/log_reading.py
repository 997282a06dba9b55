"""Reading an attempt's lines in pieces, each by a short statement of its own.

However long a log is: a page near any line costs the same, a search is a number of
steps that each look at so many bytes, and a download holds a few chunks at a time.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from infra.logs.lines import Chunk, unpack
from infra.sql import load
from query_api.reading import SQL_FOLDER

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import date
    from uuid import UUID

    from infra.logs.lines import Line
    from query_api.log_matching import Wanted
    from query_api.reading import Reading

SQL = load(SQL_FOLDER / "logs.sql")

SEARCHED_BYTES = 32 * 1024 * 1024
"""Of text, by one statement: some tenths of a second."""
MAX_WINDOW = 10_000
MOST = 64
"""Chunks that one statement returns: at most 8 MiB."""

COUNT_S = 0.6
"""A page is full: so long, from the start, the matches behind it are counted on."""
SEARCH_S = 1.5
"""And so long it is looked for enough of them to fill a page."""


@dataclass(frozen=True)
class Stored:
    """What there is of an attempt's log."""

    id: int
    total: int
    """Lines that were kept, those dropped since among them."""
    over: int
    bytes: int
    chunks: int
    first_day: date | None
    last_day: date | None
    first_kept: int
    """Number of the first line that is not dropped; ``total + 1`` where all are."""
    dropped_day: date | None = None
    """The last day that was dropped of those on which it has lines."""
    kept_days: int = 0

    def asked(
        self, line: int, window: int, most: int, wanted: Wanted
    ) -> dict[str, Any]:
        return {
            "id": self.id,
            "first_day": self.first_day,
            "last_day": self.last_day,
            "line": line,
            "window": window,
            "most": most,
            "kinds": wanted.kinds,
            "part": wanted.part,
            "exact": wanted.exact,
        }


NOTHING = Stored(0, 0, 0, 0, 0, None, None, 1)


class Found(NamedTuple):
    """Lines in their order, and how far it was looked."""

    lines: list[Line]
    reached: int
    """All up to this line was looked at: down to it, if downwards."""
    matches: int
    """Lines that are wanted, those found beyond the page among them."""
    all_counted: bool


async def stored(
    reading: Reading, namespace: str, run_id: UUID, step: str, attempt: int
) -> Stored:
    """What there is; ``NOTHING`` where no line was ever sent."""
    asked = {
        "namespace": namespace,
        "run_id": run_id,
        "step": step,
        "attempt": attempt,
    }
    row = await reading.one(SQL["attempt"], asked)
    if row is None or row["first_day"] is None:
        return (
            NOTHING
            if row is None
            else Stored(row["id"], 0, row["over"], 0, 0, None, None, 1)
        )
    _, (first, dropped) = await reading.pages(
        row, SQL["first_kept"], SQL["last_dropped"]
    )
    return Stored(
        row["id"],
        row["lines"],
        row["over"],
        row["bytes"],
        row["chunks"],
        row["first_day"],
        row["last_day"],
        first[0]["first"] if first else row["lines"] + 1,
        dropped[0]["day"] if dropped else None,
        dropped[0]["kept_days"] if dropped else 0,
    )


async def upwards(
    reading: Reading, log: Stored, after: int, limit: int, wanted: Wanted
) -> Found:
    """The first lines behind ``after`` that are wanted."""
    lines: list[Line] = []
    counting = _Counting()
    reached = max(after, log.first_kept - 1)
    async for chunks, looked in climb(reading, log, reached, wanted):
        reached = looked
        for chunk in chunks:
            places = [p for p in wanted.places(chunk) if chunk.first + p > after]
            lines += unpack(chunk, places[: limit - len(lines)])
            counting.matches += len(places)
        if counting.enough(full=len(lines) == limit, wanted=wanted):
            break
    complete = reached >= log.total
    return Found(
        lines,
        lines[-1].n if len(lines) == limit else reached,
        counting.matches,
        complete,
    )


async def downwards(
    reading: Reading, log: Stored, before: int, limit: int, wanted: Wanted
) -> Found:
    """The last lines ahead of ``before`` that are wanted."""
    lines: list[Line] = []
    counting = _Counting()
    reached = before
    async for chunks, looked in _descend(reading, log, before, wanted):
        reached = looked
        for chunk in chunks:
            places = [p for p in wanted.places(chunk) if chunk.first + p < before]
            some = places[-(limit - len(lines)) :] if limit > len(lines) else []
            lines[:0] = unpack(chunk, some)
            counting.matches += len(places)
        if counting.enough(full=len(lines) == limit, wanted=wanted):
            break
    complete = reached <= log.first_kept
    return Found(
        lines,
        lines[0].n if len(lines) == limit else reached,
        counting.matches,
        complete,
    )


class _Counting:
    """When to stop looking."""

    def __init__(self) -> None:
        self.matches = 0
        self._started = time.monotonic()

    def enough(self, *, full: bool, wanted: Wanted) -> bool:
        if full and wanted.everything:
            return True
        return time.monotonic() - self._started > (COUNT_S if full else SEARCH_S)


async def climb(
    reading: Reading, log: Stored, after: int, wanted: Wanted
) -> AsyncIterator[tuple[list[Chunk], int]]:
    """Chunks that may hold what is wanted, and the line up to which they are all."""
    reached, most = after, 2
    while reached < log.total and log.first_kept <= log.total:
        asked = log.asked(reached + 1, _window(log, wanted, most), most, wanted)
        if wanted.everything:
            chunks = _chunks(await reading.rows(SQL["upwards"], asked))
            if not chunks:
                return  # dropped at this moment
            reached = chunks[-1].last
        else:
            _, (rows, end) = await reading.pages(
                asked, SQL["upwards"], SQL["upwards_end"]
            )
            chunks = _chunks(rows)
            if end[0]["reached"] is None:
                return
            # With as many as may come at once, there may be more in the window.
            reached = chunks[-1].last if len(chunks) == most else end[0]["reached"]
        yield chunks, reached
        most = min(most * 4, MOST)


async def _descend(
    reading: Reading, log: Stored, before: int, wanted: Wanted
) -> AsyncIterator[tuple[list[Chunk], int]]:
    """The same downwards."""
    reached, most = before, 2
    while reached > log.first_kept and log.first_kept <= log.total:
        asked = log.asked(reached - 1, _window(log, wanted, most), most, wanted)
        _, (rows, end) = await reading.pages(
            asked, SQL["downwards"], SQL["downwards_end"]
        )
        if end[0]["reached"] is None:
            return
        chunks = _chunks(rows)
        reached = chunks[-1].first if len(chunks) == most else end[0]["reached"]
        yield chunks, reached
        most = min(most * 4, MOST)


def _window(log: Stored, wanted: Wanted, most: int) -> int:
    """How many chunks one statement may look at."""
    if wanted.everything:
        return most
    if not wanted.text:
        return MAX_WINDOW  # by what is in the rows: texts are not unpacked
    each = log.bytes // max(log.chunks, 1) + 1
    return min(max(SEARCHED_BYTES // each, most), MAX_WINDOW)


def _chunks(rows: list[dict[str, Any]]) -> list[Chunk]:
    return [Chunk(**row) for row in rows]
