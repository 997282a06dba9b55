"""Waiting in tests: for a condition, with a deadline, never for a time."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

T = TypeVar("T")

PATIENCE_S = 60.0
"""Costs nothing where all is well, however busy the machine is."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.005, 0.05


def eventually(check: Callable[[], T], *, seconds: float = PATIENCE_S) -> T:
    """What ``check`` returns as soon as that is truthy.

    Raises:
        AssertionError: it never was; the message has what it returned last.
    """
    deadline = time.monotonic() + seconds
    pause = FIRST_PAUSE_S
    while True:
        found = check()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {check}; last {found!r}")
        time.sleep(pause)
        pause = min(pause * 1.5, LONGEST_PAUSE_S)


async def eventually_async(
    check: Callable[[], Awaitable[T]], *, seconds: float = PATIENCE_S
) -> T:
    """``eventually`` for asynchronous tests."""
    deadline = time.monotonic() + seconds
    pause = FIRST_PAUSE_S
    while True:
        found = await check()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {check}; last {found!r}")
        await asyncio.sleep(pause)
        pause = min(pause * 1.5, LONGEST_PAUSE_S)
