"""Commands to one run, one decided on top of the other, appended together."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

from domain.errors import RunExists, RunledgerError, UnknownRun, WrongState
from domain.events import By
from domain.ids import Namespace, RunId, new_id
from domain.known_runs import Known
from domain.plans import Plan, agendas_of, append_of, facts_of, require_version
from domain.ports import NO_HASH, StoredAnswer, Stretch
from domain.requests import Answer, Done
from domain.run.commands import ObserveRun, Opening, RetryRun
from domain.run.context import Context
from domain.run.decisions import decide_all, outcome
from domain.run.evolution import fold
from domain.run.state import Run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from domain.errors import StaleVersion
    from domain.loading import Runs
    from domain.ports import Appended, Catalogue, Fact, Numbers, Ticket
    from domain.requests import Request
    from domain.run.commands import RunCommand


class RunCommands:
    """All kinds but a retry."""

    def __init__(
        self, request: Request, runs: Runs, numbers: Numbers, catalogue: Catalogue
    ) -> None:
        self.namespace = Namespace(request.namespace)
        self._request = request
        self._commands = cast("Sequence[RunCommand]", request.commands)
        self._runs = runs
        self._numbers = numbers
        self._catalogue = catalogue
        first = request.commands[0]
        self._opening = first if isinstance(first, Opening) else None
        if request.run_id is None and self._opening is None:
            raise UnknownRun("The command names no run.")
        self.stream_id = request.run_id or new_id()
        self.version_seen = 0
        self._by = By(request.actor, request.at or datetime.now(UTC))
        self._ticket: Ticket | None = None
        self._overtaken = 0
        self._last: tuple[Run, Context] | None = None

    async def plan(self, *, fresh: bool) -> Plan:
        request = self._request
        known = await self._known(fresh=fresh)
        self.version_seen = known.run.version
        require_version(request, known.run.version)
        context = self._context(known.run)
        self._last = known.run, context
        if any(isinstance(command, RetryRun) for command in self._commands):
            raise WrongState(
                "A retry makes another run: send it alone, not among other commands."
            )
        contents: dict[str, bytes] = {}
        decided, run = outcome(known.run, self._commands, context)
        if not decided:
            return self._nothing(known)
        facts = facts_of(decided, request.principal, contents)
        if contents:
            # Remember what is recorded: the digests, not the values themselves.
            run = fold(known.run, ((fact.event, fact.by) for fact in facts))
        append = append_of(
            request,
            self.namespace,
            [self._stretch(known, facts)],
            contents,
            agendas=agendas_of(self.stream_id, known.run, run, facts),
        )
        events = tuple(fact.event for fact in facts)

        def committed(appended: Appended) -> Done:
            (end,) = appended.ends
            self._runs.put(
                self.stream_id, Known(self.namespace, run, end.hash, end.position)
            )
            return Done(self._answer(run, end.position), run, events)

        return Plan(append, committed)

    def overtaken(self, error: StaleVersion) -> None:
        self._overtaken += 1
        version = error.details.get("version", 0)
        if not isinstance(version, int) or version <= self.version_seen:
            # Memory is ahead of the log, or beside it: a backup was put back.
            self._runs.forget(self.stream_id)

    def refused_command(self) -> object:
        """The one that ends the shortest list that is refused."""
        if self._last is None:
            return self._commands[0]
        fine, refused = 0, len(self._commands)
        while refused - fine > 1:
            middle = (fine + refused) // 2
            try:
                decide_all(self._last[0], self._commands[:middle], self._last[1])
            except RunledgerError:
                refused = middle
            else:
                fine = middle
        return self._commands[refused - 1]

    async def _known(self, *, fresh: bool) -> Known:
        """The run, or an empty one of the definition that it is to have."""
        # A new id is nobody's. One that the caller made may be taken; the append
        # finds out, except for imports, which are often done again.
        if (
            self._opening is None
            or fresh
            or (self._request.run_id and isinstance(self._opening, ObserveRun))
        ):
            known = await self._runs.get(self.namespace, self.stream_id, fresh=fresh)
            if known is not None:
                return known
        if self._opening is None:
            raise UnknownRun(f"There is no run {self.stream_id}.")
        if self._overtaken > 1:
            # Of another namespace, or no run at all.
            raise RunExists("This id is taken: take another one.")
        if self._ticket is None:
            self._ticket = await self._numbers.take(
                self.namespace, self._opening.workflow
            )
        definition = await self._catalogue.definition(
            self.namespace,
            self._opening.workflow,
            self._opening.version or self._ticket.newest,
        )
        return Known(self.namespace, Run(definition), NO_HASH, 0)

    def _context(self, run: Run) -> Context:
        number, version = run.number, run.workflow_version
        if not run.version and self._ticket is not None and self._opening is not None:
            number = self._ticket.number
            version = self._opening.version or self._ticket.newest
        return Context(
            self._by,
            RunId(self.stream_id),
            self._request.principal,
            number,
            version,
            self._request.groups,
        )

    def _stretch(self, known: Known, facts: Sequence[Fact]) -> Stretch:
        return Stretch(self.stream_id, known.run.version, known.hash, facts)

    def _nothing(self, known: Known) -> Plan:
        """Remember the key all the same: repeated, it must not do something later."""
        run, position = known.run, known.position
        stored = StoredAnswer(
            self._request.body_digest, self.stream_id, run.version, position
        )
        append = append_of(self._request, self.namespace, [], {}, stored)
        done = Done(self._answer(run, position), run)
        return Plan(append, lambda _: done, done)

    def _answer(self, run: Run, position: int) -> Answer:
        return Answer(
            self.stream_id,
            run.workflow,
            run.number,
            run.version,
            position,
            run.state.value,
        )
