"""Looks at every part of a stack and says, for what is not well, what to do."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import psycopg

from infra.local.errors import PortTaken, StackError
from infra.local.home import NEEDED_BYTES, Home
from infra.local.ports import answers, listener_on, require_free
from infra.local.postgres import PostgresServer
from infra.local.processes import children_of
from infra.local.services import PROCESSES, health, listeners, reachable
from infra.local.topics import partitions
from infra.local.up import DATABASE, addresses
from infra.migrate import OWNER, migrations
from infra.postgres import connect
from infra.settings import DEAD_LETTERS_TOPIC, EVENTS_TOPIC, PARTITIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra.local.home import Record
    from infra.settings import Settings

OLDEST_POSTGRES = 15

_START = "start the stack with infra/bin/up --detach"


@dataclass(frozen=True)
class Finding:
    """What was looked at, whether it is well, and what to tell about it."""

    what: str
    ok: bool
    said: str


def examine(settings: Settings) -> list[Finding]:
    """Every finding, in the order in which a stack starts; nothing is changed.

    A stack that runs is looked for where it runs, whatever port is asked for.
    """
    home = Home(settings.home)
    record = home.record()
    if (running := addresses(home)) is not None:
        port = urlsplit(running.query_url).port
        settings = settings.model_copy(update={"port": port or settings.port})
    return [
        _python(),
        _disk(home),
        *_processes(home, record, settings),
        *_ports(settings, record),
        *_database(settings, home),
        *_kafka(settings),
        *_apis(settings),
    ]


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding("Python", True, f"{version}, {sys.executable}")


def _disk(home: Home) -> Finding:
    folder = home.folder
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    said = f"{free // 10**6} MB free in {folder}"
    if free < NEEDED_BYTES:
        said += f": make room, {NEEDED_BYTES // 10**6} MB are needed"
    return Finding("disk", free >= NEEDED_BYTES, said)


def _processes(
    home: Home, record: Record | None, settings: Settings
) -> Iterator[Finding]:
    if record is None or not record.supervisor.alive:
        left = [] if record is None else record.children.items()
        alive = ", ".join(name for name, child in left if child.alive)
        said = f"nothing runs for {home.folder}: {_START}"
        if alive:
            said = (
                f"its supervisor was killed and left {alive}: {_START}, which mends it"
            )
        yield Finding("stack", False, said)
        return
    pid = record.supervisor.pid
    said = "is ready" if record.ready else "is still starting: wait, then look again"
    yield Finding("stack", record.ready, f"process {pid} of {home.folder} {said}")
    for name, child in record.children.items():
        yield Finding(
            name,
            child.alive,
            f"process {child.pid} runs"
            if child.alive
            else f"has died and is started again: see {home.log(name)}",
        )


def _ports(settings: Settings, record: Record | None) -> Iterator[Finding]:
    ours = set(_pids(record))
    for port, purpose, host in listeners(settings):
        what = f"port {port}"
        owner = listener_on(port)
        if owner in ours:
            yield Finding(what, True, f"{purpose}, process {owner}")
            continue
        try:
            require_free(port, purpose, host)
        except PortTaken as error:
            # The system may not say who has it; the APIs' own findings tell then.
            yield Finding(what, owner is None and bool(ours), str(error))
        except StackError as error:
            yield Finding(what, False, str(error))
        else:
            yield Finding(what, True, f"free for {purpose}")


def _pids(record: Record | None) -> Iterator[int]:
    for child in record.children.values() if record else ():
        if child.alive:
            yield child.pid
            yield from (one.pid for one in children_of(child.pid))


def _database(settings: Settings, home: Home) -> Iterator[Finding]:
    url = settings.database_url or PostgresServer(home.postgres).url(DATABASE, OWNER)
    try:
        with connect(url, name="doctor", autocommit=True) as connection:
            yield _version(connection)
            yield _roles(connection)
            yield _migrations(connection)
    except psycopg.OperationalError as error:
        said = " ".join(str(error).split())
        what = (
            "check that it runs and that RUNLEDGER_DATABASE_URL names it"
            if settings.database_url
            else f"{_START}, or see {home.log('postgres')}"
        )
        yield Finding("PostgreSQL", False, f"no connection ({said}): {what}")


def _version(connection: psycopg.Connection) -> Finding:
    version = connection.info.server_version
    said = f"version {version // 10000}.{version % 10000}"
    if version // 10000 < OLDEST_POSTGRES:
        said += f" is too old: {OLDEST_POSTGRES} or newer is needed"
        return Finding("PostgreSQL", False, said)
    return Finding("PostgreSQL", True, said)


def _roles(connection: psycopg.Connection) -> Finding:
    there = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles")}
    wanted = {OWNER, *(process.role for process in PROCESSES if process.role)}
    if missing := sorted(wanted - there):
        said = f"{', '.join(missing)} missing: run runledger-server migrate"
        return Finding("roles", False, said)
    return Finding("roles", True, f"all {len(wanted)} are there")


def _migrations(connection: psycopg.Connection) -> Finding:
    known = {migration.name for migration in migrations()}
    try:
        rows = connection.execute("SELECT name FROM migration.applied").fetchall()
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
        return Finding("migrations", False, "none yet: run runledger-server migrate")
    except psycopg.errors.InsufficientPrivilege:
        user = connection.info.user
        said = f"{user} may not see them: run doctor as {OWNER} to check them"
        return Finding("migrations", True, said)
    applied = {name for (name,) in rows}
    if missing := sorted(known - applied):
        said = f"{', '.join(missing)} missing: run runledger-server migrate"
        return Finding("migrations", False, said)
    if newer := sorted(applied - known):
        said = f"{', '.join(newer)} is of a newer version: run that version"
        return Finding("migrations", False, said)
    return Finding("migrations", True, f"all {len(known)} are applied")


def _kafka(settings: Settings) -> Iterator[Finding]:
    if not settings.kafka_bootstrap and not answers(settings.kafka_port):
        said = f"no answer on port {settings.kafka_port}: {_START}"
        yield Finding("Kafka", False, said)
        return
    try:
        found = partitions(settings.bootstrap)
    except StackError as error:
        yield Finding("Kafka", False, str(error))
        return
    yield Finding("Kafka", True, f"answers on {settings.bootstrap}")
    for topic in (EVENTS_TOPIC, DEAD_LETTERS_TOPIC):
        count = found.get(topic)
        if count is None:
            yield Finding(topic, False, f"is missing: {_START}, which makes it")
        elif topic == EVENTS_TOPIC and count != PARTITIONS:
            said = f"has {count} partitions, must have {PARTITIONS}: use another Kafka"
            yield Finding(topic, False, said)
        else:
            yield Finding(topic, True, f"{count} partitions")


def _apis(settings: Settings) -> Iterator[Finding]:
    apis = {"command API": settings.command_port, "query API": settings.query_port}
    for name, port in apis.items():
        match health(reachable(settings.host), port):
            case 200:
                yield Finding(name, True, f"ready on port {port}")
            case None:
                yield Finding(name, False, f"no answer on port {port}: {_START}")
            case status:
                said = f"answers {status} to /health/ready: see what that says"
                yield Finding(name, False, f"{said} on port {port}")
