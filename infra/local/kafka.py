"""A real Apache Kafka in one folder: one node, broker and controller in one."""

from __future__ import annotations

import base64
import shutil
import subprocess
import uuid
from typing import TYPE_CHECKING, Self

from infra.local import jars
from infra.local.child import Child
from infra.local.errors import StartFailed
from infra.local.ports import LOOPBACK, answers, require_free
from infra.local.processes import Identity, running, stop_all
from infra.local.wheels import java

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from types import TracebackType

PROPERTIES: Mapping[str, str] = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "PLAINTEXT",
    "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
    "offsets.topic.replication.factor": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "group.initial.rebalance.delay.ms": "0",
    "auto.create.topics.enable": "false",
    # The log of events is kept; it is PostgreSQL's copy, but consumers start here.
    "log.retention.hours": "-1",
    # A broker killed with SIGKILL is back for producers in 7 s with these two, in
    # 26 s with the defaults: nobody else waits for this node's session to end.
    "broker.session.timeout.ms": "3000",
    "broker.heartbeat.interval.ms": "500",
}

_LOGGING = """\
rootLogger.level = warn
rootLogger.appenderRef.console.ref = console
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{ISO8601} %p %m (%c{1})%n%throwable
"""


class KafkaBroker:
    """Kafka on loopback ports; its data and settings are all there is in ``folder``.

    ``start``, ``kill`` and ``stop`` may follow each other in any order and as
    often as wanted; as a context manager it is started and stopped. A later
    start may take other ports. ``properties`` go on top of ``PROPERTIES``.
    """

    name = "kafka"

    def __init__(
        self,
        folder: Path,
        port: int,
        controller_port: int,
        *,
        properties: Mapping[str, str] | None = None,
        log: Path | None = None,
        cache: Path | None = None,
    ) -> None:
        self.folder = folder.absolute()
        self.port = port
        self.controller_port = controller_port
        self.log = log or self.folder.parent / f"{self.folder.name}.log"
        self.child: Child | None = None
        self._properties = {**PROPERTIES, **(properties or {})}
        self._cache = cache

    @property
    def bootstrap(self) -> str:
        return f"{LOOPBACK}:{self.port}"

    @property
    def running(self) -> bool:
        return self.child is not None and self.child.running

    def start(self) -> Self:
        """Bring it up, on the data of last time where there is some.

        Raises:
            PortTaken: one of its two ports is in use.
            StartFailed: it ended or was not ready in time; says what it wrote last.
        """
        if not self.running:
            self.prepare()
            self.spawn().wait_until(self.ready, seconds=120)
        return self

    def prepare(self) -> None:
        """Whatever a start needs: jars, a formatted data folder, free ports."""
        self.end_predecessor()
        require_free(self.port, "Kafka")
        require_free(self.controller_port, "Kafka's controller")
        self._class_path = jars.class_path(self._cache)
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        self.folder.mkdir(mode=0o700, exist_ok=True)
        self._logging.write_text(_LOGGING)
        if not self._data.exists():
            self._format()
        self._settings.write_text(self._server_properties(self._data))

    def spawn(self) -> Child:
        """Start the broker of a prepared folder and do not wait for it."""
        command = self._java(
            "kafka.Kafka",
            str(self._settings),
            options=("-Xmx384m", "-XX:+UseSerialGC"),
        )
        self.child = Child(self.name, command, log=self.log, cwd=self.folder)
        return self.child

    def ready(self) -> bool:
        """Whether it takes connections now."""
        return answers(self.port)

    def stop(self) -> None:
        """Shut it down cleanly."""
        if self.child is not None:
            self.child.stop(grace=30)
            self.child = None

    def kill(self) -> None:
        """SIGKILL, as a crash would."""
        if self.child is not None:
            self.child.kill()
            self.child = None

    def end_predecessor(self) -> list[Identity]:
        """Stop a broker that an earlier process left on this folder.

        Returns who had to be stopped, empty almost always.
        """
        left = running("java", str(self._settings))
        stop_all(left)
        return left

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def _settings(self) -> Path:
        return self.folder / "server.properties"

    @property
    def _logging(self) -> Path:
        return self.folder / "log4j2.properties"

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def _server_properties(self, data: Path) -> str:
        controller = f"{LOOPBACK}:{self.controller_port}"
        lines = {
            **self._properties,
            "controller.quorum.voters": f"1@{controller}",
            "listeners": f"PLAINTEXT://{self.bootstrap},CONTROLLER://{controller}",
            "advertised.listeners": f"PLAINTEXT://{self.bootstrap}",
            "log.dirs": str(data).replace("\\", "\\\\"),
        }
        return "".join(f"{name}={value}\n" for name, value in lines.items())

    def _format(self) -> None:
        """Make the data folder under another name first: there whole or not at all."""
        half_made = self._data.with_name("data.new")
        shutil.rmtree(half_made, ignore_errors=True)
        settings = self.folder / "format.properties"
        settings.write_text(self._server_properties(half_made))
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        # A leading dash would be read as an option.
        cluster = cluster.replace("-", "A", 1) if cluster[0] == "-" else cluster
        arguments = ("format", "-t", cluster, "-c", str(settings))
        done = subprocess.run(
            self._java("kafka.tools.StorageTool", *arguments),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            said = " / ".join((done.stdout + done.stderr).strip().splitlines()[-3:])
            raise StartFailed(f"Kafka could not format {half_made}: {said}")
        settings.unlink()
        half_made.rename(self._data)

    def _java(
        self, main: str, *arguments: str, options: tuple[str, ...] = ()
    ) -> list[str]:
        return [
            str(java()),
            # Kafka uses it on purpose; the runtime would warn in every log.
            "--sun-misc-unsafe-memory-access=allow",
            *options,
            f"-Dlog4j2.configurationFile={self._logging}",
            "-cp",
            self._class_path,
            main,
            *arguments,
        ]
