"""Topics of a test's own, and publishers and projectors that run in threads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from infra.postgres import connect
from tests.projections.tables import Tables
from tests.workers.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra.local.stack import KafkaBroker
    from tests.support.database import Database


@pytest.fixture
def stage(database: Database, kafka: KafkaBroker, topic: str) -> Iterator[Stage]:
    url = database.url("runledger_projector")
    with connect(url, name="tests", autocommit=True) as connection:
        yield Stage(Tables(connection, database), kafka.bootstrap, topic)
