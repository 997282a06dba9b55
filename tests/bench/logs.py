"""Log lines: written over HTTP beside a bare COPY; a log of a million lines, read."""

from __future__ import annotations

import asyncio
import random
import time
import uuid
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import TYPE_CHECKING

import orjson
import psycopg

from infra.logs.attempts import AttemptKey, Limits
from infra.logs.lines import KIND, Lines, microseconds
from infra.logs.writer import LogWriter
from tests.bench import load
from tests.bench.commands import WORKFLOW, make_runs
from tests.bench.figures import Figure, at_least, at_most

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.bench.stack import Stack

BATCH = 500
CLIENTS = 8
REQUESTS = 960
RUNS = 48
"""More than clients, so that batches of one are not on their way together."""
ROUNDS = 3
LONG = 1_000_000
READS = 40

CREATE = """
CREATE TABLE IF NOT EXISTS public.bare_lines (
    attempt bigint NOT NULL, n bigint NOT NULL, at timestamptz NOT NULL,
    stream text NOT NULL, level text NOT NULL, text text NOT NULL)
"""
SAID = (
    "connecting to {n} after a timeout of {r:.6f} s, retrying request",
    "fetched record {n} of the batch from the cache, checksum {r:.12f} verified",
    "wrote {n} rows to the table of sessions, queue depth {r:.3f}",
    "worker has finished the upload of a user's file: {r:.9f} of {n} chunks complete",
)


def measure(stack: Stack) -> Iterator[Figure]:
    """On runs of the workflow ``bench``, the step ``a`` of each being started."""
    assert stack.post("/v1/default/workflows", WORKFLOW)[0] in {200, 201}
    yield from _writing(stack)
    yield from _reading(stack)


def _writing(stack: Stack) -> Iterator[Figure]:
    requests = [
        load.request(
            f"{stack.command_url}/v1/default/logs", token=stack.token, body=body
        )
        for body in _bodies(_started(stack, RUNS), REQUESTS)
    ]
    with psycopg.connect(stack.url(), autocommit=True) as connection:
        connection.execute(CREATE)
        ours: list[float] = []
        limits: list[float] = []
        share = REQUESTS // ROUNDS
        for first in range(0, REQUESTS, share):
            # In turn, since the machine's speed drifts.
            limits.append(_copy(connection, share))
            outcome = load.drive(
                stack.command_url, requests[first : first + share], CLIENTS
            )
            assert set(outcome.statuses) == {200}, outcome.statuses
            ours.append(outcome.rate * BATCH)
        ((kept, size),) = connection.execute(
            "SELECT (SELECT sum(lines) FROM logs.attempts),"
            "       (SELECT sum(pg_total_relation_size(inhrelid)) FROM pg_inherits"
            "         WHERE inhparent = 'logs.chunks'::regclass)"
        ).fetchall()
    assert kept == REQUESTS * BATCH, kept
    yield at_least(
        f"log lines over HTTP, {BATCH} a batch, {CLIENTS} clients",
        median(ours),
        "lines/s",
        limit=median(limits),
        limit_is="COPY of the same lines by psycopg, a batch a transaction",
    )
    yield at_most(
        f"bytes stored a log line of {_width():.0f}", float(size / kept), "bytes"
    )


def _reading(stack: Stack) -> Iterator[Figure]:
    (run_id,) = _started(stack, 1)
    _fill(stack, run_id)
    path = f"/v1/default/runs/{run_id}/steps/a/attempts/1/log"
    answer = stack.get(f"{path}?tail=200")
    assert answer["total"] == LONG
    assert [line["n"] for line in answer["lines"]] == [*range(LONG - 199, LONG + 1)]
    for name, query, goal in (
        ("opened at its end", "tail=200", 100),
        ("a page in its middle", f"after={LONG // 2}&limit=200", 100),
        ("its errors, one of them", "level=error&limit=200", 2_000),
        ("searched, found once", "search=needle+in+a+hay", 2_000),
        ("searched, not found", "search=not+to+be+found", 2_000),
        ("searched, found in every line", "search=took", 2_000),
    ):
        one = load.request(
            f"{stack.query_url}{path}?{query}", method="GET", token=stack.token
        )
        load.drive(stack.query_url, [one], 1)
        outcome = load.drive(stack.query_url, [one] * (READS if goal < 1_000 else 5), 1)
        assert set(outcome.statuses) == {200}, outcome.statuses
        yield at_most(
            f"a log of {LONG:,} lines {name}, p95",
            outcome.percentile(0.95) * 1000,
            "ms",
            goal=goal,
        )


def _started(stack: Stack, count: int) -> list[str]:
    made = make_runs(stack, count)
    for run_id in made:
        path = f"/v1/default/runs/{run_id}/steps/a/start"
        assert stack.post(path, {})[0] == 200
    return made


def _bodies(runs: list[str], count: int) -> Iterator[bytes]:
    """Requests of one batch each, to the runs in turn, in the order of their lines."""
    at = datetime.now(UTC)
    for request in range(count):
        first = request // len(runs) * BATCH + 1
        lines = [
            {
                "at": (at + timedelta(milliseconds=n)).isoformat(),
                "stream": "stdout",
                "level": "info",
                "text": _text(n),
            }
            for n in range(first, first + BATCH)
        ]
        batch = {
            "run_id": runs[request % len(runs)],
            "step": "a",
            "attempt": 1,
            "first": first,
            "lines": lines,
        }
        yield orjson.dumps({"batches": [batch]})


def _copy(connection: psycopg.Connection, batches: int) -> float:
    """Lines a second that a client writes who does nothing else."""
    texts = [_text(n) for n in range(BATCH)]
    now = datetime.now(UTC)
    started = time.perf_counter()
    for _ in range(batches):
        with (
            connection.transaction(),
            connection.cursor().copy(
                "COPY public.bare_lines FROM STDIN (FORMAT binary)"
            ) as copy,
        ):
            copy.set_types(["int8", "int8", "timestamptz", "text", "text", "text"])
            for n, text in enumerate(texts):
                copy.write_row((1, n, now, "stdout", "info", text))
    return batches * BATCH / (time.perf_counter() - started)


def _fill(stack: Stack, run_id: str) -> None:
    """A long log, by what the command API itself writes with."""

    async def fill() -> None:
        url = stack.url("runledger_command")
        key = AttemptKey("default", uuid.UUID(run_id), "a", 1)
        began = microseconds(datetime.now(UTC)) - LONG * 1_000
        plain = bytes([KIND["stdout", "info"]] * BATCH)
        async with LogWriter(url, Limits(LONG, 2**40)) as writer:
            for first in range(1, LONG, BATCH):
                numbers = range(first, first + BATCH)
                texts = [_text(n) for n in numbers]
                kinds = plain
                if first <= LONG // 4 < first + BATCH:
                    texts[7] = "A Needle in a Haystack"
                    kinds = bytes([KIND["stderr", "error"]]) + plain[1:]
                times = [began + 1_000 * n for n in numbers]
                await writer.write(key, "local", first, Lines(times, kinds, texts))

    asyncio.run(fill())


def _text(n: int) -> str:
    some = random.Random(n)
    said = some.choice(SAID).format(n=n, r=some.random())
    return f"[{n:07}] app.transfer.{some.randrange(90)}: {said} took {n % 977}ms"


def _width() -> float:
    return sum(len(_text(n)) for n in range(BATCH)) / BATCH
