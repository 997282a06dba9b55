"""What tests of every folder stand on: a real PostgreSQL and a real Kafka.

``postgres``   the session's server (``PostgresServer``); ``postgres.url()``
``database``   a migrated database for this test alone:
               ``database.url("runledger_command")``, ``.url()`` for the owner,
               ``.url("postgres")`` for the superuser
``kafka``      the session's broker (``KafkaBroker``); ``kafka.bootstrap``. It is
               everybody's: a test that kills a broker starts one of its own
``topic``      a name that no other test has, for a topic this test makes

With several workers (``pytest -n 2``, as in ``infra/bin/test``) each has a server of
its own; what tests of a folder share is one worker's (``tests.support.spreading``).

Asynchronous tests: ``pytestmark = pytest.mark.anyio``; they run on asyncio with
uvloop, as the service does. To wait, use ``tests.support.waiting``.
"""

from __future__ import annotations

import os
import shutil
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from infra.local.stack import KafkaBroker, PostgresServer, free_ports
from tests.support.database import Database, Template
from tests.support.spreading import ByFolder, longest_first

if TYPE_CHECKING:
    from collections.abc import Iterator

MEMORY = Path("/dev/shm")
ROOM = 4_000_000_000
"""Bytes that must be free there: twice what the whole suite takes."""


def _usable(memory: Path) -> bool:
    if not memory.is_dir() or shutil.disk_usage(memory).free < ROOM:
        return False
    return not os.statvfs(memory).f_flag & os.ST_NOEXEC  # tests write programs too


# Most tests copy a database: 15 ms in memory, 150 on a disk. Kills spare both.
if _usable(MEMORY):
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))

# A broker lives for seconds here: compiling it well costs more than it brings.
os.environ.setdefault("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if "PYTEST_XDIST_WORKER" in os.environ:
        items.sort(key=longest_first)


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> ByFolder:
    return ByFolder(config, log)


@pytest.fixture(scope="session")
def anyio_backend() -> tuple[str, dict[str, bool]]:
    return "asyncio", {"use_uvloop": True}


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    folder = tmp_path_factory.mktemp("postgres") / "data"
    # Nothing here outlives a crash of the machine; copies of databases are quicker.
    settings = {"fsync": "off", "full_page_writes": "off"}
    with PostgresServer(folder, settings=settings) as server:
        yield server
    # Beside the folder, since a socket's path must be short: nobody else removes it.
    shutil.rmtree(server.sockets, ignore_errors=True)


@pytest.fixture(scope="session")
def template(postgres: PostgresServer) -> Template:
    return Template(postgres)


@pytest.fixture
def database(template: Template) -> Iterator[Database]:
    with template.copy() as database:
        yield database


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaBroker]:
    port, controller_port = free_ports(2)
    folder = tmp_path_factory.mktemp("kafka") / "data"
    with KafkaBroker(folder, port, controller_port) as broker:
        yield broker


@pytest.fixture
def topic() -> str:
    return f"runledger.test.{uuid.uuid4().hex[:12]}"
