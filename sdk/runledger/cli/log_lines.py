"""How lines of a log are written for people: when, how bad, what."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from runledger.cli import text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime

    from runledger.models import LogLine

# Colours and cursor movements (CSI), titles and links (OSC), and other escapes.
_ESCAPES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[@-Z\\-_]"
)

_MARKS = {
    "error": ("ERROR", "red"),
    "warning": ("WARN", "yellow"),
    "debug": ("debug", "bright_black"),
}
MARK_WIDTH = 7


class Writing:
    """Lines of one log, one after the other. ``search``: what is made to stand out."""

    def __init__(
        self, *, search: str = "", match_case: bool = False, numbers: bool = False
    ) -> None:
        flags = re.NOFLAG if match_case else re.IGNORECASE
        self._search = re.compile(re.escape(search), flags) if search else None
        self._numbers = numbers
        self._day: date | None = None

    def __call__(self, line: LogLine) -> Iterator[str]:
        """What is written for a line; before it the day, where a new one begins."""
        at = line.at.astimezone()
        if at.date() != self._day:
            self._day = at.date()
            yield click.style(f"{at:%A, %Y-%m-%d}", fg="bright_black")
        number = f"{line.n:>9,}  " if self._numbers else ""
        head = f"{number}{_clock(at)}  "
        mark, colour = _mark(line)
        first, *others = printable(line.text).split("\n")
        yield (
            click.style(head, fg="bright_black")
            + click.style(mark.ljust(MARK_WIDTH), fg=colour, bold=colour == "red")
            + self._said(first, line)
        ).rstrip()
        indent = " " * (len(head) + MARK_WIDTH)
        for other in others:
            yield (indent + self._said(other, line)).rstrip()

    def _said(self, said: str, line: LogLine) -> str:
        fg = "bright_black" if line.level == "debug" else None
        if self._search is None:
            return click.style(said, fg=fg) if fg else said
        return self._search.sub(
            lambda hit: click.style(hit[0], fg="black", bg="yellow"), said
        )


def _clock(at: datetime) -> str:
    return f"{at:%H:%M:%S}.{at.microsecond // 1000:03d}"


def _mark(line: LogLine) -> tuple[str, str | None]:
    if line.level in _MARKS:
        return _MARKS[line.level]
    return ("stderr", "bright_black") if line.stream == "stderr" else ("", None)


def printable(said: str) -> str:
    """A line's text without what would steer the terminal; line breaks stay.

    A progress bar writes over itself: what it showed last is left of it.
    """
    shown = []
    for part in _ESCAPES.sub("", said).rstrip("\r\n").split("\n"):
        last = part.rstrip("\r").rpartition("\r")[2]
        shown.append(text.printable(last.expandtabs(4)))
    return "\n".join(shown)
