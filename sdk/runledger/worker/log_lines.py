"""Log lines of all jobs, sent in batches beside the work."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from collections import deque
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from runledger import errors
from runledger.worker.job import Line
from runledger.worker.outcomes import storable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runledger.worker.context import Level, Stream
    from runledger.worker.http import CommandApi
    from runledger.worker.job import Job

LOG = logging.getLogger("runledger.worker")

MOST_WAITING = 8_000_000
"""Characters. What comes on top is dropped, and the log says how much that was."""
BATCH = 250_000
"""Characters of one request, which may have a MiB: a character has up to four bytes."""
BATCH_LINES = 2_000
BATCH_JOBS = 500
LONGEST_LINE = 16_384
EACH = 120
"""What a line costs beside its text."""


class Batch:
    """Lines of one job that follow each other."""

    __slots__ = ("first", "job", "lines")

    def __init__(self, job: Job, first: int) -> None:
        self.job = job
        self.first = first
        """The number of the first one, from 1."""
        self.lines: list[Line] = []

    def members(self) -> dict[str, Any]:
        found = self.job.found
        return {
            "run_id": self.job.run_id,
            "step": self.job.step_name,
            "attempt": found["attempt"],
            "lease": self.job.lease,
            "first": self.first,
            "lines": [line._asdict() for line in self.lines],
        }


class LogLines:
    """Takes lines from any thread and sends them from the event loop. While one request
    is under way the next lines gather. Sent again, lines are known by their numbers."""

    def __init__(self, api: CommandApi) -> None:
        self._api = api
        self._loop = asyncio.get_running_loop()
        self._lock = threading.Lock()
        self._jobs: deque[Job] = deque()
        """Those that have lines waiting, each once."""
        self._waiting = 0
        self._some = asyncio.Event()
        self._none = asyncio.Event()
        self._none.set()

    def add(self, job: Job, text: str, level: Level, stream: Stream) -> None:
        at = datetime.now(UTC).isoformat()
        for part in text.splitlines() or ("",):
            for start in range(0, len(part) or 1, LONGEST_LINE):
                piece = storable(part[start : start + LONGEST_LINE])
                self._add(job, Line(at, stream, level, piece))

    def close(self, job: Job) -> None:
        """Its function has ended: if lines were dropped at the end, say that."""
        if job.dropped:
            with self._lock:
                self._say_dropped(job)
            self._loop.call_soon_threadsafe(self._wake)

    async def run(self) -> None:
        while True:
            await self._some.wait()
            self._some.clear()
            while batches := self._take():
                await self._send(batches)
            with self._lock:
                if not self._jobs:
                    self._none.set()

    async def sent(self) -> None:
        """Until nothing waits."""
        await self._none.wait()

    def _add(self, job: Job, line: Line) -> None:
        with self._lock:
            if self._waiting + len(line.text) + EACH > MOST_WAITING:
                job.dropped += 1
                return
            if job.dropped:
                self._say_dropped(job)
            first = self._append(job, line)
        if first:
            self._loop.call_soon_threadsafe(self._wake)

    def _append(self, job: Job, line: Line) -> bool:
        """Under the lock. Whether nothing was waiting before."""
        first = not self._jobs
        if not job.lines:
            self._jobs.append(job)
        job.lines.append(line)
        self._waiting += len(line.text) + EACH
        return first

    def _say_dropped(self, job: Job) -> None:
        count = "1 line" if job.dropped == 1 else f"{job.dropped} lines"
        job.dropped = 0
        said = f"[{count} dropped here: more was logged than could be sent]"
        at = datetime.now(UTC).isoformat()
        self._append(job, Line(at, "log", "warning", said))

    def _wake(self) -> None:
        self._none.clear()
        self._some.set()

    def _take(self) -> list[Batch]:
        batches: list[Batch] = []
        size = lines = 0
        with self._lock:
            while self._jobs and size < BATCH and len(batches) < BATCH_JOBS:
                job = self._jobs[0]
                batch = Batch(job, job.lines_sent + 1)
                while job.lines and size < BATCH and lines < BATCH_LINES:
                    line = job.lines.popleft()
                    batch.lines.append(line)
                    size += len(line.text) + EACH
                    lines += 1
                job.lines_sent += len(batch.lines)
                batches.append(batch)
                if not job.lines:
                    self._jobs.popleft()
            self._waiting -= size
        return batches

    async def _send(self, batches: Sequence[Batch]) -> None:
        members = [batch.members() for batch in batches]
        body = json.dumps({"batches": members}, ensure_ascii=False).encode()
        try:
            answer = await self._api.post("/logs", body)
        except (errors.Invalid, errors.NotFound, errors.Refused) as error:
            for part in _apart(batches):
                await self._send(part)
            if len(batches) == 1 and len(batches[0].lines) == 1:
                _say_refused(batches[0], error.detail)
            return
        for batch, item in zip(batches, answer["items"], strict=True):
            if item["status"] != 200:
                await self._again(batch, item)

    async def _again(self, batch: Batch, item: dict[str, Any]) -> None:
        """One that was not taken: it may have to go on from another number, where lines
        before it were refused, or lost by a crash of the database."""
        goes_on = item.get("next")
        if goes_on is None or goes_on >= batch.first:
            _say_refused(batch, (item.get("problem") or {}).get("detail", ""))
            return
        batch.job.lines_sent -= batch.first - goes_on
        batch.first = goes_on
        await self._send([batch])


def _apart(batches: Sequence[Batch]) -> list[list[Batch]]:
    """Halves of what does not fit: what is wrong with one shall not harm the others."""
    if len(batches) > 1:
        middle = len(batches) // 2
        return [list(batches[:middle]), list(batches[middle:])]
    (batch,) = batches
    middle = len(batch.lines) // 2
    if not middle:
        return []
    halves = [Batch(batch.job, batch.first), Batch(batch.job, batch.first + middle)]
    halves[0].lines, halves[1].lines = batch.lines[:middle], batch.lines[middle:]
    return [[half] for half in halves]


def _say_refused(batch: Batch, why: str) -> None:
    lines = "a line" if len(batch.lines) == 1 else f"{len(batch.lines)} lines"
    LOG.warning("The log of %s lacks %s: %s", batch.job, lines, why)
