"""The processes of the service, each with its own role in the database."""

from __future__ import annotations

import http.client
import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, NamedTuple

from infra.local.child import Child
from infra.local.ports import LOOPBACK
from infra.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


@dataclass(frozen=True)
class Process:
    """One long-running subcommand of runledger-server."""

    name: str
    command: tuple[str, ...]
    role: str | None
    """In the database; None for one that only speaks over HTTP."""
    api: bool = False


# In the order in which they start; they stop the other way round.
PROCESSES = (
    Process("publisher", ("publish",), "runledger_publisher"),
    Process("projector", ("project",), "runledger_projector"),
    Process("timers", ("timers",), "runledger_command"),
    Process("command-api", ("serve", "command"), "runledger_command", api=True),
    Process("query-api", ("serve", "query"), "runledger_query", api=True),
    Process("sample-worker", ("sample", "work"), None),
)
SAMPLE = PROCESSES[-1]


class Listener(NamedTuple):
    """A port that a stack itself listens on."""

    port: int
    purpose: str
    host: str


def listeners(settings: Settings) -> list[Listener]:
    """Every port of the stack; Kafka's only where it brings up one of its own."""
    found = [
        Listener(settings.query_port, "the query API", settings.host),
        Listener(settings.command_port, "the command API", settings.host),
    ]
    if not settings.kafka_bootstrap:
        found += [
            Listener(settings.kafka_port, "Kafka", LOOPBACK),
            Listener(settings.kafka_controller_port, "Kafka's controller", LOOPBACK),
        ]
    return found


class Service:
    """A process of the service as a member of the stack."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        environ: Mapping[str, str],
        log: Path,
        address: tuple[str, int] | None = None,
    ) -> None:
        self.name = name
        self.log = log
        self.child: Child | None = None
        self._command = server_command(*command)
        self._environ = environ
        self._address = address

    @property
    def api(self) -> bool:
        return self._address is not None

    def prepare(self) -> None:
        """Nothing to do: a process of the service keeps nothing of its own."""

    def spawn(self) -> Child:
        self.child = Child(
            self.name, self._command, environ=self._environ, log=self.log
        )
        return self.child

    def ready(self) -> bool:
        """Whether it does its work: an API says so itself, others run."""
        if self._address is not None:
            return health(*self._address) == 200
        return self.child is not None and self.child.running

    def stop(self) -> None:
        if self.child is not None:
            self.child.stop(grace=15)
            self.child = None


def services(
    settings: Settings, database_urls: Mapping[str, str], bootstrap: str, logs: Path
) -> list[Service]:
    """Every process of the service, not started; ``database_urls`` go by role."""
    ports = {"command-api": settings.command_port, "query-api": settings.query_port}
    host = reachable(settings.host)
    return [
        Service(
            process.name,
            process.command,
            environment(settings, database_urls.get(process.role or "", ""), bootstrap),
            logs / f"{process.name}.log",
            (host, ports[process.name]) if process.api else None,
        )
        for process in PROCESSES
        if process is not SAMPLE or sample_wanted(settings)
    ]


def sample_wanted(settings: Settings) -> bool:
    """It is written with the SDK, which need not be installed beside the service."""
    return settings.sample and find_spec("runledger") is not None


def server_command(*arguments: str) -> list[str]:
    """How to start a subcommand of runledger-server with this very Python."""
    # -P: a folder called workers where one happens to be is not ours.
    return [sys.executable, "-P", "-m", "workers", *arguments]


def environment(
    settings: Settings, database_url: str, bootstrap: str
) -> dict[str, str]:
    """The environment of a process of this stack: ours, with its own settings."""
    ours = {
        **settings.model_dump(mode="json"),
        "database_url": database_url,
        "kafka_bootstrap": bootstrap,
    }
    return {
        **os.environ,
        "PYTHONUNBUFFERED": "1",
        **{
            f"RUNLEDGER_{name.upper()}": str(value)
            for name, value in ours.items()
            if name in Settings.model_fields
        },
    }


def reachable(host: str) -> str:
    """An address by which what listens on ``host`` is reached from this machine."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)


def health(host: str, port: int) -> int | None:
    """The status that an API answers to GET /health/ready, None for no answer."""
    connection = http.client.HTTPConnection(host, port, timeout=2)
    with suppress(OSError, http.client.HTTPException):
        try:
            connection.request("GET", "/health/ready")
            return connection.getresponse().status
        finally:
            connection.close()
    return None
