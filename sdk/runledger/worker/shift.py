"""One time that a worker works, from its registration to its last report."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from runledger.worker.beating import Beats
from runledger.worker.calling import Calls, report_of_end
from runledger.worker.http import ANSWER_S
from runledger.worker.job import Job
from runledger.worker.log_lines import LogLines
from runledger.worker.reporting import Reports
from runledger.worker.workflow import Step

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runledger.worker.context import Level, Stream
    from runledger.worker.http import CommandApi
    from runledger.worker.outcomes import Report
    from runledger.worker.worker import Worker

LOG = logging.getLogger("runledger.worker")

MOST_JOBS = 200
"""In one answer, by the service."""
REMEMBERED = 10_000
POLL_S = 20.0
LAST_POLL_S = 1.0
"""A long poll that is under way when the worker is to stop may be about to be answered:
to hang up at that very moment would leave a job leased that nobody knows of."""
UNKNOWN_S = 30.0
LAST_WORDS_S = 2.0


class Shift:
    """What a ``Worker`` does with a connection. An ``Office`` for its jobs."""

    def __init__(self, worker: Worker, api: CommandApi, stop: asyncio.Event) -> None:
        self._worker = worker
        self._api = api
        self._stop = stop
        self._held: dict[str, Job] = {}
        """By lease, until the report is answered."""
        self._begun: dict[str, None] = {}
        """The newest leases, oldest first."""
        self._busy = 0
        """Slots that are taken: until the report is answered, since what follows in the
        run comes with that answer, and goes on in the same slot."""
        self._polling = False
        self._freed = asyncio.Event()
        self._empty = asyncio.Event()
        self._lines = LogLines(api)
        self._reports = Reports(api, self._answered, self._following, self._begin)
        self._next = json.dumps(
            {
                "worker": worker.name,
                "queue": worker.queue,
                "workflows": list(worker.workflows),
                "capabilities": list(worker.capabilities),
                "lease_s": worker.lease_s,
            }
        ).encode()
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
        if not worker.register:
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
        accounted = 0

        def wish() -> bytes:
            asked["max_jobs"] = min(max(self._free(), 1), MOST_JOBS)
            if self._api.unanswered > accounted:
                # An answer that never came may have brought jobs.
                asked["known"] = list(self._held)
            else:
                asked.pop("known", None)
            return json.dumps(asked).encode()

        while True:
            while self._free() < 1:
                self._freed.clear()
                await self._freed.wait()
            self._polling = True
            answer = await self._api.post(
                "/jobs/lease", wish, answer_within_s=POLL_S + ANSWER_S
            )
            self._polling = False
            if len(answer["jobs"]) < asked["max_jobs"]:
                accounted = self._api.unanswered
            for found in answer["jobs"]:
                self._begin(found)

    def _following(self) -> bytes | None:
        """Each report frees a slot: so it is for what follows in the same run."""
        return None if self._stop.is_set() else self._next

    def _free(self) -> int:
        return self._worker.slots - self._busy

    def _begin(self, found: Mapping[str, Any]) -> None:
        worker = self._worker
        if found["lease"] in self._begun:
            return  # handed out again, while the first answer was still on its way
        self._begun[found["lease"]] = None
        if len(self._begun) > REMEMBERED:
            del self._begun[next(iter(self._begun))]
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
        job.slot = True
        if found.get("timeout_s") is not None:
            self._beats.watch(job)
        self._calls.begin(job)

    def _give_back(self, found: Mapping[str, Any]) -> None:
        """A step of another version of the workflow: another worker may have it."""
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
        self._lines.close(job)
        if self._held.get(job.lease) is not job:
            return  # given back already, when the grace was over: so is its slot
        if report is None:
            self._answered(job)
        else:
            self._reports.add(job, report)

    def _answered(self, job: Job) -> None:
        self._held.pop(job.lease, None)
        if job.slot:
            job.slot = False
            self._busy -= 1
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
