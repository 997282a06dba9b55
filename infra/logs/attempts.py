"""What is known of an attempt's log, and what a caller adds to it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from uuid import UUID

    from infra.logs.lines import Chunk


class AttemptKey(NamedTuple):
    namespace: str
    run_id: UUID
    step: str
    attempt: int


class Limits(NamedTuple):
    """Of one attempt's log. What comes after them is counted and not kept."""

    lines: int
    bytes: int


class Written(NamedTuple):
    next: int
    """The number that the writer's next line has."""
    over: int
    """How many lines of the attempt came after its limit."""


Counts = tuple[int, int, int]
"""Lines that are kept, lines over the limit, bytes."""


class LinesMissing(Exception):
    """Lines before these have not come. ``next``: the number to go on from."""

    def __init__(self, next: int) -> None:
        super().__init__(f"The lines from number {next} on have not come yet.")
        self.next = next


@dataclass(slots=True)
class Attempt:
    """What the store has of it, as far as this process knows."""

    key: AttemptKey
    principal: str
    id: int | None = None
    """None: not asked for yet. Most likely it is new, then."""
    lines: int = 0
    over: int = 0
    bytes: int = 0
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def next(self) -> int:
        return self.lines + self.over + 1

    def is_at(self, counts: Counts) -> None:
        self.lines, self.over, self.bytes = counts


@dataclass(slots=True)
class Entry:
    """What one caller adds to one attempt; without chunks and lines over the limit, the
    question what it has."""

    attempt: Attempt
    next: int
    chunks: list[Chunk]
    lines: int
    over: int
    bytes: int
    deadline: float
    future: asyncio.Future[Counts | None]
    """What the attempt has where it does not go on there; None: it is stored."""

    @property
    def asks(self) -> bool:
        return not self.lines and not self.over

    def resolve(self, counts: Counts | None) -> None:
        if not self.future.done():
            self.future.set_result(counts)

    def fail(self, error: Exception) -> None:
        if not self.future.done():
            self.future.set_exception(error)
