"""One command over HTTP, beside one INSERT over HTTP; and batches of commands."""

from __future__ import annotations

import uuid
from statistics import median
from typing import TYPE_CHECKING

import orjson
import psycopg

from tests.bench import load
from tests.bench.bare import CREATE
from tests.bench.figures import Figure, at_least

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.bench.stack import Stack
    from tests.support.service import Service

WORKFLOW = {
    "name": "bench",
    "steps": [{"name": "a"}, {"name": "b", "needs": ["a"]}],
}
RUNS_PER_BATCH = 100
SIZES = {1: 1_500, 8: 9_000, 32: 9_900}
ROUNDS = 3
RATIOS = {1: None, 8: 0.8, 32: 1.2}


def measure(stack: Stack) -> Iterator[Figure]:
    """A report of two events (StepStarted, RunStarted), each on a run of its own."""
    with stack.quiet("publish", "project", "query"):
        yield from _single(stack)
        yield from _batches(stack)


def _single(stack: Stack) -> Iterator[Figure]:
    with psycopg.connect(stack.url(), autocommit=True) as connection:
        connection.execute(CREATE)
    assert stack.post("/v1/default/workflows", WORKFLOW)[0] in {200, 201}
    for clients, count in SIZES.items():
        requests = [
            load.request(
                f"{stack.command_url}/v1/default/runs/{run_id}/steps/a/start",
                token=stack.token,
                body=b"{}",
            )
            for run_id in make_runs(stack, count)
        ]
        share = count // ROUNDS
        ours: list[float] = []
        limits: list[float] = []
        with stack.bare(connections=min(clients, 16)) as url:
            bare = [load.request(url, body=_row()) for _ in range(share)]
            load.drive(url, bare, clients)  # warm, like the other
            # In turn, since the machine's speed drifts.
            for first in range(0, count, share):
                limits.append(load.drive(url, bare, clients).rate)
                outcome = load.drive(
                    stack.command_url, requests[first : first + share], clients
                )
                assert set(outcome.statuses) == {200}, outcome.statuses
                ours.append(outcome.rate)
        yield at_least(
            f"command of two events over HTTP, {clients} clients",
            median(ours),
            "commands/s",
            ratio_goal=RATIOS[clients],
            limit=median(limits),
            limit_is="one INSERT by psycopg under Starlette",
        )


def _batches(stack: Stack) -> Iterator[Figure]:
    """Runs created and driven to their end: 10 events an item, 100 items a request."""
    bodies = [
        orjson.dumps({"items": [_item() for _ in range(RUNS_PER_BATCH)]})
        for _ in range(60)
    ]
    requests = [
        load.request(
            f"{stack.command_url}/v1/default/batch", token=stack.token, body=body
        )
        for body in bodies
    ]
    before = stack.head()
    outcome = load.drive(stack.command_url, requests, 4)
    assert set(outcome.statuses) == {200}, outcome.statuses
    yield at_least(
        f"batch commands, {RUNS_PER_BATCH} runs a request, 4 clients",
        (stack.head() - before) / outcome.seconds,
        "events/s",
        goal=20_000,
    )


def drive_runs(stack: Stack, count: int) -> None:
    """So many runs of the workflow ``bench``, each to its end: ten events."""
    for first in range(0, count, RUNS_PER_BATCH):
        items = [_item() for _ in range(min(RUNS_PER_BATCH, count - first))]
        status, answer = stack.post("/v1/default/batch", {"items": items})
        assert status == 200, answer
        assert all(item["status"] == 201 for item in answer["items"]), answer


def make_runs(stack: Service, count: int, workflow: str = "bench") -> list[str]:
    """So many queued runs of the workflow, by batches."""
    made: list[str] = []
    while len(made) < count:
        ids = [str(uuid.uuid4()) for _ in range(min(500, count - len(made)))]
        items = [
            {"run_id": i, "commands": [{"type": "create_run", "workflow": workflow}]}
            for i in ids
        ]
        status, answer = stack.post("/v1/default/batch", {"items": items})
        assert status == 200, answer
        assert all(item["status"] == 201 for item in answer["items"]), answer
        made += ids
    return made


def _item() -> dict[str, object]:
    def report(kind: str, step: str) -> dict[str, str]:
        return {"type": kind, "step": step}

    return {
        "run_id": str(uuid.uuid4()),
        "commands": [
            {"type": "create_run", "workflow": "bench"},
            report("start_step", "a"),
            report("complete_step", "a"),
            report("start_step", "b"),
            report("complete_step", "b"),
        ],
    }


def _row() -> bytes:
    return orjson.dumps({"stream": str(uuid.uuid4()), "note": "x" * 180})
