"""When Python looks for garbage, in processes that remember much."""

from __future__ import annotations

import gc

YOUNG_OBJECTS = 50_000
"""How many must be new before a collection looks at them. What is remembered of runs
is long-lived and has no cycles; by the default, of 700, whole collections walked all of
it again and again: a fifth of a command's time and pauses of 50 ms at 32 clients, and a
quarter of a projector's."""


def collect_rarely() -> None:
    """For a process that has started and now works until it is stopped."""
    gc.freeze()  # nothing of what the start has made will ever be let go
    gc.set_threshold(YOUNG_OBJECTS, 20, 100)
