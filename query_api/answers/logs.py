"""Log lines of attempts."""

from __future__ import annotations

from datetime import datetime

from infra.logs.lines import Level, Stream
from query_api.answers.base import Shape


class LogLine(Shape):
    n: int
    """Its number in the attempt's log: from 1, without gaps."""
    at: datetime
    """As its writer's clock had it."""
    stream: Stream
    level: Level
    text: str
    cut: bool
    """It was longer; its end says by how much."""


class DroppedLines(Shape):
    """Lines that were kept and are not any more."""

    lines: int
    until: datetime
    """What came before is dropped."""
    why: str


class LogMatches(Shape):
    """How many lines are wanted, from where this page begins."""

    lines: int
    at_least: bool
    """Counting was stopped: there may be more."""


class LogPage(Shape):
    lines: list[LogLine]
    """Upwards by number, whichever way it was asked."""
    total: int
    """Lines that the log has, dropped ones among them: the number of its last one."""
    first_kept: int
    """Number of the first line that can still be read; over `total` if none can."""
    dropped: DroppedLines | None
    over_limit: int
    """Lines that came after the attempt's limit: counted, not kept."""
    matches: LogMatches | None
    """Null where neither text nor stream nor level was asked for."""
    next: int
    """`after` of the page behind this one. A search that took too long ends early:
    there it goes on, even where `lines` is empty."""
    previous: int | None
    """`before` of the page ahead of this one; null where there is none."""
    more: bool
    """There are lines behind `next`: ask at once, not after a pause."""
    ended: bool | None
    """The attempt is over; null where this version of the service cannot tell."""
    open: bool
    """Lines may still come: it is not over, or not for long."""
