"""Registering a workflow: its stream's event *n* is its version *n*."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from domain.events import By
from domain.ids import Namespace, workflow_stream
from domain.plans import Plan, append_of, require_version
from domain.ports import NO_HASH, Fact, StoredAnswer, Stretch
from domain.requests import Answer, Done
from domain.workflow.decisions import register_workflow
from domain.workflow.events import WorkflowVersionRegistered

if TYPE_CHECKING:
    from uuid import UUID

    from domain.errors import StaleVersion
    from domain.ports import Appended, EventLog
    from domain.requests import Request
    from domain.workflow.commands import RegisterWorkflow

KNOWN_WORKFLOWS = 100


class Newest(NamedTuple):
    """A workflow's last version and where it lies."""

    event: WorkflowVersionRegistered
    version: int
    hash: bytes
    position: int


class Registrations:
    """The newest version of the workflows that were registered through here."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._newest: dict[UUID, Newest] = {}

    async def newest(self, stream_id: UUID) -> Newest | None:
        """What the log holds now."""
        known = self._newest.get(stream_id)
        tail = await self._log.tail(stream_id, known.version if known else 0)
        if tail.events:
            last = tail.events[-1]
            assert isinstance(last.event, WorkflowVersionRegistered)
            known = Newest(last.event, last.version, tail.hash, last.position)
            self.put(stream_id, known)
        return known

    def put(self, stream_id: UUID, newest: Newest) -> None:
        if len(self._newest) >= KNOWN_WORKFLOWS:
            self._newest.clear()
        self._newest[stream_id] = newest

    def forget(self, stream_id: UUID) -> None:
        self._newest.pop(stream_id, None)


class Registration:
    """One definition that is to be the newest version."""

    def __init__(
        self, request: Request, command: RegisterWorkflow, registrations: Registrations
    ) -> None:
        self.namespace = Namespace(request.namespace)
        self.stream_id = workflow_stream(request.namespace, command.definition.name)
        self.version_seen = 0
        self._request = request
        self._command = command
        self._registrations = registrations
        self._by = By(request.actor, request.at or datetime.now(UTC))

    async def plan(self, *, fresh: bool) -> Plan:
        newest = await self._registrations.newest(self.stream_id)
        self.version_seen = newest.version if newest else 0
        require_version(self._request, self.version_seen)
        events = register_workflow(newest and newest.event, self._command)
        if not events:
            assert newest is not None
            return self._nothing(newest)
        (event,) = events
        assert isinstance(event, WorkflowVersionRegistered)
        facts = [Fact(event, self._by, self._request.principal)]
        stretch = Stretch(
            self.stream_id, self.version_seen, newest.hash if newest else NO_HASH, facts
        )
        append = append_of(self._request, self.namespace, [stretch], {})

        def committed(appended: Appended) -> Done:
            (end,) = appended.ends
            self._registrations.put(
                self.stream_id, Newest(event, end.version, end.hash, end.position)
            )
            return Done(self._answer(end.version, end.position))

        return Plan(append, committed)

    def overtaken(self, error: StaleVersion) -> None:
        self._registrations.forget(self.stream_id)

    def refused_command(self) -> object:
        return self._command

    def _nothing(self, newest: Newest) -> Plan:
        version, position = newest.version, newest.position
        stored = StoredAnswer(
            self._request.body_digest, self.stream_id, version, position
        )
        append = append_of(self._request, self.namespace, [], {}, stored)
        answer = self._answer(version, position)._replace(repeated=True)
        done = Done(answer)
        return Plan(append, lambda _: done, done)

    def _answer(self, version: int, position: int) -> Answer:
        name = self._command.definition.name
        return Answer(self.stream_id, name, 0, version, position, "")
