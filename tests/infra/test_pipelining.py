"""Sessions of synchronous code."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from infra.postgres import connect

if TYPE_CHECKING:
    from tests.support.database import Database

MEGABYTE = "x" * 1024 * 1024


def test_a_pipeline_larger_than_any_buffer_comes_to_its_end(
    database: Database,
) -> None:
    answers: list[int] = []

    def ask() -> None:
        with connect(database.url(), name="test", autocommit=True) as connection:
            with connection.pipeline() as pipeline, connection.transaction():
                asked = [
                    connection.execute("SELECT length(%s::text)", (MEGABYTE,))
                    for _ in range(10)
                ]
                pipeline.sync()
            answers.extend(row[0] for one in asked for row in one.fetchall())

    # Of its own, and a daemon: what it would hang in cannot be interrupted.
    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(60)
    assert answers == [len(MEGABYTE)] * 10
