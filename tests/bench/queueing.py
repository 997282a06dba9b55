"""Starting runs, and leasing jobs from a short and from a long queue."""

from __future__ import annotations

import uuid
from statistics import median
from typing import TYPE_CHECKING

import orjson

from tests.bench import load
from tests.bench.commands import make_runs
from tests.bench.figures import Figure, at_least, at_most

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.bench.stack import Stack

STARTED = 20_000
RUNS_PER_BATCH = 100
SHORT, LONG = 100, 100_000
LEASES = 300
ROUNDS = 3


def measure(stack: Stack) -> Iterator[Figure]:
    for name in ("start", "short", "long"):
        steps = [{"name": "only", "queue": name}]
        status, answer = stack.post(
            "/v1/default/workflows", {"name": name, "steps": steps}
        )
        assert status == 201, answer
    yield _starts(stack)
    yield _single_starts(stack)
    stack.wait_level(120)
    yield _leases(stack)


def _starts(stack: Stack) -> Figure:
    """Each run is recorded and its first step queued for workers: three events."""
    requests = [
        load.request(
            f"{stack.command_url}/v1/default/batch",
            token=stack.token,
            body=orjson.dumps({"items": [_start() for _ in range(RUNS_PER_BATCH)]}),
        )
        for _ in range(STARTED // RUNS_PER_BATCH)
    ]
    outcome = load.drive(stack.command_url, requests, 4)
    assert set(outcome.statuses) == {200}, outcome.statuses
    return at_least(
        f"runs started, {RUNS_PER_BATCH} a request, 4 clients",
        STARTED / outcome.seconds,
        "runs/s",
        goal=3_000,
    )


def _single_starts(stack: Stack) -> Figure:
    body = orjson.dumps({"workflow": "start"})
    url = f"{stack.command_url}/v1/default/runs"
    requests = [load.request(url, token=stack.token, body=body) for _ in range(6_000)]
    outcome = load.drive(stack.command_url, requests, 32)
    assert set(outcome.statuses) == {201}, outcome.statuses
    return at_least("runs started, one a request, 32 clients", outcome.rate, "runs/s")


def _leases(stack: Stack) -> Figure:
    """One job a lease; both queues in turn, since the machine's speed drifts."""
    make_runs(stack, LONG + LEASES * ROUNDS, workflow="long")
    stack.wait_level(300)
    short: list[float] = []
    long: list[float] = []
    for _ in range(ROUNDS):
        make_runs(stack, SHORT, workflow="short")
        for queue, spent in (("short", short), ("long", long)):
            lease = load.request(
                f"{stack.command_url}/v1/default/jobs/lease",
                token=stack.token,
                body=orjson.dumps(
                    {
                        "worker": "bench",
                        "queue": queue,
                        "workflows": [queue],
                        "max_jobs": 1,
                        "wait_s": 0,
                    }
                ),
            )
            requests = [lease] * (SHORT if queue == "short" else LEASES)
            outcome = load.drive(stack.command_url, requests, 1)
            assert set(outcome.statuses) == {200}, outcome.statuses
            spent += outcome.latencies
    return at_most(
        f"lease with {LONG:,} jobs queued (goal: 2 × limit)",
        median(long) * 1000,
        "ms",
        goal=2 * median(short) * 1000,
        limit=median(short) * 1000,
        limit_is=f"the same with {SHORT} queued",
    )


def _start() -> dict[str, object]:
    return {
        "run_id": str(uuid.uuid4()),
        "commands": [{"type": "create_run", "workflow": "start"}],
    }
