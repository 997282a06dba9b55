"""Histories for the read tables, written straight into the log.

Whole runs by hand, event by event: what a projector makes of them must not depend on
who decided them. The log's hashes are not real here, since no projector looks at them.
"""

from __future__ import annotations

import hashlib
import itertools
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import psycopg

from domain.ids import workflow_stream
from domain.run import events as e
from domain.run import job_events as j
from domain.workflow.definition import (
    ApprovalPolicy,
    StepDefinition,
    WorkflowDefinition,
)
from domain.workflow.events import WorkflowVersionRegistered
from infra.codec import encode

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from domain.events import Event

START = datetime(2026, 3, 1, 9, tzinfo=UTC)
NAMESPACE = "default"

_COLUMNS = (
    "originator_id, originator_version, topic, state, notification_id, event_id, "
    "namespace, actor, recorded_by, occurred_at, recorded_at, hash"
)
_TYPES = [
    *("uuid", "int8", "text", "bytea", "int8", "uuid"),
    *("text", "text", "text", "timestamptz", "timestamptz", "bytea"),
]


@dataclass
class Stream:
    """One stream's events as they are to be appended."""

    stream_id: uuid.UUID
    facts: list[tuple[Event, str, datetime]] = field(default_factory=list)
    namespace: str = NAMESPACE
    appended: int = 0

    def then(
        self, event: Event, actor: str = "worker", *, after_s: float = 1
    ) -> Stream:
        last = self.facts[-1][2] if self.facts else START
        self.facts.append((event, actor, last + timedelta(seconds=after_s)))
        return self


def definition(
    name: str = "release",
    steps: Sequence[str] = ("build", "test", "deploy"),
    *,
    queue: str | None = None,
) -> WorkflowDefinition:
    """Steps in a row, for workers where there is a queue."""
    return WorkflowDefinition(
        name=name,
        steps=tuple(
            StepDefinition(
                name=step, needs=tuple(steps[place - 1 : place]), queue=queue
            )
            for place, step in enumerate(steps)
        ),
    )


def registered(*definitions: WorkflowDefinition) -> Stream:
    """A workflow with these versions."""
    stream = Stream(workflow_stream(NAMESPACE, definitions[0].name))
    for version, each in enumerate(definitions, start=1):
        stream.then(
            WorkflowVersionRegistered(
                name=each.name, version=version, definition=each, digest=each.digest
            ),
            "ada",
        )
    return stream


def run_of(
    workflow: WorkflowDefinition,
    number: int = 1,
    *,
    run_id: uuid.UUID | None = None,
    **fields: Any,
) -> Stream:
    """A run that was just created."""
    return Stream(run_id or uuid.uuid4()).then(
        e.RunCreated(
            workflow=workflow.name, workflow_version=1, number=number, **fields
        ),
        "ada",
    )


def begun(workflow: WorkflowDefinition, number: int = 1) -> Stream:
    """A run whose first step is running."""
    first = workflow.steps[0].name
    return (
        run_of(workflow, number)
        .then(e.RunQueued())
        .then(e.StepQueued(step=first, attempt=1))
        .then(e.RunStarted())
        .then(e.StepStarted(step=first, attempt=1))
    )


def completed(workflow: WorkflowDefinition, number: int = 1) -> Stream:
    """A run all of whose steps completed, one after the other."""
    stream = run_of(workflow, number).then(e.RunQueued())
    for place, step in enumerate(workflow.steps):
        stream.then(e.StepQueued(step=step.name, attempt=1))
        if place == 0:
            stream.then(e.RunStarted())
        stream.then(e.StepStarted(step=step.name, attempt=1))
        output = e.Content(value={"step": step.name})
        stream.then(e.StepCompleted(step=step.name, attempt=1, output=output))
    return stream.then(e.RunCompleted())


def failed(workflow: WorkflowDefinition, number: int = 1) -> Stream:
    """A run whose first step failed for good."""
    first = workflow.steps[0].name
    error = e.Failure(type="ValueError", message="no \x00 such thing", traceback="...")
    stream = begun(workflow, number)
    stream.then(e.StepAttemptFailed(step=first, attempt=1, error=error))
    stream.then(e.StepFailed(step=first, attempt=1, error=error))
    for step in workflow.steps[1:]:
        stream.then(e.StepCanceled(step=step.name, reason=f"{first} failed"))
    return stream.then(e.RunFailed(step=first, attempt=1, error=error))


def waiting(workflow: WorkflowDefinition, number: int = 1) -> Stream:
    """A run whose first step waits for approval of its output."""
    first = workflow.steps[0].name
    return (
        begun(workflow, number)
        .then(
            e.ApprovalRequested(
                step=first,
                attempt=1,
                policy=ApprovalPolicy(approvers=("bob", "eve"), required=1),
                subject=e.Content(value={"report": "fine"}),
                summary="Ship it?",
                subject_digest="d1",
            )
        )
        .then(e.RunPaused(cause="approval"))
    )


def taken(stream: Stream, step: str, attempt: int, iteration: int = 1) -> Stream:
    """A worker leases the step's job."""
    named: dict[str, Any] = {"step": step, "iteration": iteration, "attempt": attempt}
    lease = uuid.uuid5(stream.stream_id, f"{step} {attempt}")
    worker = f"host-{attempt}"
    stream.then(j.JobLeased(**named, lease=lease, worker=worker, lease_s=30), "team")
    return stream.then(e.StepStarted(**named), "team")


def troubled(workflow: WorkflowDefinition, number: int = 1) -> Stream:
    """A run of three steps with a queue to which everything happens that can happen
    to a job."""
    a, b, c = (step.name for step in workflow.steps)
    error = e.Failure(type="Timeout", message="no answer\nfrom the mirror")
    run = run_of(workflow, number).then(e.RunQueued())
    run.then(e.StepQueued(step=a, attempt=1))
    taken(run, a, 1).then(e.RunStarted())
    run.then(j.JobFailed(step=a, attempt=1))
    run.then(e.StepAttemptFailed(step=a, attempt=1, error=error))
    later = run.facts[-1][2] + timedelta(seconds=60)
    run.then(e.StepRetryScheduled(step=a, attempt=2, available_at=later))
    taken(run, a, 2).then(j.JobLost(step=a, attempt=2))
    run.then(j.StepAttemptLost(step=a, attempt=2))
    run.then(e.StepRetryScheduled(step=a, attempt=3))
    taken(run, a, 3).then(j.JobReleased(step=a, attempt=3, reason="shutting down"))
    run.then(j.StepRequeued(step=a, attempt=4, reason="shutting down"))
    taken(run, a, 4).then(j.JobSucceeded(step=a, attempt=4))
    run.then(e.StepCompleted(step=a, attempt=4))
    run.then(e.StepQueued(step=b, attempt=1))
    taken(run, b, 1)
    # Sent back to work while what is built on it is running.
    run.then(e.StepRedoRequested(step=a, iteration=2, feedback="shorter"), "eve")
    run.then(j.JobCanceled(step=b, attempt=1, reason="a is done again"), "eve")
    run.then(e.StepReset(step=b, iteration=2, because_of=a, attempt=1), "eve")
    run.then(e.StepQueued(step=a, iteration=2, attempt=5))
    taken(run, a, 5, 2).then(j.JobSucceeded(step=a, iteration=2, attempt=5))
    run.then(e.StepCompleted(step=a, iteration=2, attempt=5))
    run.then(e.StepQueued(step=b, iteration=2, attempt=2))
    run.then(e.RunCancelRequested(reason="too late"), "ada")
    named: dict[str, Any] = {"step": b, "iteration": 2}
    run.then(j.JobCanceled(**named, attempt=2, reason="too late"), "ada")
    run.then(e.StepCanceled(**named, reason="too late"), "ada")
    run.then(e.StepCanceled(step=c, reason="too late"), "ada")
    return run.then(e.RunCanceled(reason="too late"), "ada")


def mixture(workflow: WorkflowDefinition, runs: int) -> list[Stream]:
    """Runs of every kind."""
    kinds = (completed, failed, waiting, begun)
    return [kinds[n % len(kinds)](workflow, n + 1) for n in range(runs)]


def interleaved(streams: Iterable[Stream]) -> list[tuple[Stream, int]]:
    """One event of each stream in turn, as runs that go on at the same time do."""
    turns = itertools.zip_longest(
        *([(stream, n) for n in range(len(stream.facts))] for stream in streams)
    )
    return [each for turn in turns for each in turn if each is not None]


def append(url: str, streams: Sequence[Stream], *, wave: int = 100) -> int:
    """Put what is new of the streams into the log; its last position.

    ``wave``: so many streams go on at the same time.
    """
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT position FROM ledger.log_head FOR UPDATE"
        ).fetchone()
        assert row is not None
        position = int(row[0])
        with connection.cursor().copy(
            f"COPY ledger.runledger_events ({_COLUMNS}) FROM STDIN (FORMAT binary)"
        ) as copy:
            copy.set_types(_TYPES)
            for start in range(0, len(streams), wave):
                for stream, n in interleaved(streams[start : start + wave]):
                    if n < stream.appended:
                        continue
                    position += 1
                    copy.write_row(_row(stream, n, position))
        for stream in streams:
            stream.appended = len(stream.facts)
        connection.execute("UPDATE ledger.log_head SET position = %s", (position,))
        connection.execute("NOTIFY runledger_log")
    return position


def _row(stream: Stream, n: int, position: int) -> tuple[Any, ...]:
    event, actor, at = stream.facts[n]
    digest = hashlib.sha256(stream.stream_id.bytes + n.to_bytes(8, "big")).digest()
    return (
        stream.stream_id,
        n + 1,
        event.topic,
        encode(event),
        position,
        uuid.UUID(bytes=digest[:16]),
        stream.namespace,
        actor,
        actor,
        at,
        datetime.now(UTC),
        digest,
    )
