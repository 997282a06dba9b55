"""A decision in the making: the events so far, and the run as they leave it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.run.evolution import apply
from domain.run.working_copy import WorkingCopy

if TYPE_CHECKING:
    from domain.events import By, Event
    from domain.run.context import Context, RetryContext
    from domain.run.state import Run


class Decision:
    """Rules read ``run`` and ``record`` events; each shows in ``run`` at once."""

    __slots__ = ("_copy", "by", "context", "events", "run")

    def __init__(self, run: Run, context: Context | RetryContext, by: By) -> None:
        self._copy = WorkingCopy(run)
        self.run = self._copy.run
        self.context = context
        self.by = by
        self.events: list[Event] = []

    def record(self, event: Event) -> None:
        apply(self._copy, event, self.by)
        self.events.append(event)
