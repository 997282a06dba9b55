"""Which lines of a chunk are wanted: by stream, by level, by what they say. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from infra.logs.lines import CUT, SEPARATOR, kinds_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from infra.logs.lines import Chunk, Level, Stream

ALL_KINDS = kinds_of(None, None)


@dataclass(frozen=True)
class Wanted:
    """What lines must have. ``text``: a part of them, case ignored unless ``exact``."""

    text: str = ""
    exact: bool = False
    stream: Stream | None = None
    level: Level | None = None
    """This one, or a worse one."""

    @property
    def everything(self) -> bool:
        return not self.text and self.kinds == ALL_KINDS

    @property
    def kinds(self) -> int:
        return kinds_of(self.stream, self.level)

    @property
    def part(self) -> str:
        """What every chunk with such a line has, as the database compares: there only
        ASCII letters are the same in both cases."""
        if self.exact:
            return self.text
        runs = groupby(self.text, key=_same_in_both_cases)
        found = ["".join(run) for same, run in runs if same]
        return max(found, key=len, default="").lower()

    def places(self, chunk: Chunk) -> Sequence[int]:
        """The lines of a chunk (from 0) that are wanted."""
        found: Sequence[int] = range(chunk.lines)
        if self.text:
            body = chunk.body if self.exact else chunk.body.lower()
            found = _holding(body, self.text if self.exact else self.text.lower())
        kinds = self.kinds
        if chunk.kinds & ~kinds == 0:
            return found
        marks = chunk.marks
        return [place for place in found if kinds >> (marks[place] & ~CUT) & 1]


def _same_in_both_cases(char: str) -> bool:
    return char.isascii() or char.lower() == char.upper()


def _holding(body: str, text: str) -> list[int]:
    """Each line once, by searching all of them as one."""
    found: list[int] = []
    line = begin = 0
    while (hit := body.find(text, begin)) >= 0:
        line += body.count(SEPARATOR, begin, hit)
        found.append(line)
        end = body.find(SEPARATOR, hit)
        if end < 0:
            break
        line += 1
        begin = end + 1
    return found
