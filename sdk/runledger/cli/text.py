"""How values are written for people: times, durations, tables, states."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

import click

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Look(NamedTuple):
    """How a state is shown: a shape, what stands for it in ASCII, a colour, a word."""

    glyph: str
    plain: str
    colour: str | None
    word: str


STEP_LOOKS = {
    "not_started": Look("\u00b7", ".", "bright_black", "not started"),
    "queued": Look("\u25cb", "o", "cyan", "queued"),
    "running": Look("\u25b6", ">", "blue", "running"),
    "completed": Look("\u25cf", "#", "green", "completed"),
    "waiting_for_approval": Look("\u25c6", "?", "yellow", "waiting for approval"),
    "failed": Look("\u2717", "X", "red", "failed"),
    "canceled": Look("\u2500", "-", "bright_black", "canceled"),
    "rejected": Look("\u25bc", "!", "magenta", "rejected"),
}

RUN_LOOKS = {
    "created": Look("\u00b7", ".", "bright_black", "created"),
    "queued": STEP_LOOKS["queued"],
    "running": STEP_LOOKS["running"],
    "waiting_for_approval": STEP_LOOKS["waiting_for_approval"],
    "paused": Look("\u2016", "=", "yellow", "paused"),
    "completed": STEP_LOOKS["completed"],
    "failed": STEP_LOOKS["failed"],
    "canceled": STEP_LOOKS["canceled"],
}

_OTHER = {
    "open": Look("\u25c6", "?", "yellow", "open"),
    "approved": Look("\u25cf", "#", "green", "approved"),
    "withdrawn": Look("\u2500", "-", "bright_black", "withdrawn"),
    "reset": Look("\u21bb", "@", "bright_black", "reset"),
    "unknown": Look("?", "?", "red", "outcome unknown"),
    "stopping": Look("\u2016", "=", "yellow", "stopping"),
    "stopped": Look("\u2500", "-", "bright_black", "stopped"),
    "leased": Look("\u25b6", ">", "blue", "leased"),
    "succeeded": Look("\u25cf", "#", "green", "succeeded"),
    "lost": Look("?", "?", "red", "lost"),
    "released": Look("\u21ba", "<", "bright_black", "released"),
    "live": Look("\u25cf", "#", "green", "live"),
    "offline": Look("\u25cb", "o", "bright_black", "offline"),
}
LOOKS = {**_OTHER, **STEP_LOOKS, **RUN_LOOKS}


def look(state: str) -> Look:
    """A state that a newer service knows is shown by its name."""
    return LOOKS.get(state, Look("?", "?", None, state.replace("_", " ")))


def state(name: str, *, unicode: bool = True) -> str:
    """Shape, colour and word."""
    found = look(name)
    glyph = found.glyph if unicode else found.plain
    return click.style(f"{glyph} {found.word}", fg=found.colour)


def ago(at: datetime | None, now: datetime | None = None) -> str:
    """How long since, roughly; the date once it is over a month."""
    if at is None:
        return "-"
    seconds = ((now or datetime.now(UTC)) - at).total_seconds()
    if abs(seconds) < 5:
        return "now"
    if seconds < 0:
        return f"in {_rough(-seconds)}"
    if seconds > 30 * 86_400:
        return f"{at.astimezone():%Y-%m-%d}"
    return f"{_rough(seconds)} ago"


def _rough(seconds: float) -> str:
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return f"{int(seconds)} s"


def moment(at: datetime | None) -> str:
    """To the millisecond, in the reader's zone."""
    if at is None:
        return "-"
    return f"{at.astimezone():%Y-%m-%d %H:%M:%S}.{at.microsecond // 1000:03d}"


def duration(seconds: float | None) -> str:
    """At most seven characters, three digits that matter."""
    if seconds is None:
        return "-"
    if seconds < 0.9995e-3:
        return f"{seconds * 1e6:.0f}us" if seconds else "0s"
    if seconds < 0.9995:
        return f"{_three(seconds * 1e3)}ms"
    if seconds < 59.95:
        return f"{_three(seconds)}s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes}m{rest:02d}s"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours}h{minutes:02d}m"
    days, hours = divmod(hours, 24)
    return f"{days}d{hours:02d}h" if days < 1000 else f"{days}d"


def _three(value: float) -> str:
    """A number below 1,000 in three digits."""
    places = 2 if value < 9.995 else 1 if value < 99.95 else 0
    return f"{value:.{places}f}"


def table(
    heads: Sequence[str], rows: Iterable[Sequence[str]], *, right: Sequence[int] = ()
) -> str:
    """Aligned columns; the last one is as long as it is. Styled cells are fine."""
    lines = [[click.style(head, bold=True) for head in heads], *map(list, rows)]
    widths = [max(width(line[i]) for line in lines) for i in range(len(heads))]
    return "\n".join(
        "  ".join(
            pad(cell, size, right=index in right)
            for index, (cell, size) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def width(text: str) -> int:
    """Columns on the screen: without styles; wide characters count twice."""
    return sum(_columns(char) for char in click.unstyle(text))


def _columns(char: str) -> int:
    if char < "\u0300":
        return 1
    if unicodedata.combining(char) or unicodedata.category(char) in ("Cf", "Mn"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def pad(text: str, size: int, *, right: bool = False) -> str:
    space = " " * max(size - width(text), 0)
    return space + text if right else text + space


def shorten(text: str, size: int) -> str:
    """Cut to that many columns, with an ellipsis where something is missing."""
    if width(text) <= size:
        return text
    kept = ""
    for char in text:
        if width(kept + char) > size - 1:
            break
        kept += char
    return kept + "\u2026" if size > 0 else ""


def printable(text: str) -> str:
    """What others wrote, without characters that would steer the terminal."""
    return "".join(
        char if char.isprintable() or char == " " else "\ufffd" for char in text
    )


def plural(count: int, one: str, many: str | None = None) -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"
