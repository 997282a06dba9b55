"""Log lines as if they had come on another day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg

if TYPE_CHECKING:
    from datetime import date

    from tests.support.database import Database


def move_to_day(database: Database, first: int, day: date) -> None:
    """The chunks that begin with a number, of all attempts."""
    with psycopg.connect(database.url()) as owner:
        owner.execute("SELECT logs.make_day(%s)", (day,))
        owner.execute("UPDATE logs.chunks SET day = %s WHERE first = %s", (day, first))
        owner.execute(
            "UPDATE logs.attempts AS a SET first_day = c.began, last_day = c.ended"
            "  FROM (SELECT attempt_id, min(day) AS began, max(day) AS ended"
            "          FROM logs.chunks GROUP BY attempt_id) AS c"
            " WHERE c.attempt_id = a.id"
        )
