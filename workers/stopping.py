"""SIGTERM and Ctrl-C: finish what is begun, then end."""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType


class Stopping:
    """Whether somebody asked this process to end."""

    def __init__(self) -> None:
        self._asked = threading.Event()

    def __bool__(self) -> bool:
        return self._asked.is_set()

    def ask(self) -> None:
        self._asked.set()

    def wait(self, seconds: float) -> bool:
        """Wait so long, or until asked; whether asked."""
        return self._asked.wait(seconds)

    def on_signals(self) -> Stopping:
        """From now on the process's signals ask. Main thread only."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        return self

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.ask()


class BackOff:
    """How long to wait before the next try: longer each time, until one succeeds."""

    def __init__(self, first: float = 0.05, most: float = 2.0) -> None:
        self._first = first
        self._most = most
        self._next = first

    def reset(self) -> None:
        self._next = self._first

    def wait(self, stopping: Stopping) -> None:
        stopping.wait(self._next)
        self._next = min(self._next * 2, self._most)
