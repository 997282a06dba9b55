"""Reports: sent in batches, repeated until they are answered."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import TYPE_CHECKING, Any, NamedTuple

from runledger import errors
from runledger.worker.outcomes import encoded, failure

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from runledger.worker.http import CommandApi
    from runledger.worker.job import Job
    from runledger.worker.outcomes import Report

LOG = logging.getLogger("runledger.worker")

BATCH = 500
BATCH_BYTES = 512 * 1024
AGAIN_S = 0.5


class Ready(NamedTuple):
    """A report as it is sent."""

    job: Job
    raw: bytes
    substitute: bool
    """Stands for one that the service would not take."""


class Reports:
    """While one request is under way the next reports gather: the more there is to
    tell, the less each costs, and nothing waits for company. Telling one twice is
    harmless: the service knows it by its lease."""

    def __init__(
        self,
        api: CommandApi,
        answered: Callable[[Job], None],
        following: Callable[[], bytes | None],
        begin: Callable[[dict[str, Any]], None],
    ) -> None:
        """``following``: what is asked for of the jobs that a report queues, where they
        are wanted; ``begin`` takes those that come."""
        self._api = api
        self._answered = answered
        self._following = following
        self._begin = begin
        self._waiting: deque[Ready] = deque()
        self._some = asyncio.Event()

    def add(self, job: Job, report: Report, *, substitute: bool = False) -> None:
        report["step"] = job.step_name
        report["attempt"] = job.found["attempt"]
        report["lease"] = job.lease
        raw = encoded(job.run_id, report)
        self._waiting.append(Ready(job, raw, substitute))
        self._some.set()

    async def run(self) -> None:
        while True:
            await self._some.wait()
            self._some.clear()
            while self._waiting:
                await self._send(self._take())

    def _take(self) -> list[Ready]:
        taken: list[Ready] = []
        size = 0
        while self._waiting and len(taken) < BATCH:
            size += len(self._waiting[0].raw)
            if taken and size > BATCH_BYTES:
                break
            taken.append(self._waiting.popleft())
        return taken

    async def _send(self, batch: Sequence[Ready]) -> None:
        body = b'{"reports":[' + b",".join([ready.raw for ready in batch]) + b"]"
        if (following := self._following()) is not None:
            body += b',"next":' + following
        body += b"}"
        try:
            answer = await self._api.post("/jobs/reports", body)
        except (errors.Invalid, errors.NotFound, errors.Refused) as error:
            if len(batch) > 1:
                # One of them does not fit: halve until it is found.
                middle = len(batch) // 2
                await self._send(batch[:middle])
                await self._send(batch[middle:])
            else:
                self._refused(batch[0], error.status, error.detail)
            return
        later = False
        for ready, item in zip(batch, answer["items"], strict=True):
            later |= not self._settled(ready, item)
        for found in answer["jobs"]:
            self._begin(found)
        if later:
            await asyncio.sleep(AGAIN_S)

    def _settled(self, ready: Ready, item: dict[str, Any]) -> bool:
        """False where it is to be told again."""
        status = item["status"]
        if status == 200:
            if item["answer"].get("discarded"):
                LOG.warning(
                    "%s had been given up meanwhile: its report is on record as late.",
                    ready.job,
                )
            self._answered(ready.job)
        elif status >= 500 or status == 429:
            self._waiting.append(ready)
            return False
        else:
            problem = item.get("problem") or {}
            self._refused(ready, status, str(problem.get("detail", "")))
        return True

    def _refused(self, ready: Ready, status: int, why: str) -> None:
        job = ready.job
        if status in (400, 413, 422) and not ready.substitute:
            # Not what happened is wrong but how it is told, mostly its output: that
            # nothing is told would leave the step to run out and be done again.
            LOG.error("The report of %s does not fit: %s", job, why)
            report = failure("OutputRefused", why, retryable=False)
            self.add(job, report, substitute=True)
            return
        LOG.error("The report of %s was refused: %s", job, why)
        self._answered(job)
