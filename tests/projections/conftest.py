"""A session of the projector's own role, on a database of the test's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from infra.postgres import connect
from tests.projections.tables import Tables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.database import Database


@pytest.fixture
def tables(database: Database) -> Iterator[Tables]:
    url = database.url("runledger_projector")
    with connect(url, name="tests", autocommit=True, durable=False) as connection:
        yield Tables(connection, database)
