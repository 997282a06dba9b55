"""Step functions, called: in the event loop, or in threads of their own."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from contextlib import suppress
from queue import SimpleQueue
from typing import TYPE_CHECKING

from runledger.worker.capture import speaking
from runledger.worker.outcomes import (
    Canceled,
    Report,
    failure,
    report_of_error,
    report_of_output,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from runledger.worker.job import Job


class Calls:
    """Calls the functions of jobs and tells, in the event loop, how each ended.

    Async functions are tasks. Sync ones get a thread, at most ``threads`` of them,
    unless their step says that they do not block.
    """

    def __init__(
        self, threads: int, ended: Callable[[Job, Report | None], None]
    ) -> None:
        self._ended = ended
        self._threads = Threads(threads, self._deliver)

    def begin(self, job: Job) -> None:
        if job.step.asynchronous:
            job.task = asyncio.create_task(self._await(job))
        elif job.step.blocking:
            self._threads.submit(job)
        else:
            self._deliver(job, call(job))

    async def _await(self, job: Job) -> None:
        self._deliver(job, await called_async(job))

    def _deliver(self, job: Job, report: Report | None) -> None:
        job.ended = True
        self._ended(job, report)


async def called_async(job: Job) -> Report | None:
    """Call an async function, in a task that is canceled when the job is."""
    function = job.step.function
    assert function is not None
    with speaking(job):
        try:
            return report_of_output(await function(job.context))
        except asyncio.CancelledError:
            return report_of_end(job, "asyncio.CancelledError")
        except Canceled as error:
            return report_of_end(job, str(error))
        except (Exception, SystemExit) as error:
            return report_of_error(error)


def call(job: Job) -> Report | None:
    """Call a sync function."""
    function = job.step.function
    assert function is not None
    with speaking(job):
        try:
            return report_of_output(function(job.context))
        except Canceled as error:
            return report_of_end(job, str(error))
        except BaseException as error:
            return report_of_error(error)


def report_of_end(job: Job, said: str) -> Report | None:
    """What to tell of a function that was told to end, and did.

    None for what is not ours any more. When it is the worker that stops, the job is
    given back; but what may be done only once and was begun is left to run out: that
    nobody knows how far it came is the truth, and people decide.
    """
    reason = job.context.cancel_reason
    match job.ending:
        case "stop":
            return {"type": "stop_job", "reason": reason}
        case "gone":
            return None
        case "leave" if job.found.get("effects") == "once":
            return None
        case "leave":
            return {"type": "release_job", "reason": reason}
        case _:
            return failure("Canceled", f"The function canceled itself: {said}")


class Threads:
    """Daemon threads that call functions: none keeps the process from ending."""

    def __init__(
        self, most: int, deliver: Callable[[Job, Report | None], None]
    ) -> None:
        self._most = most
        self._deliver = deliver
        self._jobs: SimpleQueue[Job] = SimpleQueue()
        self._done: deque[tuple[Job, Report | None]] = deque()
        self._woken = False
        self._begun = 0
        self._at_work = 0
        self._loop: asyncio.AbstractEventLoop | None = None

    def submit(self, job: Job) -> None:
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
        self._at_work += 1
        if self._begun < min(self._at_work, self._most):
            self._begun += 1
            name = f"runledger-step-{self._begun}"
            threading.Thread(target=self._work, name=name, daemon=True).start()
        self._jobs.put(job)

    def _work(self) -> None:
        loop = self._loop
        assert loop is not None
        while True:
            job = self._jobs.get()
            report = call(job)
            self._done.append((job, report))
            # One call into the loop for all that ends until it gets there. The flag is
            # taken down before what is done is taken out, so nothing is left lying.
            if not self._woken:
                self._woken = True
                with suppress(RuntimeError):  # the loop is closed: nobody waits
                    loop.call_soon_threadsafe(self._collect)

    def _collect(self) -> None:
        self._woken = False
        while self._done:
            job, report = self._done.popleft()
            self._at_work -= 1
            self._deliver(job, report)
