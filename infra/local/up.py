"""Brings up a whole stack for one home and watches over it."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import psycopg

from infra.local import jars
from infra.local.child import Child
from infra.local.client import read_client, write_client
from infra.local.down import end_leftovers
from infra.local.errors import DiskFull, StackError, StartFailed, is_disk_full
from infra.local.home import Home, Record
from infra.local.kafka import KafkaBroker
from infra.local.ports import require_free
from infra.local.postgres import PostgresServer
from infra.local.processes import POLL, Identity
from infra.local.services import (
    PROCESSES,
    SAMPLE,
    environment,
    listeners,
    server_command,
    services,
)
from infra.local.supervisor import Supervisor, stoppable
from infra.local.topics import ensure_topics
from infra.migrate import OWNER, create_database
from infra.postgres import connect

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from infra.local.services import Service
    from infra.settings import Settings

DATABASE = "runledger"


@dataclass(frozen=True)
class Addresses:
    """Where a stack that is ready can be reached."""

    query_url: str
    command_url: str
    token: str
    namespace: str
    home: str
    database_url: str
    kafka_bootstrap: str


def addresses(home: Home) -> Addresses | None:
    """Those of the stack that runs for ``home``; None where none does, or not yet."""
    record, client = home.record(), read_client(home.client)
    if record is None or client is None or not record.ready:
        return None
    if not record.supervisor.alive:
        return None
    return Addresses(
        **asdict(client),
        home=str(home.folder),
        database_url=record.database_url,
        kafka_bootstrap=record.kafka_bootstrap,
    )


def await_other(home: Home) -> Addresses | None:
    """Wait while another process brings this home up; None when it gave up."""
    while home.in_use:
        if (found := addresses(home)) is not None:
            return found
        time.sleep(POLL)
    return None


def bring_up(
    settings: Settings, say: Callable[[str], None], ready: Callable[[Addresses], None]
) -> None:
    """Start the stack of ``settings.home``, call ``ready``, watch until asked to stop.

    Ctrl-C, SIGTERM and SIGHUP ask; then everything started here is stopped and
    nothing else. Call it from the main thread.

    Raises:
        StackError: it cannot start, or one runs for this home already; what was
            started is stopped again.
    """
    home = Home(settings.home)
    with home.held(patience=0.5) as ours:
        if not ours:
            raise StackError(
                f"A stack runs for {home.folder} already: stop it with infra/bin/down "
                "or runledger-server down, or choose another --home."
            )
        try:
            _Stack(settings, home, say).run(ready)
        except OSError as error:
            if not is_disk_full(error):
                raise
            raise DiskFull(
                f"The disk of {home.folder} is full: make room and start again."
            ) from error


class _Stack:
    def __init__(
        self, settings: Settings, home: Home, say: Callable[[str], None]
    ) -> None:
        self._settings = settings
        self._home = home
        self._say = say
        self._postgres = (
            None
            if settings.database_url
            else PostgresServer(home.postgres, log=home.log("postgres"))
        )
        self._kafka = (
            None
            if settings.kafka_bootstrap
            else KafkaBroker(
                home.kafka,
                settings.kafka_port,
                settings.kafka_controller_port,
                log=home.log("kafka"),
            )
        )

    def run(self, ready: Callable[[Addresses], None]) -> None:
        self._home.make()
        end_leftovers(self._home, self._say)
        for listener in listeners(self._settings):
            require_free(*listener)
        myself = Identity.of(os.getpid())
        assert myself is not None
        record = Record(
            supervisor=myself,
            database_url=self._url(OWNER),
            kafka_bootstrap=self._settings.bootstrap,
        )
        self._home.write_record(record)
        supervisor = Supervisor(self._home, record, self._say)
        with stoppable() as no_more:
            try:
                self._start(supervisor)
                record.ready = True
                self._home.write_record(record)
                found = addresses(self._home)
                assert found is not None
                ready(found)
                supervisor.watch()
            finally:
                no_more()
                self._say("Stopping.")
                supervisor.stop()
                self._say("Stopped; all data is kept.")

    def _start(self, supervisor: Supervisor) -> None:
        postgres, kafka = self._postgres, self._kafka
        if kafka is not None and not jars.fetched():
            self._say("Fetching Apache Kafka, 44 MB: this once, about half a minute.")
        names = [_TITLES[one.name] for one in (postgres, kafka) if one is not None]
        if names:
            self._say(f"Starting {' and '.join(names)}.")
        if postgres is not None:
            supervisor.start(postgres)
        if kafka is not None:
            supervisor.start(kafka)
        if postgres is not None:
            supervisor.wait_ready(postgres)
            ensure_database(postgres)
        # PostgreSQL is ready first: it is brought level while Kafka starts.
        migrate = Child(
            "migrate",
            server_command("migrate"),
            environ=self._owners(),
            log=self._home.log("migrate"),
        )
        try:
            if kafka is not None:
                supervisor.wait_ready(kafka)
            self._say("Bringing topics and database level.")
            ensure_topics(self._settings.bootstrap)
            migrate.wait_until(lambda: not migrate.running, seconds=600)
        finally:
            migrate.stop(grace=10)
        if migrate.exit_code != 0:
            raise StartFailed(
                f"The database could not be migrated: {migrate.last_words()} "
                f"(whole log: {migrate.log})"
            )
        members = services(
            self._settings,
            {role: self._url(role) for one in PROCESSES if (role := one.role)},
            self._settings.bootstrap,
            self._home.logs,
        )
        self._start_services(
            supervisor, [one for one in members if one.name != SAMPLE.name]
        )
        write_client(self._home.client, self._settings, self._owners())
        for member in members:
            if member.name == SAMPLE.name:
                self._start_sample(supervisor, member)

    def _start_services(
        self, supervisor: Supervisor, members: Sequence[Service]
    ) -> None:
        self._say("Starting the publisher, the projector, the timers and both APIs.")
        for member in members:
            if not member.api:
                supervisor.start(member)
        supervisor.start(*(member for member in members if member.api))
        supervisor.wait_ready(*members)

    def _start_sample(self, supervisor: Supervisor, worker: Service) -> None:
        """The first time with a run, so that there is something to look at."""
        home, owners = self._home, self._owners()
        write_client(
            home.sample_worker,
            self._settings,
            owners,
            name="sample-worker",
            role="worker",
        )
        if not home.sample.joinpath("begun").exists():
            self._say("Starting the sample worker and a first run of its workflow.")
            begin = Child(
                "sample",
                server_command("sample", "begin"),
                environ=environment(self._settings, "", self._settings.bootstrap),
                log=home.log("sample"),
            )
            try:
                begin.wait_until(lambda: not begin.running, seconds=60)
            finally:
                begin.stop(grace=5)
            if begin.exit_code != 0:
                # A stack without its sample is still a stack.
                self._say(f"The sample has no first run: {begin.last_words()}")
        supervisor.start(worker)
        supervisor.wait_ready(worker)

    def _url(self, role: str) -> str:
        if self._postgres is None:
            return self._settings.database_url
        return self._postgres.url(DATABASE, role)

    def _owners(self) -> dict[str, str]:
        return environment(self._settings, self._url(OWNER), self._settings.bootstrap)


_TITLES = {"postgres": "PostgreSQL", "kafka": "Kafka"}


def ensure_database(server: PostgresServer) -> None:
    """The service's database and its owner, made when missing."""
    with connect(server.url(), name="up") as connection:
        there = connection.execute(
            "SELECT FROM pg_database WHERE datname = %s", (DATABASE,)
        ).fetchone()
    if there is None:
        with suppress(psycopg.errors.DuplicateDatabase):
            create_database(server.url(), DATABASE)
