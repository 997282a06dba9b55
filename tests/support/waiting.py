"""Waiting in tests: for a condition, with a deadline, never for a time."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

T = TypeVar("T")

POLL_S = 0.01


def eventually(check: Callable[[], T], *, seconds: float = 10.0) -> T:
    """What ``check`` returns as soon as that is truthy.

    Raises:
        AssertionError: it never was; the message has what it returned last.
    """
    deadline = time.monotonic() + seconds
    while True:
        found = check()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {check}; last {found!r}")
        time.sleep(POLL_S)


async def eventually_async(
    check: Callable[[], Awaitable[T]], *, seconds: float = 10.0
) -> T:
    """``eventually`` for asynchronous tests."""
    deadline = time.monotonic() + seconds
    while True:
        found = await check()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {check}; last {found!r}")
        await asyncio.sleep(POLL_S)
