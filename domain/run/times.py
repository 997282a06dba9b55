"""Durations, in whole microseconds."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


def duration_us(start: datetime | None, end: datetime | None) -> int | None:
    """From start to end; 0 where clocks disagree, None where one is not known."""
    if start is None or end is None:
        return None
    span = end - start
    return max(0, (span.days * 86_400 + span.seconds) * 1_000_000 + span.microseconds)
