"""Which workers there are: noted when they ask, but not every time."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from domain.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from infra.jobs.queue import Ask, JobQueue

log = logging.getLogger(__name__)

EVERY_S = 10.0
MAX_KNOWN = 10_000


class Attendance:
    """Written beside the requests: nobody waits for it, nothing depends on it."""

    def __init__(self, queue: JobQueue) -> None:
        self._queue = queue
        self._noted: dict[tuple[str, str], tuple[float, object]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def asked(self, ask: Ask, worker: str, principal: str, slots: int | None) -> None:
        if self._is_news((ask.namespace, worker), (ask, principal, slots)):
            self._start(self._queue.see(ask, worker, principal, slots))

    def lives(self, namespace: str, worker: str) -> None:
        if self._is_news((namespace, worker), None):
            self._start(self._queue.see_again(namespace, worker))

    def _is_news(self, who: tuple[str, str], told: object) -> bool:
        now = asyncio.get_running_loop().time()
        noted, before = self._noted.get(who, (-EVERY_S, None))
        if now - noted < EVERY_S and told in (None, before):
            return False
        if len(self._noted) >= MAX_KNOWN:
            self._noted.clear()
        self._noted[who] = now, told or before
        return True

    def _start(self, noting: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(_noted(noting), name="attendance")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _noted(noting: Coroutine[None, None, None]) -> None:
    try:
        await noting
    except Unavailable:
        log.debug("a worker was not noted")
