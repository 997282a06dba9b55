"""From a worker's wish to jobs that are leased: wait, claim, append, hand out."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID, uuid4

import orjson

from domain.errors import NotFound, Refused, RunledgerError, Unavailable
from domain.requests import Done, Request
from domain.run.commands import ReleaseJob
from domain.run.handing_out import handed_out, needed_contents
from domain.run.job_events import JobLeased
from domain.run.own_commands import LeaseJob

if TYPE_CHECKING:
    from starlette.types import Receive

    from command_api.dispatch import Dispatcher
    from domain.handling import CommandHandler
    from domain.run.events import Content
    from domain.run.state import Run
    from infra.event_store.log import LogReader
    from infra.jobs.queue import Ask, Claim

log = logging.getLogger(__name__)


class Wish(NamedTuple):
    """What a worker asks for."""

    ask: Ask
    worker: str
    principal: str
    max_jobs: int
    lease_s: float
    wait_s: float
    known: Sequence[UUID] | None = None
    """Leases that the worker has; None: it misses no answer."""


class Job(NamedTuple):
    """One that was leased: its run as that left it."""

    run_id: UUID
    run: Run
    event: JobLeased


_Value = Callable[["Content | None"], Any]


class Leased(NamedTuple):
    jobs: Sequence[Job]
    position: int
    """Of the last event that leased one of them; 0 where there is none."""
    value: _Value

    def documents(self) -> list[dict[str, Any]]:
        """As workers are given them."""
        return [
            handed_out(job.run_id, job.run, job.event.step, self.value)
            for job in self.jobs
        ]


NOTHING = Leased((), 0, lambda _: None)


class HungUp(Exception):
    """Nobody is there any more to take the jobs."""


class Leasing:
    def __init__(
        self, dispatcher: Dispatcher, handler: CommandHandler, log: LogReader
    ) -> None:
        self.dispatcher = dispatcher
        self._handler = handler
        self._log = log

    async def lease(self, wish: Wish, receive: Receive | None) -> Leased:
        """Jobs that are the worker's from here on; none when its time is over.

        Raises:
            HungUp: the client went away; it has no job, what it was given is released.
            Unavailable: the store cannot be reached.
        """
        if wish.known is not None and (missed := await self._missed(wish)):
            return await self.with_values(wish.ask.namespace, missed, 0)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + wish.wait_s
        watch = None
        if receive is not None:
            watch = asyncio.create_task(_until_gone(receive), name="hang-up")
        try:
            while True:
                claims = await self._claims(wish, deadline, watch)
                if watch is not None and watch.done():
                    await self.dispatcher.give_back(claims, wish.ask)
                    raise HungUp
                if not claims:
                    return NOTHING
                leased = await self._append(wish, claims)
                if watch is not None and watch.done():
                    await self._release(wish, leased.jobs, _NOT_TOLD)
                    raise HungUp
                if leased.jobs or loop.time() >= deadline:
                    return leased
        finally:
            if watch is not None:
                watch.cancel()

    async def _missed(self, wish: Wish) -> list[Job]:
        """Jobs that are this worker's, though the answer that said so was lost. Without
        this they would run out, and a step with effects ``once`` fail as if it might
        have been done."""
        found = await self.dispatcher.queue.leased(
            wish.ask.namespace,
            wish.principal,
            wish.worker,
            beside=wish.known or (),
            most=wish.max_jobs,
        )
        missed: list[Job] = []
        for run_id, step, lease, _ in found:
            run = await self._handler.run(wish.ask.namespace, run_id)
            job = None if run is None else run.steps[step].open_job
            if run is None or job is None or job.lease != lease:
                continue  # ended since
            event = JobLeased(
                step=step,
                iteration=job.iteration,
                attempt=job.attempt,
                lease=lease,
                worker=job.worker,
                lease_s=job.lease_s,
            )
            missed.append(Job(run_id, run, event))
        return missed

    async def _claims(
        self, wish: Wish, deadline: float, watch: asyncio.Task[None] | None
    ) -> list[Claim]:
        loop = asyncio.get_running_loop()
        once = loop.time() >= deadline
        poll = self.dispatcher.poll(wish.ask, wish.max_jobs, once=once)
        alarm = loop.call_at(deadline + _A_LOOK_S if once else deadline, poll.end)
        if watch is not None:
            watch.add_done_callback(lambda _: poll.end())
        try:
            return await asyncio.shield(poll.claims)
        except asyncio.CancelledError:
            poll.end()
            await self.dispatcher.give_back(poll.claims.result(), wish.ask)
            raise
        finally:
            alarm.cancel()

    async def _append(self, wish: Wish, claims: Sequence[Claim]) -> Leased:
        """Lease what was claimed. What comes to nothing is not handed out: the run has
        moved on, and its row with it. Such a claim is left to run out, so that a row
        which nothing will ever come of is not claimed again and again."""
        by_run: defaultdict[UUID, list[LeaseJob]] = defaultdict(list)
        for claim in claims:
            by_run[claim.run_id].append(
                LeaseJob.model_construct(
                    step=claim.step,
                    iteration=claim.iteration,
                    attempt=claim.attempt,
                    lease=uuid4(),
                    worker=wish.worker,
                    lease_s=wish.lease_s,
                )
            )
        requests = [
            _request(wish, run_id, commands) for run_id, commands in by_run.items()
        ]
        results = await self._handler.carry_out_batch(requests)
        leased: list[Job] = []
        position = 0
        for request, done in zip(requests, results, strict=True):
            if isinstance(done, Done):
                leased += jobs_of(request.run_id, done)
                position = max(position, done.answer.position)
            elif not isinstance(done, (Refused, NotFound)):
                _log_failed(request.run_id, done)
        if not leased and all(isinstance(done, Unavailable) for done in results):
            raise Unavailable("The event store cannot be reached; nothing was leased.")
        try:
            return await self.with_values(wish.ask.namespace, leased, position)
        except Unavailable:
            await self._release(wish, leased, "what it needs could not be read")
            raise

    async def with_values(
        self, namespace: str, jobs: Sequence[Job], position: int
    ) -> Leased:
        """The jobs with what they need; what lies apart is read.

        Raises:
            Unavailable: the store cannot be reached.
        """
        return Leased(jobs, position, await self._contents(namespace, jobs))

    async def _contents(self, namespace: str, leased: Sequence[Job]) -> _Value:
        """What gives the jobs' values; those that lie apart are read, each once."""
        found: dict[str, orjson.Fragment | None] = {}
        for job in leased:
            for content in needed_contents(job.run, job.event.step):
                if content.digest is not None and content.digest not in found:
                    body = await self._log.content(namespace, content.digest)
                    fragment = None if body is None else orjson.Fragment(body)
                    found[content.digest] = fragment
        return lambda content: (
            None
            if content is None
            else content.value
            if content.digest is None
            else found[content.digest]
        )

    async def _release(self, wish: Wish, jobs: Sequence[Job], reason: str) -> None:
        requests = [
            _request(
                wish,
                job.run_id,
                [
                    ReleaseJob(
                        step=job.event.step,
                        attempt=job.event.attempt,
                        lease=job.event.lease,
                        reason=reason,
                    )
                ],
            )
            for job in jobs
        ]
        with suppress(RunledgerError):  # then the lease runs out
            await self._handler.carry_out_batch(requests)


_A_LOOK_S = 5.0
"""How long a poll that does not wait may take."""
_NOT_TOLD = "its worker hung up before it was told of the job"


def _request(
    wish: Wish, run_id: UUID, commands: Sequence[LeaseJob | ReleaseJob]
) -> Request:
    return Request(
        namespace=wish.ask.namespace,
        run_id=run_id,
        commands=commands,
        principal=wish.principal,
        actor=wish.principal,
        key=None,
        body_digest=b"",
    )


def jobs_of(run_id: UUID | None, done: Done) -> list[Job]:
    """What a command has leased."""
    run = done.run
    if run_id is None or run is None:
        return []
    return [
        Job(run_id, run, event) for event in done.events if type(event) is JobLeased
    ]


def _log_failed(run_id: UUID | None, error: Exception) -> None:
    if isinstance(error, RunledgerError):
        log.warning("a job of run %s was not leased: %s", run_id, error.message)
    else:
        log.error("a job of run %s was not leased", run_id, exc_info=error)


async def _until_gone(receive: Receive) -> None:
    """Returns when the client has hung up."""
    while (await receive())["type"] != "http.disconnect":
        pass
