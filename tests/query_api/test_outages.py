"""Sessions are lost, processes are stopped: who asks hardly notices."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import httpx2 as httpx

from infra.local.stack import free_ports
from tests.query_api.serving import Api
from tests.query_api.test_live import following
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from pathlib import Path

    from tests.query_api.world import World


def lose_sessions(world: World) -> None:
    world.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND usename = 'runledger_query'"
    )


def test_a_lost_session_costs_no_answer(world: World, api: Api) -> None:
    world.register()
    run = world.create()
    world.project()
    expected = api.get(f"runs/{run}")
    lose_sessions(world)
    # From the tables, from the log, and of the caller's token.
    assert api.get(f"runs/{run}") == expected


def test_a_stream_goes_on_when_its_sessions_are_lost(world: World, api: Api) -> None:
    world.register()
    with following(api, 0) as feed:
        feed.take(1)
        lose_sessions(world)
        world.create()
        assert [event.id for event in feed.take(3)] == [2, 3, 4]
        world.create()
        assert [event.id for event in feed.take(3)] == [5, 6, 7]


def test_followers_do_not_hold_up_the_stop(world: World, tmp_path: Path) -> None:
    (port,) = free_ports(1)
    log = tmp_path / "log"
    with log.open("wb") as written:
        process = subprocess.Popen(
            [sys.executable, "-m", "workers", "serve", "query", "--port", str(port)],
            env={
                **os.environ,
                "RUNLEDGER_DATABASE_URL": world.database.url("runledger_query"),
                "RUNLEDGER_HOME": str(tmp_path),
            },
            stderr=written,
        )
    try:
        api = Api(f"http://127.0.0.1:{port}", world.token())

        def ready() -> bool:
            try:
                return api.client.get("/health/ready").status_code == 200
            except httpx.TransportError:
                return False

        with api.client:
            eventually(ready)
            with following(api) as feed:
                feed.hello()
                started = time.monotonic()
                process.send_signal(signal.SIGTERM)
                assert feed.rest() == []
            process.wait(30)
        # Without it uvicorn waits for its whole time of grace, ten seconds.
        assert time.monotonic() - started < 9
        assert process.returncode in (0, -signal.SIGTERM)
        assert "Traceback" not in log.read_text()
    finally:
        process.kill()
        process.wait()
