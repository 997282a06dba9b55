"""The whole service as real processes in a scratch folder, each one's to kill.

For journeys, crash tests and benchmarks. A user's stack is ``runledger-server up``;
here nothing is restarted by itself, so that a test says when.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, Self
from urllib.parse import urlsplit

import psycopg

from infra.access import Access
from infra.kafka import create_topics
from infra.local.child import Child
from infra.local.stack import KafkaBroker, PostgresServer, free_ports
from infra.migrate import create_database, migrate
from infra.postgres_async import pool
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from types import TracebackType

    from infra.access import Role

Name = Literal["publish", "project", "timers", "command", "query"]

ROLES: dict[Name, str] = {
    "publish": "runledger_publisher",
    "project": "runledger_projector",
    "timers": "runledger_command",
    "command": "runledger_command",
    "query": "runledger_query",
}
ARGUMENTS: dict[Name, list[str]] = {
    "publish": ["publish"],
    "project": ["project"],
    "timers": ["timers"],
    "command": ["serve", "command"],
    "query": ["serve", "query"],
}
PATIENCE_S = 120.0


class Service:
    """PostgreSQL, Kafka, publisher, projector, timers and both APIs.

    As a context manager it is brought up and stopped. ``start``, ``kill`` and
    ``stop`` take one process each; ``postgres`` and ``kafka`` have their own.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_ports(4)[0]
        self.postgres = PostgresServer(folder / "postgres")
        self.kafka = KafkaBroker(folder / "kafka", self.port + 2, self.port + 3)
        self.processes: dict[Name, Child] = {}
        self.token = ""

    @property
    def command_url(self) -> str:
        return f"http://127.0.0.1:{self.port + 1}"

    @property
    def query_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def url(self, role: str = "runledger_owner") -> str:
        """The database as this role."""
        return self.postgres.url("runledger", role)

    def environ(self, role: str) -> dict[str, str]:
        return {
            **os.environ,
            "RUNLEDGER_HOME": str(self.folder),
            "RUNLEDGER_PORT": str(self.port),
            "RUNLEDGER_DATABASE_URL": self.url(role),
            "RUNLEDGER_KAFKA_BOOTSTRAP": self.kafka.bootstrap,
        }

    def __enter__(self) -> Self:
        try:
            self.kafka.prepare()
            broker = self.kafka.spawn()
            # It takes some seconds: the database is made meanwhile.
            self.postgres.start()
            create_database(self.postgres.url(), "runledger")
            migrate(self.url())
            broker.wait_until(self.kafka.ready, PATIENCE_S)
            create_topics(self.kafka.bootstrap)
            self.token = self.make_token("local", "admin")
            for name in ROLES:
                self.start(name)
            self.wait_ready("command", "query")
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        for child in self.processes.values():
            child.stop(10)
        self.kafka.stop()
        self.postgres.stop()
        shutil.rmtree(self.postgres.sockets, ignore_errors=True)

    def run(self, *arguments: str, role: str = "runledger_owner") -> str:
        """What ``runledger-server ARGUMENTS`` prints; its failure is an error."""
        done = subprocess.run(
            [sys.executable, "-m", "workers", *arguments],
            env=self.environ(role),
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE_S * 4,
        )
        assert done.returncode == 0, f"{arguments}: {done.stderr}{done.stdout}"
        return done.stdout

    def make_token(self, name: str, *roles: Role, namespace: str = "default") -> str:
        # In a thread: this one may have a loop that runs, of Playwright's.
        with ThreadPoolExecutor(1) as beside:
            return beside.submit(
                asyncio.run, self._make_token(namespace, name, roles)
            ).result()

    async def _make_token(
        self, namespace: str, name: str, roles: Sequence[Role]
    ) -> str:
        async with pool(self.url(), name="tests", max_size=1) as sessions:
            _, secret = await Access(sessions).create_token(
                namespace=namespace, name=name, roles=roles, created_by="tests"
            )
        return secret

    def start(self, name: Name) -> None:
        self.processes[name] = Child(
            name,
            [sys.executable, "-m", "workers", *ARGUMENTS[name]],
            log=self.folder / "logs" / f"{name}.log",
            environ=self.environ(ROLES[name]),
        )

    def kill(self, name: Name) -> None:
        """SIGKILL, and gone."""
        self.processes[name].kill()

    def stop(self, name: Name) -> None:
        """SIGTERM, and gone."""
        self.processes[name].stop(20)

    def wait_ready(self, *names: Literal["command", "query"]) -> None:
        """Return when these APIs call themselves ready."""
        urls = {"command": self.command_url, "query": self.query_url}
        for name in names:
            self.processes[name].wait_until(partial(_ready, urls[name]), PATIENCE_S)

    def get(self, path: str) -> Any:
        """The query API's answer to a GET, as the holder of the admin token."""
        status, answer = exchange(self.query_url + path, "GET", self.token)
        assert status == 200, f"{path}: {status} {answer}"
        return answer

    def post(self, path: str, body: object, **headers: str) -> tuple[int, Any]:
        """Status and answer of a command."""
        return exchange(
            self.command_url + path, "POST", self.token, body, headers=headers
        )

    def head(self) -> int:
        """Position of the newest event."""
        with psycopg.connect(self.url()) as connection:
            row = connection.execute("SELECT position FROM ledger.log_head").fetchone()
        return int(row[0]) if row else 0

    def level(self) -> bool:
        """Whether every read table has seen every event of the log."""
        with psycopg.connect(self.url()) as connection:
            row = connection.execute(LEVEL).fetchone()
        return bool(row and row[0])

    def wait_level(self, seconds: float = PATIENCE_S) -> None:
        eventually(self.level, seconds=seconds)


LEVEL = """
SELECT checkpoint.position = head.position
   AND NOT EXISTS (
       SELECT FROM projection.positions
         JOIN projection.generations ON generations.id = positions.generation
        WHERE generations.state = 'current'
          AND positions.position
              < checkpoint.partition_positions[positions.partition + 1])
  FROM ledger.log_head AS head, projection.publisher_checkpoint AS checkpoint
"""


def exchange(
    url: str,
    method: str,
    token: str,
    body: object = None,
    *,
    headers: dict[str, str] | None = None,
) -> tuple[int, Any]:
    """One request over a connection of its own: status and decoded JSON."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=PATIENCE_S)
    try:
        connection.request(
            method,
            parts.path + (f"?{parts.query}" if parts.query else ""),
            None if body is None else json.dumps(body),
            {
                "authorization": f"Bearer {token}",
                "content-type": "application/json",
                **(headers or {}),
            },
        )
        answer = connection.getresponse()
        text = answer.read()
        return answer.status, json.loads(text) if text else None
    finally:
        connection.close()


def _ready(url: str) -> bool:
    try:
        status, _ = exchange(f"{url}/health/ready", "GET", "")
    except OSError:
        return False
    return status == 200
