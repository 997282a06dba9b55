"""A retry: a new run and a link from the finished one, appended together."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from domain.errors import UnknownRun, WrongState
from domain.events import By
from domain.ids import Namespace, RunId, new_id
from domain.known_runs import Known
from domain.plans import Plan, agendas_of, append_of, facts_of, require_version
from domain.ports import NO_HASH, Stretch
from domain.requests import Answer, Done, Linked
from domain.run.context import RetryContext
from domain.run.decisions import decide_retry
from domain.run.evolution import fold
from domain.run.state import Run

if TYPE_CHECKING:
    from domain.errors import StaleVersion
    from domain.loading import Runs
    from domain.ports import Appended, Catalogue, Numbers, Ticket
    from domain.requests import Request
    from domain.run.commands import RetryRun


class Retry:
    """``stream_id`` is the finished run: two retries of it take turns."""

    def __init__(
        self,
        request: Request,
        command: RetryRun,
        runs: Runs,
        numbers: Numbers,
        catalogue: Catalogue,
    ) -> None:
        if request.run_id is None:
            raise UnknownRun("The command names no run.")
        self.namespace = Namespace(request.namespace)
        self.stream_id = request.run_id
        self.version_seen = 0
        self._request = request
        self._command = command
        self._runs = runs
        self._numbers = numbers
        self._catalogue = catalogue
        self._new_run = RunId(new_id())
        self._by = By(request.actor, request.at or datetime.now(UTC))
        self._ticket: Ticket | None = None

    async def plan(self, *, fresh: bool) -> Plan:
        request = self._request
        old = await self._runs.get(self.namespace, self.stream_id, fresh=fresh)
        if old is None:
            raise UnknownRun(f"There is no run {self.stream_id}.")
        self.version_seen = old.run.version
        require_version(request, old.run.version)
        if len(request.commands) > 1:
            raise WrongState(
                "A retry makes another run: send it alone, not among other commands."
            )
        context = await self._context(old.run, fresh=fresh)
        decided = decide_retry(old.run, self._command, context)
        if self._ticket is None:
            # Only now that it is allowed: a number that is taken is used up.
            self._ticket = await self._numbers.take(self.namespace, old.run.workflow)
            context = await self._context(old.run, fresh=fresh)
            decided = decide_retry(old.run, self._command, context)
        contents: dict[str, bytes] = {}
        new_facts, old_facts = (
            facts_of(
                [(event, self._by) for event in events], request.principal, contents
            )
            for events in decided
        )
        empty = Run(context.definition)
        new_run = fold(empty, ((f.event, f.by) for f in new_facts))
        old_run = fold(old.run, ((f.event, f.by) for f in old_facts))
        append = append_of(
            request,
            self.namespace,
            [
                Stretch(self._new_run, 0, NO_HASH, new_facts),
                Stretch(self.stream_id, old.run.version, old.hash, old_facts),
            ],
            contents,
            agendas=agendas_of(self._new_run, empty, new_run, new_facts),
        )

        def committed(appended: Appended) -> Done:
            new_end, old_end = appended.ends
            namespace = self.namespace
            self._runs.put(
                self._new_run,
                Known(namespace, new_run, new_end.hash, new_end.position),
            )
            self._runs.put(
                self.stream_id,
                Known(namespace, old_run, old_end.hash, old_end.position),
            )
            answer = Answer(
                self._new_run,
                new_run.workflow,
                new_run.number,
                new_run.version,
                new_end.position,
                new_run.state.value,
                Linked(
                    self.stream_id, old_run.number, old_run.version, old_end.position
                ),
            )
            return Done(answer, new_run, tuple(fact.event for fact in new_facts))

        return Plan(append, committed)

    def overtaken(self, error: StaleVersion) -> None:
        version = error.details.get("version", 0)
        if not isinstance(version, int) or version <= self.version_seen:
            self._runs.forget(self.stream_id)

    def refused_command(self) -> object:
        return self._command

    async def _context(self, old: Run, *, fresh: bool) -> RetryContext:
        version = self._command.version or old.workflow_version
        definition = old.definition
        if version != old.workflow_version:
            definition = await self._catalogue.definition(
                self.namespace, old.workflow, version
            )
        latest: tuple[RunId, Run] | None = None
        if old.retries:
            run_id = old.retries[-1]
            known = await self._runs.get(self.namespace, run_id, fresh=fresh)
            assert known is not None, "a retry was recorded that is not there"
            latest = RunId(run_id), known.run
        return RetryContext(
            self._by,
            RunId(self.stream_id),
            self._new_run,
            self._ticket.number if self._ticket is not None else 0,
            definition,
            version,
            latest,
        )
