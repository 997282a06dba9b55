"""The command handler: load, decide, append; and again when somebody was first.

On the way that nearly all commands take nothing is read: the run is known from the
last command, and the append finds out whether it has moved on and whether its key was
used before. What would be answered **without** an append (a refusal, a stale If-Match,
nothing to do) is decided a second time on what the log holds by then, and only given
when the key was not used either: a stale memory never appends, so it would never find
out.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import TYPE_CHECKING

from domain.bulk.commands import BulkTask
from domain.errors import Conflict, KeyReused, NotFound, Refused, StaleVersion
from domain.handling_bulk import BulkCommands, Bulks
from domain.handling_retries import Retry
from domain.handling_runs import RunCommands
from domain.handling_workflows import Registration, Registrations
from domain.known_runs import Turns
from domain.loading import Runs
from domain.ports import Append, StoredAnswer
from domain.refusals import refusal
from domain.requests import Answer, Done, Linked, Request
from domain.run.commands import RetryRun
from domain.workflow.commands import RegisterWorkflow

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from domain.known_runs import Known
    from domain.plans import Task
    from domain.ports import Catalogue, EventLog, Numbers
    from domain.run.state import Run

__all__ = ["Answer", "CommandHandler", "Done", "Linked", "Request"]

KNOWN_RUNS = 10_000
TRIES = 10


class CommandHandler:
    """Carries out commands for all tasks of one process."""

    def __init__(
        self,
        log: EventLog,
        numbers: Numbers,
        catalogue: Catalogue,
        *,
        known_runs: int = KNOWN_RUNS,
    ) -> None:
        self._log = log
        self._numbers = numbers
        self._catalogue = catalogue
        self._runs = Runs(log, catalogue, known_runs)
        self._registrations = Registrations(log)
        self.bulks = Bulks(log)
        self._turns = Turns()

    def remembered(self, run_id: UUID) -> Known | None:
        """The run as this process saw it last, if it still knows it. Others may have
        moved it on; who it was that started an attempt, never changes."""
        return self._runs.remembered(run_id)

    async def run(self, namespace: str, run_id: UUID) -> Run | None:
        """The run as the log has it now; None if the namespace has none of that id.

        Raises:
            Unavailable: the log cannot be read.
        """
        known = await self._runs.get(namespace, run_id, fresh=True)
        return None if known is None else known.run

    async def handle(self, request: Request) -> Answer:
        """Carry out all of a request's commands, or none.

        Without a key nothing is remembered of it but the events: where there are none,
        nothing is appended, and a refusal is not kept.

        Raises:
            Refused: the rules do not allow one of them; kept, with its reason.
            NotFound: there is no such run, workflow, version or step.
            StaleVersion: the run is not at the version of ``if_match``.
            KeyReused: the key was used for another request.
            Conflict: others change the run faster than this could be decided.
            TooLarge: an event would be over its limit.
            Unavailable: the store is away; the same key shows whether it was done.
        """
        return (await self.carry_out(request)).answer

    async def carry_out(self, request: Request) -> Done:
        """The same, with the run and what was recorded of it.

        Raises: as ``handle``.
        """
        task = self._task(request)
        async with self._turns.of(task.stream_id):
            return await self._settle(request, task)

    async def handle_batch(
        self, requests: Sequence[Request]
    ) -> list[Answer | Exception]:
        """Carry out many requests; those for one run in their order.

        What one of them raises is in its place, and keeps no other from being done.
        """
        return [
            each.answer if isinstance(each, Done) else each
            for each in await self.carry_out_batch(requests)
        ]

    async def carry_out_batch(
        self, requests: Sequence[Request]
    ) -> list[Done | Exception]:
        """The same, with the runs and what was recorded of them."""
        results: list[Done | Exception] = [Conflict("not tried")] * len(requests)
        by_run: defaultdict[object, list[int]] = defaultdict(list)
        for place, request in enumerate(requests):
            by_run[request.run_id or place].append(place)

        async def carry_out(places: list[int]) -> None:
            for place in places:
                try:
                    results[place] = await self.carry_out(requests[place])
                except Exception as error:
                    results[place] = error

        await asyncio.gather(*map(carry_out, by_run.values()))
        return results

    def _task(self, request: Request) -> Task:
        match request.commands[0]:
            case RegisterWorkflow() as command:
                return Registration(request, command, self._registrations)
            case command if isinstance(command, BulkTask):
                return BulkCommands(request, self.bulks)
            case RetryRun() as command:
                return Retry(
                    request, command, self._runs, self._numbers, self._catalogue
                )
            case _:
                return RunCommands(request, self._runs, self._numbers, self._catalogue)

    async def _settle(self, request: Request, task: Task) -> Done:
        fresh = False
        for _ in range(TRIES):
            try:
                plan = await task.plan(fresh=fresh)
            except (Refused, NotFound, StaleVersion) as error:
                if not fresh:
                    fresh = True
                    continue
                if (answer := await self._answer_before(request)) is not None:
                    return Done(answer)
                if isinstance(error, Refused) and request.key is not None:
                    await self._keep(request, task, error)
                raise
            if not plan.append.stretches:
                if not fresh:
                    fresh = True
                    continue
                if (answer := await self._answer_before(request)) is not None:
                    return Done(answer)
                if request.key is None and plan.nothing is not None:
                    return plan.nothing
            try:
                result = await self._log.append(plan.append)
            except StaleVersion as error:
                task.overtaken(error)
                fresh = True
                continue
            if isinstance(result, StoredAnswer):
                return Done(await self._repeated(request, result))
            return plan.committed(result)
        raise Conflict(
            f"Others changed it {TRIES} times while this was being decided: try again."
        )

    async def _keep(self, request: Request, task: Task, error: Refused) -> None:
        refused = refusal(request, task, error)
        await self._log.append(Append(task.namespace, refusals=[refused]))

    async def _answer_before(self, request: Request) -> Answer | None:
        """The answer that was given under the request's key, if it has one."""
        if request.key is None:
            return None
        stored = await self._log.answer(
            request.namespace, request.principal, request.key
        )
        if stored is None:
            return None
        if stored.body_digest != request.body_digest:
            raise KeyReused(
                f"The idempotency key {request.key!r} was used for another command: "
                "take a new key for a new command."
            )
        return await self._repeated(request, stored)

    async def _repeated(self, request: Request, stored: StoredAnswer) -> Answer:
        """The first answer once more: the run as it was then."""
        if isinstance(request.commands[0], RegisterWorkflow):
            name = request.commands[0].definition.name
            version, position = stored.version, stored.position
            return Answer(stored.run_id, name, 0, version, position, "", repeated=True)
        if isinstance(request.commands[0], BulkTask):
            return await self.bulks.answered(stored)
        known = await self._runs.at_version(stored.run_id, stored.version)
        assert known is not None, "an answer was stored for a run that is not there"
        return Answer(
            stored.run_id,
            known.run.workflow,
            known.run.number,
            stored.version,
            stored.position,
            known.run.state.value,
            await self._linked(stored),
            repeated=True,
        )

    async def _linked(self, stored: StoredAnswer) -> Linked | None:
        run_id, version = stored.linked_run_id, stored.linked_version
        if run_id is None or version is None or stored.linked_position is None:
            return None
        other = await self._runs.at_version(run_id, version)
        assert other is not None, "an answer was stored for a run that is not there"
        return Linked(run_id, other.run.number, version, stored.linked_position)
