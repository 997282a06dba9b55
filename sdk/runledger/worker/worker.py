"""A worker process: leases jobs, calls the functions of their steps, reports."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import secrets
import signal
import socket
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from runledger import connection as connections
from runledger import errors
from runledger.worker.beating import Beats
from runledger.worker.calling import Calls, report_of_end
from runledger.worker.capture import captured
from runledger.worker.http import ANSWER_S, CommandApi
from runledger.worker.job import Job
from runledger.worker.log_lines import LogLines
from runledger.worker.reporting import Reports

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from runledger.worker.context import Level, Stream
    from runledger.worker.outcomes import Report
    from runledger.worker.workflow import Step, Workflow

LOG = logging.getLogger("runledger.worker")

MOST_JOBS = 200
"""In one answer, by the service."""
POLL_S = 20.0
LAST_POLL_S = 1.0
"""A long poll that is under way when the worker is to stop may be about to be answered:
to hang up at that very moment would leave a job leased that nobody knows of."""
UNREPORTED = 500
"""So many jobs more than slots may wait for their report to be answered."""
UNKNOWN_S = 30.0
LAST_WORDS_S = 2.0


class Worker:
    """Carries out the steps of these workflows that are in one queue.

        Worker(pages, slots=20).run()

    Args:
        queue: by default the one that the workflows name.
        slots: how many functions run at a time; so many threads for sync ones.
        capabilities: what steps with ``requires`` may count on here.
        lease_s: a job is lost when its worker is not heard of for so long.
        grace_s: how long functions may go on once the worker is to stop.
        capture_output: what functions print becomes lines of their logs.
        register: make the workflows' definitions known at the start.
        name: how the process calls itself; by default host and process number.

    Where the service is: as for ``Client``.
    """

    def __init__(
        self,
        *workflows: Workflow,
        queue: str | None = None,
        slots: int = 10,
        capabilities: Iterable[str] = (),
        lease_s: float = 30.0,
        grace_s: float = 30.0,
        capture_output: bool = False,
        register: bool = True,
        name: str | None = None,
        query_url: str | None = None,
        command_url: str | None = None,
        token: str | None = None,
        namespace: str | None = None,
    ) -> None:
        """
        Raises:
            NotConfigured: nothing says where the service is, or the workflows do not
                fit this worker; says why.
        """
        if slots < 1:
            raise errors.NotConfigured("A worker needs at least one slot.")
        self.workflows = _by_name(workflows)
        self.queue = queue or _common_queue(workflows)
        self.steps = _steps_of(workflows, self.queue)
        self.slots = slots
        self.capabilities = tuple(capabilities)
        self.lease_s = lease_s
        self.grace_s = grace_s
        self.name = name or _name()
        self.connection = connections.find(
            query_url=query_url,
            command_url=command_url,
            token=token,
            namespace=namespace,
        )
        self._register = register
        self._capture = capture_output
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._stopped = False

    def run(self) -> None:
        """Work until SIGTERM or Ctrl-C: then start nothing new, finish within the grace
        or give back, return. A second signal ends the process at once.

        Raises:
            RunledgerError: the service will not have it (token, role, address).
        """
        asyncio.run(self._work_until_signaled())

    async def work(self) -> None:
        """``run`` in an event loop of yours, which keeps its signals; ``stop`` ends it.

        Raises:
            RunledgerError: as ``run``.
        """
        if self._loop is not None:
            raise errors.NotConfigured("This worker has worked already: make another.")
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        if self._stopped:
            self._stop.set()
        with captured(self._capture):
            async with CommandApi(self.connection) as api:
                await _Shift(self, api, self._stop).work()

    def stop(self) -> None:
        """Have it stop in good order. From any thread, more than once if you like."""
        self._stopped = True
        if self._loop is not None and self._stop is not None:
            with suppress(RuntimeError):  # the loop has ended: so has the work
                self._loop.call_soon_threadsafe(self._stop.set)

    async def _work_until_signaled(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            with suppress(NotImplementedError):  # Windows
                loop.add_signal_handler(number, self._signaled, number)
        await self.work()

    def _signaled(self, number: signal.Signals) -> None:
        if self._stopped:
            # Whoever asks twice does not want to wait: leases that are left run out.
            os._exit(128 + number)
        LOG.info(
            "Stopping: nothing new is started, what runs has %g s to finish. "
            "The same signal again ends it at once.",
            self.grace_s,
        )
        self.stop()


class _Shift:
    """One time that a worker works, from its registration to its last report."""

    def __init__(self, worker: Worker, api: CommandApi, stop: asyncio.Event) -> None:
        self._worker = worker
        self._api = api
        self._stop = stop
        self._held: dict[str, Job] = {}
        """By lease, until the report is answered."""
        self._busy = 0
        """Jobs whose functions have not returned."""
        self._polling = False
        self._freed = asyncio.Event()
        self._empty = asyncio.Event()
        self._lines = LogLines(api)
        self._reports = Reports(api, self._answered)
        self._beats = Beats(api, worker.name, worker.lease_s, self._held)
        self._calls = Calls(worker.slots, self._ended)

    # What jobs need of it (``Office``).

    def line(self, job: Job, text: str, level: Level, stream: Stream) -> None:
        self._lines.add(job, text, level, stream)

    def progressed(self) -> None:
        self._beats.progressed()

    def stopping(self) -> bool:
        return self._stop.is_set()

    async def work(self) -> None:
        stopping = asyncio.create_task(self._stop.wait())
        register = asyncio.create_task(self._register())
        beside: list[asyncio.Task[Any]] = []
        try:
            if await _first(register, stopping) is stopping:
                return
            leasing = asyncio.create_task(self._lease())
            beside = [
                asyncio.create_task(each.run())
                for each in (self._reports, self._lines, self._beats)
            ]
            await _first(stopping, leasing, *beside)
            await self._stop_leasing(leasing)
            await self._finish(beside)
        finally:
            for task in (stopping, register, *beside):
                task.cancel()
            await asyncio.gather(stopping, register, *beside, return_exceptions=True)

    async def _register(self) -> None:
        worker = self._worker
        if not worker._register:
            return
        for workflow in worker.workflows.values():
            body = json.dumps(workflow.definition).encode()
            answer = await self._api.post("/workflows", body)
            LOG.info("Workflow %s is at version %d.", workflow.name, answer["version"])

    async def _lease(self) -> None:
        worker = self._worker
        asked: dict[str, Any] = {
            "worker": worker.name,
            "queue": worker.queue,
            "workflows": list(worker.workflows),
            "capabilities": list(worker.capabilities),
            "lease_s": worker.lease_s,
            "wait_s": POLL_S,
            "slots": worker.slots,
        }
        while True:
            while (free := self._free()) < 1:
                self._freed.clear()
                await self._freed.wait()
            asked["max_jobs"] = min(free, MOST_JOBS)
            body = json.dumps(asked).encode()
            self._polling = True
            answer = await self._api.post(
                "/jobs/lease", body, answer_within_s=POLL_S + ANSWER_S
            )
            self._polling = False
            for found in answer["jobs"]:
                self._begin(found)

    def _free(self) -> int:
        slots = self._worker.slots
        return min(slots - self._busy, slots + UNREPORTED - len(self._held))

    def _begin(self, found: Mapping[str, Any]) -> None:
        worker = self._worker
        known = worker.steps.get((found["workflow"], found["step"]))
        if known is None:
            self._give_back(found)
            return
        workflow, step = known
        job = Job(found, workflow, step, self)
        self._held[job.lease] = job
        if self._stop.is_set():
            job.ended = True
            reason = "The worker was stopping when it got the job."
            self._reports.add(job, {"type": "release_job", "reason": reason})
            return
        self._busy += 1
        if found.get("timeout_s") is not None:
            self._beats.watch(job)
        self._calls.begin(job)

    def _give_back(self, found: Mapping[str, Any]) -> None:
        """A step of another version of the workflow: another worker may have it."""
        from runledger.worker.workflow import Step

        workflow = self._worker.workflows[found["workflow"]]
        job = Job(found, workflow, Step({"name": found["step"]}), self)
        job.ended = True
        self._held[job.lease] = job
        LOG.error(
            "%s is given back: version %s of the workflow has this step, the code of "
            "this worker has not.",
            job,
            found["workflow_version"],
        )
        reason = f"Worker {self._worker.name} has no function for the step."
        report = {"type": "release_job", "delay_s": UNKNOWN_S, "reason": reason}
        self._reports.add(job, report)

    def _ended(self, job: Job, report: Report | None) -> None:
        self._busy -= 1
        self._freed.set()
        self._lines.close(job)
        if self._held.get(job.lease) is not job:
            return  # given back already, when the grace was over
        if report is None:
            self._answered(job)
        else:
            self._reports.add(job, report)

    def _answered(self, job: Job) -> None:
        self._held.pop(job.lease, None)
        self._freed.set()
        if not self._held:
            self._empty.set()

    async def _stop_leasing(self, leasing: asyncio.Task[None]) -> None:
        if self._polling and not leasing.done():
            await asyncio.wait({leasing}, timeout=LAST_POLL_S)
        leasing.cancel()
        await asyncio.gather(leasing, return_exceptions=True)

    async def _finish(self, beside: Sequence[asyncio.Task[Any]]) -> None:
        """Let functions end within the grace, give back what does not, tell it all."""
        grace = self._worker.grace_s
        if not await self._emptied(grace, beside):
            for job in list(self._held.values()):
                job.end("leave", "The worker stops.")
            if not await self._emptied(LAST_WORDS_S, beside):
                for job in list(self._held.values()):
                    self._abandon(job)
                await self._emptied(LAST_WORDS_S * 2, beside)
        if self._held:
            LOG.warning(
                "%d jobs are left as they are: their leases run out.", len(self._held)
            )
        with suppress(TimeoutError):
            await asyncio.wait_for(self._lines.sent(), LAST_WORDS_S)

    def _abandon(self, job: Job) -> None:
        """Its function does not end, and its thread ends with the process."""
        if job.ended:
            return
        LOG.warning("%s did not end within the grace.", job)
        report = report_of_end(job, "")
        if report is not None:
            job.ended = True
            self._reports.add(job, report)

    async def _emptied(
        self, seconds: float, beside: Sequence[asyncio.Task[Any]]
    ) -> bool:
        """Whether no job is left within so many seconds."""
        deadline = time.monotonic() + seconds
        while self._held:
            self._empty.clear()
            empty = asyncio.create_task(self._empty.wait())
            try:
                wait = max(deadline - time.monotonic(), 0)
                done, _ = await asyncio.wait(
                    {empty, *beside}, timeout=wait, return_when="FIRST_COMPLETED"
                )
            finally:
                empty.cancel()
            if not done or done - {empty}:
                return not self._held
        return True


async def _first(*tasks: asyncio.Task[Any]) -> asyncio.Task[Any]:
    """The first that ends; its error is raised, here."""
    done, _ = await asyncio.wait(tasks, return_when="FIRST_COMPLETED")
    for task in tasks:
        if task in done:
            task.result()
    return next(task for task in tasks if task in done)


def _by_name(workflows: Sequence[Workflow]) -> dict[str, Workflow]:
    found: dict[str, Workflow] = {}
    for workflow in workflows:
        if workflow.name in found:
            raise errors.NotConfigured(f"Two workflows are named {workflow.name!r}.")
        found[workflow.name] = workflow
    if not found:
        raise errors.NotConfigured("A worker needs a workflow to work for.")
    return found


def _common_queue(workflows: Sequence[Workflow]) -> str:
    queues = {workflow.queue for workflow in workflows}
    if len(queues) > 1:
        names = ", ".join(sorted(queues))
        raise errors.NotConfigured(
            f"The workflows are in several queues ({names}): a worker serves one, say "
            "which."
        )
    return queues.pop()


def _steps_of(
    workflows: Sequence[Workflow], queue: str
) -> dict[tuple[str, str], tuple[Workflow, Step]]:
    """The steps that may come: those of the queue, which all need functions."""
    found: dict[tuple[str, str], tuple[Workflow, Step]] = {}
    for workflow in workflows:
        here = [step for step in workflow.steps.values() if step.queue == queue]
        for step in here:
            if step.function is None:
                raise errors.NotConfigured(
                    f"Step {step.name!r} of workflow {workflow.name!r} has no function."
                )
            found[workflow.name, step.name] = workflow, step
        if not here:
            raise errors.NotConfigured(
                f"Workflow {workflow.name!r} has no step in queue {queue!r}."
            )
    return found


def _name() -> str:
    return f"{socket.gethostname()[:60]}-{os.getpid()}-{secrets.token_hex(2)}"
