"""``runledger-server serve command``: a real process on a real port."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import httpx2
from click.testing import CliRunner

from infra.local.stack import free_ports
from tests.support.waiting import eventually
from workers.__main__ import main

if TYPE_CHECKING:
    from tests.support.database import Database


def test_it_serves_until_it_is_asked_to_stop(database: Database) -> None:
    (port,) = free_ports(1)
    environ = {
        **os.environ,
        "RUNLEDGER_DATABASE_URL": database.url("runledger_command"),
    }
    command = [sys.executable, "-m", "workers", "serve", "command"]
    with subprocess.Popen(
        [*command, "--port", str(port)], env=environ, stderr=subprocess.DEVNULL
    ) as process:
        try:
            address = f"http://127.0.0.1:{port}"

            def ready() -> bool:
                try:
                    answer = httpx2.get(f"{address}/health/ready")
                except httpx2.TransportError:
                    return False
                return answer.status_code == 200

            assert eventually(ready)
            with httpx2.Client(base_url=address) as client:
                for _ in range(3):  # on one connection
                    document = client.get("/openapi.json")
                    assert document.json()["openapi"] == "3.1.0"
                    assert client.head("/openapi.json").content == b""
                answer = client.get("/nothing", headers={"Connection": "close"})
                assert answer.json()["status"] == 404
        finally:
            process.send_signal(signal.SIGTERM)
        # Uvicorn ends all that runs, then lets the signal have its way.
        assert process.wait(60) in (0, -signal.SIGTERM)


def test_it_asks_for_a_database() -> None:
    done = CliRunner().invoke(
        main, ["serve", "command"], env={"RUNLEDGER_DATABASE_URL": ""}
    )
    assert done.exit_code != 0
    assert "RUNLEDGER_DATABASE_URL, as runledger_command" in done.stderr
