"""What fills a database: commands are decided, appended, published and projected by
the real code, each at the moment a test says.
"""

from __future__ import annotations

import hashlib
import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

import psycopg
from anyio.from_thread import start_blocking_portal

from domain.events import By
from domain.ids import Namespace, RunId, workflow_stream
from domain.plans import agendas_of
from domain.ports import (
    NO_HASH,
    Append,
    Appended,
    Fact,
    NewRefusal,
    RunAgenda,
    Stretch,
)
from domain.run.commands import CreateRun, ObserveRun, RetryRun
from domain.run.contents import detach
from domain.run.context import Context, RetryContext, told_by
from domain.run.decisions import decide, decide_retry
from domain.run.evolution import fold
from domain.run.own_commands import LeaseJob
from domain.run.state import Run
from domain.workflow.definition import StepDefinition, WorkflowDefinition
from domain.workflow.events import WorkflowVersionRegistered
from infra.event_store.writer import Writer
from projections.catching_up import catch_up
from projections.generation import Generation

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from types import TracebackType

    from anyio.from_thread import BlockingPortal

    from domain.events import Event
    from domain.run.commands import RunCommand
    from domain.run.own_commands import OwnCommand
    from tests.support.database import Database

DEPLOY = WorkflowDefinition(
    name="deploy",
    steps=(
        StepDefinition(name="build"),
        StepDefinition(name="test", needs=("build",)),
        StepDefinition(name="review", kind="approval", needs=("test",)),
        StepDefinition(name="ship", needs=("review",), effects="once"),
    ),
)

DEFAULT = Namespace("default")
SECOND = timedelta(seconds=1)


class World:
    """A service without processes: it goes on when it is told to."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.now = datetime(2026, 11, 1, 12, tzinfo=UTC)
        """Of the next command. Every one moves it on by a second."""
        self.runs: dict[RunId, Run] = {}
        self.position = 0
        self.correlation: uuid.UUID | None = None
        """What the next commands' callers send with them; and the causation."""
        self.causation: uuid.UUID | None = None
        self._ends: dict[uuid.UUID, tuple[int, bytes]] = {}
        self._versions: dict[tuple[str, str], list[WorkflowDefinition]] = {}
        self._numbers: dict[tuple[str, str], int] = {}
        self._namespaces: dict[RunId, Namespace] = {}

    def __enter__(self) -> Self:
        self._portal_scope: AbstractContextManager[BlockingPortal] = (
            start_blocking_portal("asyncio", {"use_uvloop": True})
        )
        self._portal = self._portal_scope.__enter__()
        self._writer_scope = self._portal.wrap_async_context_manager(
            Writer(self.database.url("runledger_command"))
        )
        self._writer = self._writer_scope.__enter__()
        self._projector = psycopg.connect(
            self.database.url("runledger_projector"), autocommit=True
        )
        self._generation = Generation(self._projector, 1)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._projector.close()
        self._writer_scope.__exit__(kind, error, trace)
        self._portal_scope.__exit__(kind, error, trace)

    def token(
        self,
        *roles: str,
        namespace: str = "default",
        name: str = "ada",
        groups: Sequence[str] = (),
    ) -> str:
        """The secret of a new token, of a viewer if no roles are named."""
        secret = f"rl_{uuid.uuid4().hex}"
        self.execute(
            "INSERT INTO access.tokens"
            " (id, namespace, name, roles, groups, hash, created_by)"
            " VALUES (%s, %s, %s, %s, %s, %s, 'tests')",
            uuid.uuid4(),
            namespace,
            name,
            list(roles or ("viewer",)),
            list(groups),
            hashlib.sha256(secret.encode()).digest(),
        )
        return secret

    def execute(self, statement: str, *params: object) -> list[tuple[Any, ...]]:
        """A statement as the superuser, by hand."""
        with psycopg.connect(self.database.url("postgres")) as connection:
            cursor = connection.execute(statement.encode(), params)
            return cursor.fetchall() if cursor.description else []

    def register(
        self, definition: WorkflowDefinition = DEPLOY, namespace: Namespace = DEFAULT
    ) -> int:
        """Make it the newest version; its number."""
        versions = self._versions.setdefault((namespace, definition.name), [])
        versions.append(definition)
        event = WorkflowVersionRegistered(
            name=definition.name,
            version=len(versions),
            definition=definition,
            digest=definition.digest,
        )
        stream = workflow_stream(namespace, definition.name)
        self._append(namespace, [(stream, [(event, By("ada", self._tick()))])])
        return len(versions)

    def create(
        self,
        workflow: str = "deploy",
        *,
        actor: str = "ada",
        namespace: Namespace = DEFAULT,
        opening: CreateRun | ObserveRun | None = None,
    ) -> RunId:
        """A new run of the newest version, started."""
        versions = self._versions[namespace, workflow]
        run_id = RunId(uuid.uuid4())
        self._namespaces[run_id] = namespace
        self.runs[run_id] = Run(versions[-1])
        command = opening or CreateRun(workflow=workflow)
        self._carry_out(
            run_id, command, actor, self._number(namespace, workflow), len(versions)
        )
        return run_id

    def do(
        self,
        run_id: RunId,
        *commands: RunCommand | OwnCommand,
        actor: str = "worker-1",
        groups: Sequence[str] = (),
    ) -> Run:
        """Carry commands out; the run after them."""
        for command in commands:
            self._carry_out(run_id, command, actor, groups=groups)
        return self.runs[run_id]

    def lease(
        self, run_id: RunId, step: str, *, worker: str = "host-1", lease_s: float = 30
    ) -> uuid.UUID:
        """A worker takes the step's job; the lease."""
        job = self.runs[run_id].steps[step].open_job
        assert job is not None
        lease = uuid.uuid4()
        command = LeaseJob(
            step=step,
            iteration=job.iteration,
            attempt=job.attempt,
            lease=lease,
            worker=worker,
            lease_s=lease_s,
        )
        self.do(run_id, command, actor="team")
        return lease

    def beat(self, run_id: RunId, step: str, progress: str) -> None:
        """A heartbeat of whoever has the step's job. ``progress``: JSON."""
        job = self.runs[run_id].steps[step].open_job
        assert job is not None
        (told,) = self.execute(
            "SELECT state FROM ledger.beat_jobs('default', %s, %s, %s, %s, %s)",
            job.principal,
            [run_id],
            [step],
            [job.lease],
            [progress],
        )
        assert told[0] != "gone"

    def see(
        self,
        worker: str,
        *,
        queue: str,
        workflows: Sequence[str] = ("deploy",),
        capabilities: Sequence[str] = (),
        slots: int | None = None,
        ago_s: float = 0,
    ) -> None:
        """A worker asked for jobs, so long ago."""
        self.execute(
            "SELECT ledger.see_worker('default', %s, 'team', %s, %s, %s, %s)",
            worker,
            queue,
            list(workflows),
            list(capabilities),
            slots,
        )
        self.execute(
            "UPDATE ledger.workers SET seen = seen - %s * interval '1 second'"
            " WHERE worker = %s",
            ago_s,
            worker,
        )

    def tell(self, stream: uuid.UUID, *events: Event, actor: str = "ada") -> None:
        """Put events of a stream on record that is neither a run nor a workflow."""
        told = [(event, By(actor, self._tick())) for event in events]
        self._append(DEFAULT, [(stream, told)])

    def retry(self, run_id: RunId, command: RetryRun | None = None) -> RunId:
        """A retry of a finished run; the new run."""
        old, new_id = self.runs[run_id], RunId(uuid.uuid4())
        namespace = self._namespaces[new_id] = self._namespaces[run_id]
        by = By("ada", self._tick())
        context = RetryContext(
            by=by,
            run_id=run_id,
            new_run=new_id,
            new_number=self._number(namespace, old.workflow),
            definition=old.definition,
            workflow_version=old.workflow_version,
        )
        news, olds = decide_retry(old, command or RetryRun(), context)
        self.runs[new_id] = Run(old.definition)
        told = [
            (new_id, [(event, by) for event in news]),
            (run_id, [(event, by) for event in olds]),
        ]
        agendas: list[RunAgenda] = []
        for each, events in told:
            agendas += self._fold(each, events)
        self._append(namespace, told, agendas)
        return new_id

    def refuse(self, run_id: RunId, *, code: str = "wrong-state") -> None:
        """Put a refusal on record, as the handler would."""
        refusal = NewRefusal(
            uuid.uuid4(), run_id, "start_run", "{}", "ada", "ada", code, "No.", 3
        )
        self._portal.call(
            self._writer.append,
            Append(self._namespaces[run_id], refusals=[refusal]),
        )

    def keep(self, value: bytes, namespace: Namespace = DEFAULT) -> str:
        """Store a large value; its digest."""
        digest = hashlib.sha256(value).hexdigest()
        self._portal.call(
            self._writer.append, Append(namespace, contents={digest: value})
        )
        return digest

    def publish(self) -> None:
        """As if the publisher had carried all of the log to Kafka."""
        self.execute(
            """
            UPDATE projection.publisher_checkpoint
               SET position = (SELECT position FROM ledger.log_head),
                   partition_positions = (
                       SELECT array_agg(last ORDER BY n)
                         FROM (SELECT n, coalesce(max(e.notification_id), 0) AS last
                                 FROM generate_series(0, 7) AS n
                                 LEFT JOIN ledger.runledger_events AS e
                                   ON projection.partition_of(e.originator_id) = n
                                GROUP BY n) AS partitions)
            """
        )

    def project(self, partitions: Iterable[int] = range(8), parking: int = 0) -> int:
        """Bring the read tables to the end of the log, and tell those who wait.

        ``parking``: how many events are expected to be parked.
        """
        self.publish()
        published = self._generation.log.published()
        parked = catch_up(
            self._generation, {each: published[each] for each in partitions}
        )
        assert len(parked) == parking, parked
        return self.position

    def _carry_out(
        self,
        run_id: RunId,
        command: RunCommand | OwnCommand,
        actor: str,
        number: int = 0,
        version: int = 0,
        groups: Sequence[str] = (),
    ) -> None:
        context = Context(
            by=By(actor, self._tick()),
            run_id=run_id,
            recorded_by=actor,
            number=number,
            workflow_version=version,
            groups=frozenset(groups),
        )
        by = told_by(command, context.by)
        decided, apart = detach(decide(self.runs[run_id], command, context))
        events = [(event, by) for event in decided]
        agendas = self._fold(run_id, events)
        self._append(self._namespaces[run_id], [(run_id, events)], agendas, apart)

    def _fold(
        self, run_id: RunId, events: Sequence[tuple[Event, By]]
    ) -> list[RunAgenda]:
        if not events:
            return []
        before = self.runs[run_id]
        after = self.runs[run_id] = fold(before, events)
        facts = [Fact(event, by, "service") for event, by in events]
        return agendas_of(run_id, before, after, facts)

    def _append(
        self,
        namespace: Namespace,
        streams: Iterable[tuple[uuid.UUID, Sequence[tuple[Event, By]]]],
        agendas: Sequence[RunAgenda] = (),
        contents: Mapping[str, bytes] | None = None,
    ) -> None:
        stretches = [
            Stretch(
                stream,
                *self._ends.get(stream, (0, NO_HASH)),
                [Fact(event, by, "service") for event, by in events],
            )
            for stream, events in streams
        ]
        result = self._portal.call(
            self._writer.append,
            Append(
                namespace,
                _filled(stretches),
                agendas=agendas,
                contents=contents or {},
                correlation_id=self.correlation,
                causation_id=self.causation,
            ),
        )
        assert isinstance(result, Appended)
        for stretch, end in zip(_filled(stretches), result.ends, strict=True):
            self._ends[stretch.stream_id] = end.version, end.hash
            self.position = max(self.position, end.position)

    def _number(self, namespace: str, workflow: str) -> int:
        number = self._numbers.get((namespace, workflow), 0) + 1
        self._numbers[namespace, workflow] = number
        return number

    def _tick(self) -> datetime:
        self.now += SECOND
        return self.now


def _filled(stretches: Sequence[Stretch]) -> list[Stretch]:
    return [stretch for stretch in stretches if stretch.facts]
