"""Workers are killed and stopped while they work, and every run ends as it should.

Small in the suite. ``RUNLEDGER_CHAOS=2000`` takes ten workers of 8 slots to so many
runs, one of them killed every two seconds.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple

import psycopg

from infra.local.child import Child
from tests.bench.commands import make_runs
from tests.journeys.chaos_hands import GRAPH, LEASE_S
from tests.support.appending import verify
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.service import Service

FULL = int(os.environ.get("RUNLEDGER_CHAOS", "0"))
RUNS = FULL or 40
WORKERS, SLOTS = (10, 8) if FULL else (3, 8)
BETWEEN_KILLS_S = 2.0 if FULL else 1.0
PATIENCE_S = 1_200 if FULL else 300

Attempt = tuple[str, str, int]
"""Run, step, number."""


class Record(NamedTuple):
    """What the log says, by attempt."""

    started: Counter[Attempt]
    completed: Counter[Attempt]
    lost: Counter[Attempt]
    released: Counter[Attempt]
    """Given back before they were begun."""
    discarded: Counter[Attempt]


def test_every_run_ends_while_workers_are_killed_and_stopped(
    service: Service, tmp_path: Path
) -> None:
    effects = tmp_path / "effects"
    team = Team(service, effects)
    try:
        team.hire(WORKERS)
        eventually(team.registered)
        runs = make_runs(service, RUNS, workflow="chaos")
        stopped = team.stop_one()
        for _ in team.blows(BETWEEN_KILLS_S):
            team.kill_one()
            team.hire(1)
            if stopped is not None and _is_lost(service, stopped):
                team.let_go()
                stopped = None
        team.let_go()
        team.dismiss()
    finally:
        team.close()
    service.wait_level(300)
    verify(service.url())
    record = _read(service, runs)
    _check_record(record, runs)
    _check_effects(record, effects)
    assert record.lost, "nobody was killed at work"
    found = {kind: counter.total() for kind, counter in record._asdict().items()}
    print(f"{RUNS} runs of {len(GRAPH)} steps, {team.killed} workers killed: {found}")
    shown = Counter(
        service.get(f"/v1/default/runs/{run}")["state"] for run in runs[:50]
    )
    assert set(shown) == {"completed"}


class Team:
    """Workers, some of them about to die."""

    def __init__(self, service: Service, effects: Path) -> None:
        self._service = service
        self._effects = effects
        self._workers: list[Child] = []
        self._stopped: Child | None = None
        self._hired = 0
        self.killed = 0
        self._chance = random.Random(20_261_122)

    def hire(self, count: int) -> None:
        for _ in range(count):
            self._hired += 1
            name = f"chaos-{self._hired}"
            arguments = [name, str(self._effects), str(SLOTS)]
            child = Child(
                name,
                [sys.executable, "-m", "tests.journeys.chaos_hands", *arguments],
                log=self._service.folder / "logs" / f"{name}.log",
                environ={
                    **os.environ,
                    "RUNLEDGER_COMMAND_URL": self._service.command_url,
                    "RUNLEDGER_QUERY_URL": self._service.query_url,
                    "RUNLEDGER_TOKEN": self._service.token,
                },
            )
            self._workers.append(child)

    def registered(self) -> bool:
        with psycopg.connect(self._service.url()) as connection:
            found = connection.execute(
                "SELECT FROM ledger.workers WHERE 'chaos' = ANY(workflows)"
            )
            return found.rowcount >= WORKERS

    def blows(self, seconds: float) -> Iterator[None]:
        """Once every so many seconds, until nothing is left to do."""
        with psycopg.connect(self._service.url(), autocommit=True) as connection:
            connection.execute("LISTEN nobody_notifies_here")
            waited = 0.0
            while connection.execute("SELECT FROM ledger.jobs LIMIT 1").rowcount:
                assert waited < PATIENCE_S, "the runs do not come to their ends"
                yield
                for _ in connection.notifies(timeout=seconds):
                    pass
                waited += seconds

    def kill_one(self) -> None:
        """SIGKILL, to one that works."""
        working = [each for each in self._workers if each is not self._stopped]
        victim = self._chance.choice(working)
        self._workers.remove(victim)
        victim.kill()
        self.killed += 1

    def stop_one(self) -> str | None:
        """SIGSTOP: it goes on holding its leases, and says nothing. Its name."""
        self._stopped = self._workers[0]
        name = "chaos-1"
        eventually(lambda: _leased(self._service, name))
        os.kill(self._stopped.pid, signal.SIGSTOP)
        return name

    def let_go(self) -> None:
        if self._stopped is not None:
            os.kill(self._stopped.pid, signal.SIGCONT)
            self._stopped = None

    def dismiss(self) -> None:
        for child in self._workers:
            child.stop(2 * LEASE_S)

    def close(self) -> None:
        self.let_go()
        for child in self._workers:
            child.kill()


def _leased(service: Service, worker: str) -> bool:
    with psycopg.connect(service.url()) as connection:
        found = connection.execute(
            "SELECT FROM ledger.jobs WHERE worker = %s AND state = 'leased'", (worker,)
        )
        return found.rowcount > 0


def _is_lost(service: Service, worker: str) -> bool:
    return not _leased(service, worker)


def _read(service: Service, runs: list[str]) -> Record:
    found = Record(*(Counter() for _ in Record._fields))
    counters = {
        "run.step.started": found.started,
        "run.step.completed": found.completed,
        "run.step.attempt_lost": found.lost,
        "run.job.released": found.released,
        "run.step.report_discarded": found.discarded,
    }
    with psycopg.connect(service.url()) as connection:
        for run, topic, state in connection.execute(
            "SELECT originator_id, topic, state FROM ledger.runledger_events"
            " WHERE topic = ANY(%s) AND originator_id = ANY(%s::uuid[])",
            (list(counters), runs),
        ):
            payload = json.loads(state)
            counters[topic][str(run), payload["step"], payload["attempt"]] += 1
    return found


def _check_record(record: Record, runs: list[str]) -> None:
    """Each step completed once; another attempt only after one that was lost."""
    assert set(record.started.values()) == {1}
    completed = Counter((run, step) for run, step, _ in record.completed.elements())
    assert completed == Counter((run, step) for run in runs for step in GRAPH)
    for run, step, number in record.started:
        if number > 1:
            before = run, step, number - 1
            assert before in record.lost or before in record.released, _story(
                record, run, step
            )


def _story(record: Record, run: str, step: str) -> str:
    """What is known of a step's attempts."""
    return "; ".join(
        f"{kind}: {sorted(n for r, s, n in found if (r, s) == (run, step))}"
        for kind, found in record._asdict().items()
    )


def _check_effects(record: Record, effects: Path) -> None:
    """What was done to the world, compared with what is on record."""
    began: Counter[Attempt] = Counter()
    ended: Counter[Attempt] = Counter()
    for line in effects.read_text().splitlines():
        what, run, step, told, _ = line.split()
        (began if what == "began" else ended)[run, step, int(told)] += 1
    assert set(began.values()) == {1}, "an attempt was carried out twice"
    assert set(began) <= set(record.started)
    assert set(record.completed) <= set(ended), "completed without having been done"
    done: dict[tuple[str, str], list[int]] = defaultdict(list)
    for run, step, number in ended:
        done[run, step].append(number)
    for (run, step), numbers in done.items():
        for number in sorted(numbers)[:-1]:
            assert (run, step, number) in record.lost, "done again without a loss"
    for run, step, number in began:
        attempt = run, step, number
        assert attempt in record.completed or attempt in record.lost, _story(
            record, run, step
        )
