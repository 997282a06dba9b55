"""Steps carried out by one real worker process; publisher and projector run along."""

from __future__ import annotations

import os
import sys
import time
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

import psycopg

from infra.local.child import Child
from tests.bench.commands import make_runs
from tests.bench.figures import Figure, at_least, at_most
from tests.bench.neighbour import dbos_steps
from tests.bench.noop import STEPS
from tests.support.service import PATIENCE_S
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.bench.stack import Stack

RUNS = 400
SLOTS = 400
WARM = 40
IDLE = 150
"""Runs that find an idle queue, one after the other."""


def measure(stack: Stack) -> Iterator[Figure]:
    with worker(stack, "chain", slots=SLOTS):
        _carry_out(stack, WARM)
        stack.wait_level(120)
        ledger, tables = _stored(stack)
        rate, level_s = _carry_out(stack, RUNS)
        stored = _stored(stack)
    yield at_least(
        f"steps carried out, {STEPS} a run, one worker process",
        rate,
        "steps/s",
        goal=1_600,
        limit=dbos_steps(stack, RUNS // 4, STEPS),
        limit_is="the same steps by DBOS Transact in process",
    )
    yield at_most("read tables level after these steps", level_s, "s")
    steps = RUNS * STEPS
    yield at_most(
        "stored per step: log, keys, queue", (stored[0] - ledger) / steps, "B"
    )
    yield at_most("stored per step: read tables", (stored[1] - tables) / steps, "B")
    stamps = stack.folder / "stamps"
    with worker(stack, "single", slots=4, stamps=stamps):
        late = sorted(_idle(stack, stamps))
    for share, goal in ((0.5, 15.0), (0.99, None)):
        yield at_most(
            f"step queued to step started, idle queue, p{share * 100:.0f}",
            late[int(len(late) * share)] * 1000,
            "ms",
            goal=goal,
        )


@contextmanager
def worker(
    stack: Stack, workflow: str, *, slots: int, stamps: Path | None = None
) -> Iterator[Child]:
    """A worker process of the workflow, which it has registered."""
    arguments = ["worker", f"tests.bench.noop:{workflow}", "--slots", str(slots)]
    log = stack.folder / "logs" / f"worker-{workflow}.log"
    child = Child(
        "worker",
        [sys.executable, "-m", "runledger", *arguments],
        log=log,
        environ={
            **os.environ,
            "RUNLEDGER_COMMAND_URL": stack.command_url,
            "RUNLEDGER_QUERY_URL": stack.query_url,
            "RUNLEDGER_TOKEN": stack.token,
            "BENCH_STAMPS": str(stamps),
        },
    )
    try:
        with psycopg.connect(stack.url(), autocommit=True) as connection:
            child.wait_until(lambda: _registered(connection, workflow), PATIENCE_S)
        yield child
    finally:
        child.stop(20)


def _registered(connection: psycopg.Connection[tuple[object, ...]], name: str) -> bool:
    """Whether a worker that asks for jobs of the workflow has been seen."""
    return (
        connection.execute(
            "SELECT FROM ledger.workers WHERE %s = ANY(workflows)", (f"bench-{name}",)
        ).rowcount
        > 0
    )


def _carry_out(stack: Stack, runs: int) -> tuple[float, float]:
    """Steps per second, and seconds from the last step until all tables show it."""
    started = time.perf_counter()
    make_runs(stack, runs, workflow="bench-chain")
    with psycopg.connect(stack.url(), autocommit=True) as connection:
        eventually(lambda: not _open_jobs(connection), seconds=300)
    spent = time.perf_counter() - started
    stack.wait_level(120)
    return runs * STEPS / spent, time.perf_counter() - started - spent


def _open_jobs(connection: psycopg.Connection[tuple[object, ...]]) -> bool:
    time.sleep(0.05)  # it shares two cores with what is measured
    return connection.execute("SELECT FROM ledger.jobs LIMIT 1").rowcount > 0


def _stored(stack: Stack) -> tuple[int, int]:
    """Bytes of the log's schema, and of the read tables', indexes included."""
    found = []
    with psycopg.connect(stack.url()) as connection:
        for pattern in ("ledger", "read_%"):
            row = connection.execute(
                """
                SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint
                  FROM pg_class AS c
                  JOIN pg_namespace AS n ON n.oid = c.relnamespace
                 WHERE n.nspname LIKE %s AND c.relkind IN ('r', 'p')
                """,
                (pattern,),
            ).fetchone()
            assert row is not None
            found.append(row[0])
    return found[0], found[1]


def _idle(stack: Stack, stamps: Path) -> Iterator[float]:
    """From the commit that queued a step to its function's first line, in seconds."""
    runs: list[str] = []
    while len(runs) < IDLE:
        runs += make_runs(stack, 1, workflow="bench-single")
        eventually(partial(_has_lines, stamps, len(runs)), seconds=30)
    began = dict(line.split() for line in stamps.read_text().splitlines())
    with psycopg.connect(stack.url()) as connection:
        queued = {
            str(run): float(at)
            for run, at in connection.execute(
                "SELECT originator_id, extract(epoch FROM recorded_at)"
                "  FROM ledger.runledger_events WHERE topic = 'run.step.queued'"
                "   AND originator_id = ANY(%s)",
                (runs,),
            )
        }
    return (float(began[run]) - queued[run] for run in runs)


def _has_lines(file: Path, count: int) -> bool:
    return file.exists() and file.read_text().count("\n") == count
