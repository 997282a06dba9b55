"""Folded runs kept in memory, and turns: one command at a time for each of them."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from types import TracebackType
    from uuid import UUID

    from domain.ids import Namespace
    from domain.run.state import Run

MAX_STEPS = 100_000
"""Steps of all runs in memory together, about a kilobyte each: a run has 1 to 2,000."""


class Known(NamedTuple):
    """A run as far as this process has seen it."""

    namespace: Namespace
    run: Run
    hash: bytes
    """Of its last event."""
    position: int
    """Of its last event."""


class KnownRuns:
    """The most recently used runs. What is not here is read from the log.

    Only what is committed comes in. Another process may have appended since: an
    append from here then conflicts, and before anything else is answered the log is
    read again.
    """

    def __init__(self, size: int, *, max_steps: int = MAX_STEPS) -> None:
        self._size = size
        self._max_steps = max_steps
        self._steps = 0
        self._runs: OrderedDict[UUID, Known] = OrderedDict()

    def __len__(self) -> int:
        return len(self._runs)

    def get(self, run_id: UUID) -> Known | None:
        known = self._runs.get(run_id)
        if known is not None:
            self._runs.move_to_end(run_id)
        return known

    def put(self, run_id: UUID, known: Known) -> None:
        self.forget(run_id)
        self._runs[run_id] = known
        self._steps += len(known.run.steps)
        while len(self._runs) > self._size or self._steps > self._max_steps:
            _, dropped = self._runs.popitem(last=False)
            self._steps -= len(dropped.run.steps)

    def forget(self, run_id: UUID) -> None:
        dropped = self._runs.pop(run_id, None)
        if dropped is not None:
            self._steps -= len(dropped.run.steps)


class Turns:
    """Lets one task at a time work on a stream, in the order in which they came.

    Without it, commands to one run that arrive together would each be decided on the
    same state, and all but one would conflict.
    """

    def __init__(self) -> None:
        self._queues: dict[UUID, deque[asyncio.Future[None]]] = {}

    def of(self, stream_id: UUID) -> Turn:
        """``async with turns.of(run_id):``"""
        return Turn(self._queues, stream_id)


class Turn:
    """A class, since a generator as context manager costs more than the rest."""

    __slots__ = ("_queues", "_stream_id")

    def __init__(
        self, queues: dict[UUID, deque[asyncio.Future[None]]], stream_id: UUID
    ) -> None:
        self._queues = queues
        self._stream_id = stream_id

    async def __aenter__(self) -> None:
        queue = self._queues.get(self._stream_id)
        if queue is None:
            self._queues[self._stream_id] = deque()
            return
        turn = asyncio.get_running_loop().create_future()
        queue.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            # Given and not taken: it goes to the next one.
            if not turn.cancelled():
                self._pass_on()
            raise

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pass_on()

    def _pass_on(self) -> None:
        queue = self._queues[self._stream_id]
        while queue:
            turn = queue.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        del self._queues[self._stream_id]
