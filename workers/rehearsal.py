"""A run that is rehearsed: the rules as they are, on a log and a clock in memory.

For the test harness of the SDK. The handler is the service's own; what lies beneath it
is here for as long as the process lives, and time passes when it is told to.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from domain.errors import StaleVersion, UnknownWorkflow, WrongState
from domain.events import By, Recorded
from domain.handling import CommandHandler
from domain.ids import Namespace, workflow_stream
from domain.ports import NO_HASH, Appended, End, Tail, Ticket
from domain.requests import Request
from domain.run import own_commands as own
from domain.run.agenda import whole_agenda
from domain.workflow.commands import RegisterWorkflow
from domain.workflow.events import WorkflowVersionRegistered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from domain.commands import Command
    from domain.ports import Append, StoredAnswer
    from domain.requests import Done
    from domain.run.agenda import Timer
    from domain.run.events import Content
    from domain.run.state import Run
    from domain.workflow.definition import WorkflowDefinition

START = datetime(2026, 1, 1, 9, 0, tzinfo=UTC)
NAMESPACE = Namespace("rehearsal")
SERVICE = "service"
WORKER = "worker"
LEASE_S = 30.0
MOST_TIMERS = 10_000
"""That fire in one stretch of time: a workflow that reminds for ever ends somewhere."""


class Memory:
    """Log, numbers and catalogue of one rehearsal."""

    def __init__(self) -> None:
        self.now = START
        self.events: list[Recorded] = []
        self.contents: dict[str, bytes] = {}
        self._streams: dict[UUID, list[Recorded]] = {}
        self._numbers: dict[str, int] = {}

    async def append(self, append: Append) -> Appended:
        for stretch in append.stretches:
            version = len(self._streams.get(stretch.stream_id, ()))
            if version != stretch.version:
                raise StaleVersion("The stream has moved on.", version=version)
        self.contents.update(append.contents)
        ends: list[End] = []
        for stretch in append.stretches:
            stream = self._streams.setdefault(stretch.stream_id, [])
            for fact in stretch.facts:
                recorded = Recorded(
                    position=len(self.events) + 1,
                    stream_id=stretch.stream_id,
                    version=len(stream) + 1,
                    namespace=append.namespace,
                    event_id=uuid4(),
                    actor=fact.by.actor,
                    recorded_by=fact.recorded_by,
                    occurred_at=fact.by.at,
                    recorded_at=self.now,
                    correlation_id=None,
                    causation_id=None,
                    trace=None,
                    event=fact.event,
                )
                stream.append(recorded)
                self.events.append(recorded)
            ends.append(End(len(stream), len(self.events), NO_HASH))
        return Appended(self.now, tuple(ends))

    async def tail(self, stream_id: UUID, after: int = 0) -> Tail:
        return Tail(self._streams.get(stream_id, [])[after:], NO_HASH)

    async def answer(
        self, namespace: str, principal: str, key: str
    ) -> StoredAnswer | None:
        return None

    async def take(self, namespace: Namespace, workflow: str) -> Ticket:
        versions = self._streams.get(workflow_stream(namespace, workflow))
        if not versions:
            raise UnknownWorkflow(f"There is no workflow {workflow!r}.")
        number = self._numbers[workflow] = self._numbers.get(workflow, 0) + 1
        return Ticket(number, len(versions))

    async def definition(
        self, namespace: Namespace, workflow: str, version: int
    ) -> WorkflowDefinition:
        versions = self._streams.get(workflow_stream(namespace, workflow), [])
        if not 1 <= version <= len(versions):
            raise UnknownWorkflow(f"There is no version {version} of {workflow!r}.")
        event = versions[version - 1].event
        assert isinstance(event, WorkflowVersionRegistered)
        return event.definition


class Rehearsal:
    """One workflow, and the runs of it that a test brings about."""

    def __init__(self) -> None:
        self.memory = Memory()
        self.runs: dict[UUID, Run] = {}
        self._handler = CommandHandler(self.memory, self.memory, self.memory)

    async def register(self, definition: WorkflowDefinition) -> None:
        await self._do(None, RegisterWorkflow(definition=definition), "author")

    async def do(
        self,
        run_id: UUID | None,
        command: Command,
        actor: str,
        groups: Sequence[str] = (),
    ) -> UUID:
        """Have a command carried out; the run that it was about, or that it made.

        Raises:
            RunledgerError: as the service would.
        """
        done = await self._do(run_id, command, actor, groups)
        return done.answer.run_id

    async def lease(self, run_id: UUID, step: str | None = None) -> str:
        """Give a worker the first job that is due; its step.

        Raises:
            WrongState: there is none.
        """
        for job in whole_agenda(self.runs[run_id], self._by()).queued:
            if job.wait_us > 0 or step not in (None, job.step):
                continue
            command = own.LeaseJob(
                step=job.step,
                iteration=job.iteration,
                attempt=job.attempt,
                lease=uuid4(),
                worker=WORKER,
                lease_s=LEASE_S,
            )
            await self._do(run_id, command, WORKER)
            return job.step
        raise WrongState(
            "No job is due." if step is None else f"Step {step!r} has no job due."
        )

    async def lose(self, run_id: UUID, step: str) -> None:
        """The worker that has the step's job is never heard of again."""
        job = self.runs[run_id].steps[step].open_job
        if job is None or job.lease is None:
            raise WrongState(f"No worker has a job of step {step!r}.")
        await self._do(run_id, own.LoseJob(step=step, lease=job.lease), SERVICE)

    def jobs(self, run_id: UUID) -> list[dict[str, Any]]:
        """Those that are queued, with the wait until they may be leased, and those that
        are leased, with what their heartbeats bring."""
        agenda = whole_agenda(self.runs[run_id], self._by())
        queued = [
            {"step": job.step, "wait_s": job.wait_us / 1_000_000}
            for job in agenda.queued
        ]
        leased = [
            {"step": job.step, "lease": str(job.lease), "canceling": job.canceling}
            for job in agenda.leased
        ]
        return queued + leased

    def next_timer_s(self, run_id: UUID) -> float | None:
        """In how many seconds the next one is due."""
        timers = whole_agenda(self.runs[run_id], self._by()).timers
        first = min((each.wait_us for each in timers), default=None)
        return None if first is None else first / 1_000_000

    def value(self, found: Content | None) -> Any:
        """Of a content, wherever it lies."""
        if found is None or found.digest is None:
            return None if found is None else found.value
        return json.loads(self.memory.contents[found.digest])

    async def pass_time(self, run_id: UUID, seconds: float) -> None:
        """Time passes; what is due meanwhile happens when it is due, in order."""
        until = self.memory.now + timedelta(seconds=seconds)
        for _ in range(MOST_TIMERS):
            timers = whole_agenda(self.runs[run_id], self._by()).timers
            first = min(timers, key=lambda timer: timer.wait_us, default=None)
            if first is None:
                break
            due = self.memory.now + timedelta(microseconds=first.wait_us)
            if due > until:
                break
            self.memory.now = due
            await self._do(run_id, command_of(first), SERVICE)
        self.memory.now = until

    async def _do(
        self,
        run_id: UUID | None,
        command: Command,
        actor: str,
        groups: Sequence[str] = (),
    ) -> Done:
        request = Request(
            namespace=NAMESPACE,
            run_id=run_id,
            commands=[command],
            principal=actor,
            actor=actor,
            key=None,
            body_digest=b"",
            groups=frozenset(groups),
            at=self.memory.now,
        )
        done = await self._handler.carry_out(request)
        if done.run is not None:
            self.runs[done.answer.run_id] = done.run
        return done

    def _by(self) -> By:
        return By(SERVICE, self.memory.now)


def command_of(timer: Timer) -> own.OwnCommand:
    """What a timer asks of its run."""
    match timer.kind:
        case "step_timeout":
            return own.TimeOutStep(
                step=timer.step, iteration=timer.iteration, attempt=timer.nth
            )
        case "run_timeout":
            return own.TimeOutRun()
        case "approval_expiry":
            return own.ExpireApproval(step=timer.step, iteration=timer.iteration)
        case "approval_reminder":
            return own.RemindApproval(
                step=timer.step, iteration=timer.iteration, nth=timer.nth
            )
