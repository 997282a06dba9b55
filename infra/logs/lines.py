"""Lines of a log, and the chunks that they are stored in.

A chunk holds its lines' texts as one, so that the server compresses and searches them
at once; what else there is to a line takes five bytes. Pure.
"""

from __future__ import annotations

import sys
from array import array
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from operator import sub
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

Stream = Literal["stdout", "stderr", "log"]
Level = Literal["debug", "info", "warning", "error"]

STREAMS: tuple[Stream, ...] = get_args(Stream)
LEVELS: tuple[Level, ...] = get_args(Level)

KIND = {
    (stream, level): 4 * s + at
    for s, stream in enumerate(STREAMS)
    for at, level in enumerate(LEVELS)
}
"""A line's stream and level as one number. Stored: their order never changes."""
_KINDS = {number: kind for kind, number in KIND.items()}
CUT = 16
"""Added to the kind of a line that was longer."""

MAX_TEXT = 16_384
"""Characters of a line that are kept."""
MAX_CHUNK_LINES = 1_000
MAX_CHUNK_TEXT = 128 * 1024
"""Characters: what is read to show any line of it."""

SEPARATOR = "\x1e"
"""Between the texts of a chunk, and so in none of them."""
_SHOWN_SEPARATOR = "\u241e"
_REPLACEMENT = "\ufffd"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Lines(NamedTuple):
    """Lines as their writer sent them, by column: many are quicker so."""

    times: Sequence[int]
    """Microseconds since 1970."""
    kinds: bytes
    """Of ``KIND``, one a line."""
    texts: Sequence[str]

    def part(self, start: int, end: int | None = None) -> Lines:
        return Lines(
            self.times[start:end], self.kinds[start:end], self.texts[start:end]
        )


class Line(NamedTuple):
    """A line as it is read. ``cut``: it was longer, and says by how much."""

    n: int
    at: datetime
    stream: Stream
    level: Level
    text: str
    cut: bool


class Chunk(NamedTuple):
    """Some consecutive lines, as a row of ``logs.chunks``."""

    first: int
    lines: int
    kinds: int
    """Bits of the kinds that are in it."""
    began: int
    marks: bytes
    times: bytes
    body: str

    @property
    def last(self) -> int:
        return self.first + self.lines - 1


def pack(first: int, lines: Lines) -> Iterator[Chunk]:
    """The chunks of some lines, the first of which has the number ``first``."""
    count = len(lines.texts)
    longest = max(map(len, lines.texts), default=0)
    start = 0
    while start < count:
        end = min(start + MAX_CHUNK_LINES, count)
        if longest * (end - start) > MAX_CHUNK_TEXT:
            end = _fitting(lines.texts, start, end)
        yield _chunk(first + start, lines.part(start, end), longest)
        start = end


def _fitting(texts: Sequence[str], start: int, end: int) -> int:
    size = 0
    for index in range(start, end):
        size += min(len(texts[index]), MAX_TEXT)
        if size > MAX_CHUNK_TEXT and index > start:
            return index
    return end


def _chunk(first: int, lines: Lines, longest: int) -> Chunk:
    times, marks, texts = lines
    kinds = sum(1 << kind for kind in set(marks))
    if longest > MAX_TEXT:
        marks = bytes(
            mark | CUT if len(text) > MAX_TEXT else mark
            for mark, text in zip(marks, texts, strict=True)
        )
        texts = [_cut(text) for text in texts]
    body = SEPARATOR.join(texts)
    if body.count(SEPARATOR) != len(texts) - 1:
        body = SEPARATOR.join(t.replace(SEPARATOR, _SHOWN_SEPARATOR) for t in texts)
    if "\0" in body:
        # PostgreSQL's text holds every character but this one.
        body = body.replace("\0", _REPLACEMENT)
    return Chunk(first, len(texts), kinds, times[0], marks, _packed(times), body)


def _cut(text: str) -> str:
    if len(text) <= MAX_TEXT:
        return text
    return f"{text[:MAX_TEXT]} [cut: {len(text) - MAX_TEXT:,} more characters]"


def _packed(times: Sequence[int]) -> bytes:
    try:
        found = array("i", map(sub, times, (times[0], *times[:-1])))
    except OverflowError:  # over half an hour between two lines
        found = array("q", times)
    return _little_endian(found).tobytes()


def _little_endian(values: array[int]) -> array[int]:
    if sys.byteorder == "big":
        values.byteswap()
    return values


def unpack(chunk: Chunk, indexes: Iterable[int] | None = None) -> list[Line]:
    """The lines of a chunk, or those at some places of it (from 0)."""
    texts = chunk.body.split(SEPARATOR)
    times = array("q" if len(chunk.times) == 8 * chunk.lines else "i", chunk.times)
    moments: Sequence[int] = _little_endian(times)
    if times.typecode == "i":
        moments = list(accumulate(times, initial=chunk.began))[1:]
    found = []
    for index in range(chunk.lines) if indexes is None else indexes:
        mark = chunk.marks[index]
        stream, level = _KINDS[mark & ~CUT]
        found.append(
            Line(
                chunk.first + index,
                _EPOCH + timedelta(microseconds=moments[index]),
                stream,
                level,
                texts[index],
                bool(mark & CUT),
            )
        )
    return found


def microseconds(at: datetime) -> int:
    """Since 1970. Exact until 2106; a microsecond or more beside it after that."""
    return round(at.timestamp() * 1e6)


def kinds_of(stream: Stream | None, level: Level | None) -> int:
    """Bits of the kinds with that stream, and with that level or a worse one."""
    least = 0 if level is None else LEVELS.index(level)
    return sum(
        1 << number
        for (each, worst), number in KIND.items()
        if stream in (None, each) and LEVELS.index(worst) >= least
    )
