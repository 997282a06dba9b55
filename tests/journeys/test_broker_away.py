"""The broker is away for a while: work goes on, answers say the lag, nothing is lost.

``RUNLEDGER_BROKER_AWAY_S=60`` keeps it away for so long; in the suite it is shorter.
"""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from typing import TYPE_CHECKING

import psycopg

from infra.local.child import Child
from tests.bench.commands import make_runs
from tests.journeys.chaos_hands import GRAPH
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.service import Service

AWAY_S = float(os.environ.get("RUNLEDGER_BROKER_AWAY_S", "4"))
LEVEL_WITHIN_S = 90.0
RUNS_AT_ONCE = 20


def test_workers_go_on_while_the_broker_is_away(
    service: Service, tmp_path: Path
) -> None:
    arguments = ["away", str(tmp_path / "effects"), "32"]
    worker = Child(
        "away",
        [sys.executable, "-m", "tests.journeys.chaos_hands", *arguments],
        log=service.folder / "logs" / "away.log",
        environ={
            **os.environ,
            "RUNLEDGER_COMMAND_URL": service.command_url,
            "RUNLEDGER_QUERY_URL": service.query_url,
            "RUNLEDGER_TOKEN": service.token,
        },
    )
    runs: list[str] = []
    away = False
    try:
        eventually(lambda: _registered(service))
        service.kafka.stop()
        away = True
        gone = time.monotonic()
        while time.monotonic() - gone < AWAY_S:
            runs += make_runs(service, RUNS_AT_ONCE, workflow="chaos")
            eventually(lambda: not _jobs(service))
        assert _completed(service, runs) == Counter(
            {run: len(GRAPH) for run in runs}
        ), "work stood still"
        said = service.get("/v1/system")
        assert said["publisher"]["lag_events"] >= len(runs) * len(GRAPH)
        newest = f"workflow=chaos&min_position={service.head()}&wait_s=0"
        page = service.get(f"/v1/default/runs?{newest}")
        assert page["stale"]
        service.kafka.start()
        away = False
        back = time.monotonic()
        service.wait_level(LEVEL_WITHIN_S)
        print(
            f"{len(runs)} runs of {len(GRAPH)} steps in {AWAY_S:g} s without a broker; "
            f"level {time.monotonic() - back:.1f} s after it was back"
        )
    finally:
        worker.stop(20)
        if away:
            service.kafka.start()
    for run in runs[:: max(len(runs) // 20, 1)]:
        assert service.get(f"/v1/default/runs/{run}")["state"] == "completed"


def _registered(service: Service) -> bool:
    with psycopg.connect(service.url()) as connection:
        found = connection.execute("SELECT FROM ledger.workers WHERE worker = 'away'")
        return found.rowcount > 0


def _jobs(service: Service) -> bool:
    with psycopg.connect(service.url()) as connection:
        return connection.execute("SELECT FROM ledger.jobs LIMIT 1").rowcount > 0


def _completed(service: Service, runs: list[str]) -> Counter[str]:
    with psycopg.connect(service.url()) as connection:
        rows = connection.execute(
            "SELECT originator_id::text FROM ledger.runledger_events"
            " WHERE topic = 'run.step.completed' AND originator_id = ANY(%s::uuid[])",
            (runs,),
        )
        return Counter(run for (run,) in rows)
