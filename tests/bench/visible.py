"""From the append to the row that a query sees, at 500 events per second."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import psycopg

from infra.kafka import partition_of
from tests.bench.commands import WORKFLOW, make_runs
from tests.bench.figures import Figure, at_most

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.bench.stack import Stack

COMMANDS_A_SECOND = 250
"""Of two events each."""
SECONDS = 12
WATCH = """
SELECT positions.partition, positions.position
  FROM projection.positions
  JOIN projection.generations ON generations.id = positions.generation
 WHERE generations.state = 'current'
"""


def measure(stack: Stack) -> Iterator[Figure]:
    assert stack.post("/v1/default/workflows", WORKFLOW)[0] in {200, 201}
    runs = make_runs(stack, COMMANDS_A_SECOND * SECONDS)
    stack.wait_level(120)
    before = stack.head()
    seen: list[tuple[float, dict[int, int]]] = []
    stop = threading.Event()
    watcher = threading.Thread(target=_watch, args=(stack, stop, seen))
    watcher.start()
    _drive_at_a_pace(stack, runs)
    stack.wait_level()
    stop.set()
    watcher.join()
    late = sorted(_latencies(stack, before, seen))
    for share, goal in ((0.5, 15), (0.99, 50)):
        yield at_most(
            f"append to visible at 500 events/s, p{share * 100:.0f}",
            late[int(len(late) * share)] * 1000,
            "ms",
            goal=goal,
            limit=_bare_commit(stack) * 1000,
            limit_is="one INSERT, committed",
        )


def _drive_at_a_pace(stack: Stack, runs: list[str]) -> None:
    """Each command at its own moment, whatever the one before it took."""
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", stack.port + 1)
    headers = {"authorization": f"Bearer {stack.token}"}
    started = time.perf_counter()
    for number, run_id in enumerate(runs):
        due = started + number / COMMANDS_A_SECOND
        time.sleep(max(0.0, due - time.perf_counter()))
        connection.request(
            "POST", f"/v1/default/runs/{run_id}/steps/a/start", b"{}", headers
        )
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200
    connection.close()


def _watch(
    stack: Stack, stop: threading.Event, seen: list[tuple[float, dict[int, int]]]
) -> None:
    with psycopg.connect(stack.url(), autocommit=True) as connection:
        connection.execute("LISTEN runledger_read")
        while not stop.is_set():
            for _ in connection.notifies(timeout=0.2, stop_after=1):
                pass
            rows = connection.execute(WATCH).fetchall()
            seen.append((time.time(), dict(rows)))


def _latencies(
    stack: Stack, before: int, seen: list[tuple[float, dict[int, int]]]
) -> Iterator[float]:
    with psycopg.connect(stack.url()) as connection:
        events = connection.execute(
            "SELECT notification_id, originator_id, extract(epoch FROM recorded_at)"
            "  FROM ledger.runledger_events WHERE notification_id > %s"
            " ORDER BY notification_id",
            (before,),
        ).fetchall()
    looked = dict.fromkeys(range(8), 0)
    for position, stream, recorded in events:
        partition = partition_of(stream)
        at = looked[partition]
        while seen[at][1][partition] < position:
            at += 1
        looked[partition] = at
        yield seen[at][0] - float(recorded)


def _bare_commit(stack: Stack) -> float:
    """Median seconds of one INSERT with its commit, beside everything that runs."""
    spent: list[float] = []
    with psycopg.connect(stack.url(), autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS public.one (id int)")
        for _ in range(200):
            started = time.perf_counter()
            connection.execute("INSERT INTO public.one VALUES (1)")
            spent.append(time.perf_counter() - started)
    return sorted(spent)[100]
