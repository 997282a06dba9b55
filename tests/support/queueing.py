"""Jobs put into the queue by appends made by hand: no rules, no folding."""

from __future__ import annotations

import uuid
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from domain.ports import Append, End, RunAgenda, Stretch
from domain.run.agenda import Agenda, LeasedJob, QueuedJob, Timer, TimerKind
from infra.event_store.writer import Writer
from infra.jobs.due import DueTables
from infra.jobs.queue import Ask, JobQueue
from infra.postgres_async import pool
from tests.support.appending import NAMESPACE, addition, appended, facts, some

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.support.database import Database

ASK = Ask(NAMESPACE, "default", ("deploy",), ())


class Queueing:
    """A writer, and the tables it writes to."""

    def __init__(self, writer: Writer, queue: JobQueue, due: DueTables) -> None:
        self.queue = queue
        self.due = due
        self._writer = writer
        self._ends: dict[uuid.UUID, End] = {}

    async def put(
        self, agenda: Agenda, run_id: uuid.UUID | None = None, workflow: str = "deploy"
    ) -> uuid.UUID:
        """Append an event with this agenda, to a new run if none is named."""
        run_id = run_id or uuid.uuid4()
        end = self._ends.get(run_id)
        append = addition(run_id)
        if end is not None:
            stretch = Stretch(run_id, end.version, end.hash, facts(*some()))
            append = Append(NAMESPACE, [stretch])
        agendas = [RunAgenda(run_id, workflow, agenda)]
        result = appended(await self._writer.append(append._replace(agendas=agendas)))
        (self._ends[run_id],) = result.ends
        return run_id

    async def job(
        self,
        *,
        workflow: str = "deploy",
        queue: str = "default",
        requires: tuple[str, ...] = (),
        wait_s: float = 0,
        step: str = "build",
    ) -> uuid.UUID:
        """A queued job of a new run."""
        job = QueuedJob(step, 1, 1, queue, requires, round(wait_s * 1e6))
        return await self.put(Agenda(queued=(job,)), workflow=workflow)

    async def leased(
        self,
        *,
        lease: uuid.UUID | None = None,
        lease_s: float = 30,
        principal: str = "worker",
        run_id: uuid.UUID | None = None,
        canceling: bool = False,
    ) -> tuple[uuid.UUID, uuid.UUID]:
        """A job that somebody has: run and lease."""
        run_id = run_id or await self.job()
        lease = lease or uuid.uuid4()
        job = LeasedJob(
            "build",
            1,
            1,
            "default",
            lease,
            "w1",
            principal,
            round(lease_s * 1e6),
            canceling,
        )
        await self.put(Agenda(leased=(job,)), run_id)
        return run_id, lease

    async def timer(
        self, kind: TimerKind = "run_timeout", wait_s: float = 0
    ) -> uuid.UUID:
        timer = Timer(kind, "", 1, 0, round(wait_s * 1e6))
        return await self.put(Agenda(timers=(timer,)))


@asynccontextmanager
async def queueing(database: Database) -> AsyncIterator[Queueing]:
    url = database.url("runledger_command")
    async with (
        pool(url, name="test", max_size=8) as sessions,
        Writer(url) as writer,
    ):
        yield Queueing(writer, JobQueue(sessions), DueTables(sessions))
