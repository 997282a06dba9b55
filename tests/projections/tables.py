"""Read tables as a test sees them: bring them level, look into them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from psycopg import sql
from psycopg.rows import dict_row

from projections.catalogue import TABLES
from projections.catching_up import catch_up
from projections.generation import ALL_PARTITIONS, Generation, current
from projections.log import Log
from tests.projections import histories

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from psycopg import Connection

    from projections.decoding import Failure
    from tests.projections.histories import Stream
    from tests.support.database import Database

Rows = list[dict[str, Any]]


class Tables:
    def __init__(self, connection: Connection[Any], database: Database) -> None:
        self.connection = connection
        self.database = database

    def given(self, *streams: Stream) -> int:
        """Append what is new of these; the log's last position."""
        return histories.append(self.database.url(), streams)

    def generation(self, number: int | None = None) -> Generation:
        return Generation(
            self.connection, current(self.connection) if number is None else number
        )

    def level(self, generation: Generation | None = None) -> list[Failure]:
        """Bring all partitions to the log's end; what was parked."""
        head = Log(self.connection).head()
        return catch_up(
            generation or self.generation(), dict.fromkeys(ALL_PARTITIONS, head)
        )

    def all(self, table: str, schema: str = "read") -> Rows:
        """The rows of a table in an order that says nothing."""
        cursor = self.connection.cursor(row_factory=dict_row)
        cursor.execute(
            sql.SQL("SELECT * FROM {} AS each ORDER BY each::text").format(
                sql.Identifier(schema, table)
            )
        )
        return cursor.fetchall()

    def of_run(self, table: str, run_id: UUID) -> Rows:
        return [row for row in self.all(table) if row["run_id"] == run_id]

    def one(self, table: str, run_id: UUID, **columns: Any) -> dict[str, Any]:
        (found,) = (
            row
            for row in self.of_run(table, run_id)
            if all(row[name] == value for name, value in columns.items())
        )
        return found

    def everything(self, schema: str = "read") -> dict[str, Rows]:
        """All rows of all tables; counts that came back to zero left out."""
        found = {table.name: self.all(table.name, schema) for table in TABLES}
        found["workflow_counts"] = [
            row for row in found["workflow_counts"] if row["runs"]
        ]
        return found

    def parked(self) -> Rows:
        return self.all("parked", "projection")


def states(rows: Sequence[dict[str, Any]]) -> dict[str, str]:
    """Step -> state."""
    return {row["step"]: row["state"] for row in rows}
