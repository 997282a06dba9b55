"""Heartbeats: one request for all jobs, which brings back what is wanted no more."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runledger.worker.http import CommandApi
    from runledger.worker.job import Job

LOG = logging.getLogger("runledger.worker")

MOST = 1_000
PROGRESS_S = 1.0
"""Progress is told no later than this after it was made, and no more often."""
AFTER_TIMEOUT_S = 0.3


class Beats:
    """Keeps the leases of jobs that take long. One that ends within a third of its
    lease costs none.

    While the service does not answer, functions go on: nobody else gets their jobs
    without it, and what they report later it will judge.
    """

    def __init__(
        self, api: CommandApi, worker: str, lease_s: float, held: Mapping[str, Job]
    ) -> None:
        self._api = api
        self._worker = worker
        self._interval = lease_s / 3
        self._held = held
        self._loop = asyncio.get_running_loop()
        self._wake = asyncio.Event()
        self._next = 0.0
        self._last = 0.0
        self._hurried = False

    def progressed(self) -> None:
        """From any thread."""
        if not self._hurried:
            self._hurried = True
            self._loop.call_soon_threadsafe(self._hurry)

    def watch(self, job: Job) -> None:
        """A job with a time limit has begun."""
        if (over := self._timeout_of(job)) < self._next:
            self._next = over
            self._wake.set()

    def _hurry(self) -> None:
        self._next = min(self._next, self._last + PROGRESS_S)
        self._wake.set()

    async def run(self) -> None:
        while True:
            began = time.monotonic()
            self._next = self._last + self._interval
            if self._hurried:
                self._next = self._last + PROGRESS_S
            for job in self._held.values():
                self._next = min(self._next, self._timeout_of(job))
            while (wait := self._next - time.monotonic()) > 0:
                self._wake.clear()
                try:
                    await asyncio.wait_for(self._wake.wait(), wait)
                except TimeoutError:
                    break
            self._last = now = time.monotonic()
            # Not counting an outage, which the heartbeat before this one sat out.
            late = now - max(self._next, began)
            if late > self._interval / 2:
                LOG.warning(
                    "Heartbeats are %.1f s late: the process was stopped, or an async "
                    "function blocks the event loop. Make that one sync: it then gets "
                    "a thread.",
                    late,
                )
            self._hurried = False
            due = [job for job in self._held.values() if self._due(job, now)]
            for start in range(0, len(due), MOST):
                await self._beat(due[start : start + MOST])

    def _due(self, job: Job, now: float) -> bool:
        if job.ended:
            # Its report may wait for an answer: the lease is still to be kept.
            return now - job.beat_at >= self._interval
        return (
            job.progressed is not None
            or now - job.beat_at >= self._interval / 2
            or self._timeout_of(job) <= now
        )

    def _timeout_of(self, job: Job) -> float:
        """When to ask whether its time is over: the service's clock says so, and only
        that, but its function need not go on until the next heartbeat."""
        timeout = job.context.timeout_s
        if timeout is None or job.ended or job.ending:
            return float("inf")
        over = job.begun + timeout + AFTER_TIMEOUT_S
        return over if job.beat_at < over else job.beat_at + 1.0

    async def _beat(self, jobs: Sequence[Job]) -> None:
        items: list[dict[str, Any]] = []
        for job in jobs:
            item: dict[str, Any] = {
                "run_id": job.run_id,
                "step": job.step_name,
                "lease": job.lease,
            }
            if (progress := job.progressed) is not None:
                item["progress"] = progress._asdict()
                job.progressed = None
            items.append(item)
        body = json.dumps({"worker": self._worker, "jobs": items}).encode()
        answer = await self._api.post("/jobs/heartbeat", body)
        now = time.monotonic()
        for found in answer["jobs"]:
            told = self._held.get(found["lease"])
            if told is None:
                continue
            told.beat_at = now
            self._tell(told, found["state"], found.get("reason") or "")

    def _tell(self, job: Job, state: str, reason: str) -> None:
        if job.ended:
            return
        if state == "stop":
            if job.ending != "stop":
                LOG.info("%s is to stop: %s", job, reason or "it was canceled")
            job.end("stop", reason or "The run is canceled.")
        elif state == "gone":
            LOG.warning("%s is not ours any more: %s", job, reason or "given up")
            job.end("gone", reason or "The job was given up.")
