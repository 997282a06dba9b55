"""The matrix on a terminal: steps down, runs across, the newest at the right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from runledger.cli.text import (
    RUN_LOOKS,
    STEP_LOOKS,
    Look,
    duration,
    look,
    pad,
    printable,
    shorten,
    width,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

CELLS = {
    ".": "not_started",
    "q": "queued",
    "r": "running",
    "c": "completed",
    "w": "waiting_for_approval",
    "f": "failed",
    "x": "canceled",
    "j": "rejected",
}
"""What the API writes for each state of a step. A space: the run has no such step."""

CARRIED, APPROVAL, REDONE = 1, 2, 4
_BARS = "\u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588"
_PLAIN_BARS = "12345678"
_POWERS = "\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079"
_MIN_LABEL, _DURATION_CELL = 12, 9


@dataclass(slots=True, frozen=True)
class Column:
    """One run, aligned to the grid's steps."""

    number: int
    state: str
    cells: str
    durations_s: Sequence[float | None] = ()
    attempts: Sequence[int] = ()
    flags: str = ""
    duration_s: float | None = None
    degraded: bool = False


@dataclass(slots=True, frozen=True)
class Paper:
    """What is drawn on."""

    width: int = 80
    unicode: bool = True

    def glyph(self, found: Look) -> str:
        glyph = found.glyph if self.unicode else found.plain
        return click.style(glyph, fg=found.colour)


def draw(
    steps: Sequence[str], columns: Sequence[Column], paper: Paper, *, durations: bool
) -> list[str]:
    """The lines, none wider than the paper. ``columns`` come oldest first.

    Where not all runs fit, the newest are shown and a last line says so.
    """
    if not columns or not steps:
        return []
    marks = {} if durations else _marks(columns, paper)
    digits = max(len(str(column.number)) for column in columns)
    narrow = _DURATION_CELL if durations else (3 if marks else 2)
    longest = max(width(printable(step)) for step in [*steps, "duration"])
    label = min(longest, max(_MIN_LABEL, paper.width // 3))
    label = min(label, max(paper.width - narrow - 1, 1))
    room = paper.width - label - 1
    wide = max(narrow, digits + 2)
    flat = len(columns) * wide <= room
    size = wide if flat else narrow
    shown = list(columns)[-max(room // size, 1) :]
    lines = _head(shown, label, size, flat=flat or durations)
    states = [_mark(paper.glyph(look(column.state)), size) for column in shown]
    lines.append(_line("run", label, states))
    for index, step in enumerate(steps):
        cells = (
            _durations(shown, index, size, paper)
            if durations
            else _shapes(shown, index, size, paper, marks)
        )
        lines.append(_line(printable(step), label, cells))
    if durations:
        totals = [_mark(duration(column.duration_s), size) for column in shown]
        lines.append(_line("duration", label, totals))
    lines.append("")
    lines += _legend(shown, marks, paper, durations=durations)
    if hidden := len(columns) - len(shown):
        lines.append(
            shorten(f"{hidden} older not shown: widen the terminal", paper.width)
        )
    return [line.rstrip() for line in lines]


def _head(shown: Sequence[Column], label: int, size: int, *, flat: bool) -> list[str]:
    if flat:
        return [_line("", label, [_mark(f"#{c.number}", size) for c in shown])]
    height = max(len(str(column.number)) for column in shown)
    numbers = [str(column.number).rjust(height) for column in shown]
    return [
        _line("", label, [_mark(number[row], size) for number in numbers])
        for row in range(height)
    ]


def _line(label: str, size: int, cells: Sequence[str]) -> str:
    return pad(shorten(label, size), size) + " " + "".join(cells)


def _mark(text: str, size: int) -> str:
    return " " + pad(text, size - 1) if width(text) < size else text


def _shapes(
    shown: Sequence[Column],
    index: int,
    size: int,
    paper: Paper,
    marks: dict[tuple[int, int], str],
) -> list[str]:
    return [
        _mark(
            _glyph(column, index, paper) + marks.get((column.number, index), ""), size
        )
        for column in shown
    ]


def _glyph(column: Column, index: int, paper: Paper) -> str:
    name = CELLS.get(column.cells[index : index + 1])
    return " " if name is None else paper.glyph(STEP_LOOKS[name])


def _marks(columns: Sequence[Column], paper: Paper) -> dict[tuple[int, int], str]:
    """A sign behind the shapes whose step was redone, carried or tried again."""
    found: dict[tuple[int, int], str] = {}
    for column in columns:
        for index in range(len(column.cells)):
            flag = int(column.flags[index : index + 1].strip() or "0", 16)
            tries = column.attempts[index] if index < len(column.attempts) else 0
            if flag & CARRIED:
                sign = "\u2190" if paper.unicode else "<"
            elif flag & REDONE:
                sign = "\u21bb" if paper.unicode else "@"
            elif tries > 1:
                last = min(tries, 9)
                sign = _POWERS[last - 2] if paper.unicode else str(last)
            else:
                continue
            found[column.number, index] = sign
    return found


def _durations(
    shown: Sequence[Column], index: int, size: int, paper: Paper
) -> list[str]:
    """The time, behind a bar against the row's longest, in the state's colour."""
    known = [_duration(column, index) for column in shown]
    longest = max((value for value in known if value is not None), default=0.0)
    bars = _BARS if paper.unicode else _PLAIN_BARS
    cells = []
    for column, value in zip(shown, known, strict=True):
        if value is None:
            cells.append(_mark(_glyph(column, index, paper), size))
            continue
        level = round(value / longest * 7) if longest else 0
        name = CELLS.get(column.cells[index : index + 1], "completed")
        bar = click.style(bars[level], fg=STEP_LOOKS[name].colour)
        cells.append(_mark(bar + duration(value), size))
    return cells


def _duration(column: Column, index: int) -> float | None:
    return column.durations_s[index] if index < len(column.durations_s) else None


def _legend(
    shown: Sequence[Column],
    marks: dict[tuple[int, int], str],
    paper: Paper,
    *,
    durations: bool,
) -> list[str]:
    """What the signs mean that were drawn, as many to a line as fit."""
    states = {c.state for c in shown}
    steps = {CELLS[cell] for c in shown for cell in c.cells if cell in CELLS}
    looks = {
        found.word: found
        for name, found in {**RUN_LOOKS, **STEP_LOOKS}.items()
        if name in states | steps
    }
    parts = [f"{paper.glyph(found)} {word}" for word, found in looks.items()]
    signs = set(marks.values())
    meaning = {"\u2190": "carried", "<": "carried", "\u21bb": "redone", "@": "redone"}
    parts += [f"{sign} {meaning[sign]}" for sign in sorted(signs & meaning.keys())]
    if tried := sorted(signs - meaning.keys()):
        parts.append(f"{tried[0]} attempts")
    if durations:
        parts.append("bar: against the longest of its row")
    if broken := [f"#{c.number}" for c in shown if c.degraded]:
        parts.append(f"not up to date: {' '.join(broken)}")
    lines = [""]
    for part in parts:
        longer = f"{lines[-1]}   {part}" if lines[-1] else part
        if width(longer) <= paper.width:
            lines[-1] = longer
        else:
            lines.append(shorten(click.unstyle(part), paper.width))
    return [line for line in lines if line]
