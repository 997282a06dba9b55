"""The filling of a generation spread over worker processes, and their first error."""

from __future__ import annotations

import multiprocessing
import time
from queue import Empty
from typing import TYPE_CHECKING, Any

from infra.settings import PARTITIONS
from projections.errors import RebuildFailed
from projections.filling import Progress, fill

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_SAY_EVERY_S = 1.0


def fill_by_processes(
    url: str, number: int, bounds: Sequence[int], jobs: int, say: Callable[[str], None]
) -> Progress:
    """Fill all partitions; events and positions of all together.

    Raises:
        RebuildFailed: an event cannot be applied, or a process was killed.
    """
    # Spawned, not forked: a fork would share our connection's socket.
    context = multiprocessing.get_context("spawn")
    told: Any = context.Queue()
    shares = [list(range(job, PARTITIONS, jobs)) for job in range(jobs)]
    workers = [
        context.Process(
            target=_work, args=(url, number, share, bounds, told, job), daemon=True
        )
        for job, share in enumerate(shares)
        if share
    ]
    for worker in workers:
        worker.start()
    try:
        return _collect(workers, told, say)
    finally:
        for worker in workers:
            worker.terminate()
            worker.join()


def _collect(workers: Sequence[Any], told: Any, say: Callable[[str], None]) -> Progress:
    events: dict[int, int] = {}
    reached: dict[int, int] = {}
    said = time.monotonic()
    while len(reached) < PARTITIONS:
        try:
            job, news = told.get(timeout=1.0)
        except Empty:
            # The error itself, if there was one, would have come before.
            if any(worker.exitcode for worker in workers):
                raise RebuildFailed("A worker process was killed.") from None
            continue
        if isinstance(news, str):
            raise RebuildFailed(news)
        events[job] = news.events
        reached.update(news.reached)
        if time.monotonic() - said > _SAY_EVERY_S:
            said = time.monotonic()
            say(f"  {sum(events.values())} events")
    return Progress(sum(events.values()), reached)


def _work(
    url: str,
    number: int,
    share: Sequence[int],
    bounds: Sequence[int],
    told: Any,
    job: int,
) -> None:
    """The main function of a worker process."""
    try:
        fill(url, number, share, bounds, lambda news: told.put((job, news)))
    except Exception as error:
        told.put((job, str(error) or type(error).__name__))
