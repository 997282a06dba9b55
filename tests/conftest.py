"""What tests of every folder stand on: a real PostgreSQL and a real Kafka.

``postgres``   the session's server (``PostgresServer``); ``postgres.url()``
``database``   a migrated database for this test alone:
               ``database.url("runledger_command")``, ``.url()`` for the owner,
               ``.url("postgres")`` for the superuser
``kafka``      the session's broker (``KafkaBroker``); ``kafka.bootstrap``. It is
               everybody's: a test that kills a broker starts one of its own
``topic``      a name that no other test has, for a topic this test makes

Asynchronous tests: ``pytestmark = pytest.mark.anyio``; they run on asyncio with
uvloop, as the service does. To wait, use ``tests.support.waiting``.
"""

from __future__ import annotations

import shutil
import uuid
from typing import TYPE_CHECKING

import pytest

from infra.local.stack import KafkaBroker, PostgresServer, free_ports
from tests.support.database import Database, Template

if TYPE_CHECKING:
    from collections.abc import Iterator


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
