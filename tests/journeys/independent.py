"""What the tables must say, worked out from the raw log without our own fold.

Nothing of the domain is imported here: the state of a run is told by its events one
by one, so a dictionary and the topics are enough. That makes it a second opinion.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.rows import dict_row

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

LETTERS = {
    "not_started": ".",
    "queued": "q",
    "running": "r",
    "completed": "c",
    "waiting_for_approval": "w",
    "failed": "f",
    "canceled": "x",
    "rejected": "j",
}

TABLES = ("runs", "steps", "matrix", "approvals", "jobs", "workflow_counts")

Definitions = dict[tuple[str, str, int], dict[str, str | None]]
"""Of a version of a workflow in a namespace: its steps, each with its queue."""

RUN_STATES = {
    "run.created": "created",
    "run.queued": "queued",
    "run.started": "running",
    "run.completed": "completed",
    "run.failed": "failed",
    "run.canceled": "canceled",
}

STEP_STATES = {
    "run.step.queued": "queued",
    "run.step.retry_scheduled": "queued",
    "run.step.requeued": "queued",
    "run.step.started": "running",
    "run.step.completed": "completed",
    "run.step.failed": "failed",
    "run.step.canceled": "canceled",
    "run.step.rejected": "rejected",
    "run.step.reset": "not_started",
    "run.step.redo_requested": "not_started",
    "run.approval.requested": "waiting_for_approval",
}


@dataclass
class Fact:
    """One row of the log, the payload as plain JSON."""

    position: int
    stream: UUID
    version: int
    topic: str
    payload: dict[str, Any]
    row: dict[str, Any]


@dataclass
class Expected:
    """What a run's rows must say."""

    workflow: str = ""
    number: int = 0
    state: str = ""
    version: int = 0
    steps: dict[str, str] = field(default_factory=dict)
    attempts: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    approvals: dict[tuple[str, int], str] = field(default_factory=dict)
    queues: dict[str, str | None] = field(default_factory=dict)
    jobs: dict[tuple[str, int, int], str] = field(default_factory=dict)

    @property
    def cells(self) -> dict[str, str]:
        return {step: LETTERS[state] for step, state in self.steps.items()}


def read_log(url: str) -> list[Fact]:
    """Every event of the store by position."""
    with psycopg.connect(url, row_factory=dict_row) as connection:
        rows = connection.execute(
            "SELECT * FROM ledger.runledger_events ORDER BY notification_id"
        ).fetchall()
    return [
        Fact(
            row["notification_id"],
            row["originator_id"],
            row["originator_version"],
            row["topic"],
            json.loads(row["state"]),
            row,
        )
        for row in rows
    ]


def expected(facts: Iterable[Fact]) -> dict[UUID, Expected]:
    """Each run as its own events tell it."""
    definitions: Definitions = {}
    runs: dict[UUID, Expected] = {}
    for fact in facts:
        payload = fact.payload
        if fact.topic == "workflow.version.registered":
            key = (fact.row["namespace"], payload["name"], payload["version"])
            definitions[key] = {
                s["name"]: s.get("queue") for s in payload["definition"]["steps"]
            }
            continue
        run = runs.setdefault(fact.stream, Expected())
        run.version = fact.version
        _tell_run(run, fact, definitions)
        _tell_step(run, fact)
        _tell_job(run, fact)
    return runs


def _tell_run(run: Expected, fact: Fact, definitions: Definitions) -> None:
    payload = fact.payload
    if fact.topic == "run.created":
        run.workflow, run.number = payload["workflow"], payload["number"]
        key = (fact.row["namespace"], run.workflow, payload["workflow_version"])
        run.steps = dict.fromkeys(definitions[key], "not_started")
        run.queues = definitions[key]
        for carried in payload.get("carried", ()):
            run.steps[carried["step"]] = "completed"
    match fact.topic:
        case "run.paused":
            operator = payload["cause"] == "operator"
            run.state = "paused" if operator else "waiting_for_approval"
        case "run.continued":
            run.state = payload["state"]
        case topic if topic in RUN_STATES:
            run.state = RUN_STATES[topic]


def _tell_step(run: Expected, fact: Fact) -> None:
    payload = fact.payload
    if "step" not in payload or fact.topic == "run.failed":
        return
    step: str = payload["step"]
    if fact.topic in STEP_STATES:
        run.steps[step] = STEP_STATES[fact.topic]
    if fact.topic == "run.step.started":
        run.attempts[step].add(payload["attempt"])
    approval = (step, payload.get("iteration", 1))
    match fact.topic:
        case "run.approval.requested":
            run.approvals[approval] = "open"
        case "run.approval.withdrawn":
            run.approvals[approval] = "withdrawn"
        case "run.step.rejected" if approval in run.approvals:
            run.approvals[approval] = "rejected"
        case "run.step.completed" if payload.get("approved"):
            run.approvals[approval] = "approved"


def _tell_job(run: Expected, fact: Fact) -> None:
    payload = fact.payload
    if "step" not in payload or "attempt" not in payload:
        return
    step = payload["step"]
    job = step, payload.get("iteration", 1), payload["attempt"]
    if fact.topic.startswith("run.job."):
        run.jobs[job] = fact.topic.removeprefix("run.job.")
    elif STEP_STATES.get(fact.topic) == "queued" and run.queues.get(step):
        run.jobs[job] = "queued"


def check_tables(url: str, runs: dict[UUID, Expected]) -> None:
    """Runs, steps, matrix and approvals say exactly what the log says."""
    with psycopg.connect(url, row_factory=dict_row) as connection:
        rows = {
            table: connection.execute(f"SELECT * FROM read.{table}").fetchall()
            for table in TABLES
        }
    assert {
        (r["run_id"], r["workflow"], r["number"], r["state"], r["version"])
        for r in rows["runs"]
    } == {(i, r.workflow, r.number, r.state, r.version) for i, r in runs.items()}
    assert {
        (r["run_id"], r["step"], r["state"], r["attempt_count"]) for r in rows["steps"]
    } == {
        (i, step, state, len(run.attempts[step]))
        for i, run in runs.items()
        for step, state in run.steps.items()
    }
    assert {(r["run_id"], r["state"], r["cells"]) for r in rows["matrix"]} == {
        (i, run.state, "".join(run.cells.values())) for i, run in runs.items()
    }
    assert {
        (r["run_id"], r["step"], r["iteration"], r["state"]) for r in rows["approvals"]
    } == {
        (i, step, iteration, state)
        for i, run in runs.items()
        for (step, iteration), state in run.approvals.items()
    }
    assert {
        (r["run_id"], r["step"], r["iteration"], r["attempt"], r["state"])
        for r in rows["jobs"]
    } == {
        (i, *job, state) for i, run in runs.items() for job, state in run.jobs.items()
    }
    counted: dict[tuple[str, str], int] = defaultdict(int)
    for row in rows["workflow_counts"]:
        counted[row["workflow"], row["state"]] += row["runs"]
    told: dict[tuple[str, str], int] = defaultdict(int)
    for run in runs.values():
        told[run.workflow, run.state] += 1
    assert {key: n for key, n in counted.items() if n} == dict(told)
