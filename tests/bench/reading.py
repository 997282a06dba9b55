"""The matrix over HTTP with 10,000 runs stored, and the replay of a long run."""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING, Any

import psycopg

from domain.run.evolution import replay
from domain.workflow.definition import WorkflowDefinition
from infra.event_store import log
from infra.postgres_async import pool
from tests.bench import load
from tests.bench.commands import WORKFLOW, drive_runs
from tests.bench.figures import Figure, at_most

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.bench.stack import Stack

STORED = 10_000
COLUMNS = 20
REQUESTS = 100
LONG = 333
"""Steps of the long run: three events each, and a few of its own."""
SELECT = """
SELECT * FROM read.matrix WHERE namespace = 'default' AND workflow = %s
 ORDER BY number DESC LIMIT %s
"""


def measure(stack: Stack) -> Iterator[Figure]:
    assert stack.post("/v1/default/workflows", WORKFLOW)[0] in {200, 201}
    drive_runs(stack, STORED - 2 * COLUMNS)
    for steps in (50, 365):
        _run_wide(stack, f"wide-{steps}", steps, COLUMNS)
    stack.wait_level(180)
    for steps, goal in ((50, 10), (365, 45)):
        yield _matrix(stack, steps, goal)
    yield _replay(stack)


def _matrix(stack: Stack, steps: int, goal: float) -> Figure:
    path = f"/v1/default/workflows/wide-{steps}/matrix?runs={COLUMNS}"
    answer = stack.get(path)
    assert len(answer["steps"]) == steps
    assert len(answer["runs"]) == COLUMNS
    one = load.request(stack.query_url + path, method="GET", token=stack.token)
    outcome = load.drive(stack.query_url, [one] * REQUESTS, 1)
    assert set(outcome.statuses) == {200}, outcome.statuses
    return at_most(
        f"matrix {steps} × {COLUMNS} over HTTP, {STORED:,} runs stored, p50",
        outcome.percentile(0.5) * 1000,
        "ms",
        goal=goal,
        limit=_bare_select(stack, SELECT, (f"wide-{steps}", COLUMNS)) * 1000,
        limit_is="one SELECT of the same rows by psycopg",
    )


def _replay(stack: Stack) -> Figure:
    import asyncio

    (run_id,) = _run_wide(stack, "long", LONG, 1)
    definition = WorkflowDefinition.model_validate(_chain("long", LONG))

    async def best() -> float:
        async with pool(stack.url("runledger_query"), name="bench", max_size=1) as some:
            reader = log.LogReader(some)
            spent: list[float] = []
            for _ in range(20):
                started = time.perf_counter()
                recorded = await reader.stream(run_id)
                run = replay(definition, recorded)
                spent.append(time.perf_counter() - started)
                assert run.version == len(recorded) >= 1_000
            return sorted(spent)[len(spent) // 2]

    events = "SELECT * FROM ledger.runledger_events WHERE originator_id = %s"
    return at_most(
        "replay of a 1,000-event run, read included, p50",
        asyncio.run(best()) * 1000,
        "ms",
        goal=10,
        limit=_bare_select(stack, events, (run_id,)) * 1000,
        limit_is="one SELECT of the same rows by psycopg",
    )


def _run_wide(stack: Stack, name: str, steps: int, runs: int) -> list[uuid.UUID]:
    """Runs of so many steps in a row, each step started and completed."""
    definition = _chain(name, steps)
    names = [step["name"] for step in definition["steps"]]
    assert stack.post("/v1/default/workflows", definition)[0] == 201
    made = [uuid.uuid4() for _ in range(runs)]
    for run_id in made:
        reports = [
            {"type": kind, "step": step}
            for step in names
            for kind in ("start_step", "complete_step")
        ]
        opening = {"type": "create_run", "workflow": name}
        items = [{"run_id": str(run_id), "commands": [opening, *reports]}]
        status, answer = stack.post("/v1/default/batch", {"items": items})
        assert status == 200, answer
        assert answer["items"][0]["status"] == 201, answer
    return made


def _chain(name: str, steps: int) -> dict[str, Any]:
    """A definition of steps that need each other in a row."""
    names = [f"step-{number:03}" for number in range(steps)]
    return {
        "name": name,
        "steps": [
            {"name": step, "needs": names[max(0, at - 1) : at]}
            for at, step in enumerate(names)
        ],
    }


def _bare_select(stack: Stack, query: str, parameters: tuple[object, ...]) -> float:
    """Median seconds of one SELECT, fetched whole."""
    spent: list[float] = []
    with psycopg.connect(stack.url(), prepare_threshold=0) as connection:
        cursor = connection.cursor(binary=True)
        for _ in range(50):
            started = time.perf_counter()
            cursor.execute(query.encode(), parameters).fetchall()
            spent.append(time.perf_counter() - started)
    return sorted(spent)[25]
