"""Durations: in whole microseconds, and as people say them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"))


def duration_us(start: datetime | None, end: datetime | None) -> int | None:
    """From start to end; 0 where clocks disagree, None where one is not known."""
    if start is None or end is None:
        return None
    span = end - start
    return max(0, (span.days * 86_400 + span.seconds) * 1_000_000 + span.microseconds)


def in_words(seconds: float) -> str:
    """The two largest units: ``3 d``, ``2 h 30 min``, ``1.5 s``."""
    said: list[str] = []
    left = seconds
    for size, unit in UNITS:
        count = int(left // size)
        if count:
            said.append(f"{count} {unit}")
            left -= count * size
    if left or not said:
        said.append(f"{left:g} s")
    return " ".join(said[:2])
