"""Do two generations hold the same rows? And where not, which?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from psycopg import sql as composed

from projections.generation import schema_of
from projections.generations import QUERIES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from psycopg import Connection

    from projections.read_model import Table

EXAMPLES = 3


class Difference(NamedTuple):
    """What two generations' tables of one name hold."""

    table: str
    rows_old: int
    rows_new: int
    same: bool
    examples: tuple[str, ...] = ()
    """Rows that only one of them has: ``-`` the old one, ``+`` the new one."""
    left_out: tuple[str, ...] = ()
    """Columns that only one of them has."""

    def __str__(self) -> str:
        counts = f"{self.table}: {self.rows_old} rows, {self.rows_new} in the new one"
        verdict = "equal" if self.same else "DIFFERENT"
        notes = f" (without {', '.join(self.left_out)})" if self.left_out else ""
        lines = [f"{counts}: {verdict}{notes}", *self.examples]
        return "\n    ".join(lines)


def compare(
    connection: Connection[Any], old: int, new: int, tables: Sequence[Table]
) -> list[Difference]:
    """Table by table, those that both have. For a transaction that nobody overtakes."""
    return [
        found
        for table in tables
        if (found := _compare(connection, old, new, table)) is not None
    ]


def _compare(
    connection: Connection[Any], old: int, new: int, table: Table
) -> Difference | None:
    columns = [_columns(connection, number, table.name) for number in (old, new)]
    if not all(columns):
        return None
    both = [name for name in columns[0] if name in columns[1]]
    left_out = tuple(sorted(set(columns[0]) ^ set(columns[1])))
    rows = table.statements.get("compare", f"SELECT * FROM {table.name}")
    select = composed.SQL("SELECT {} FROM ({}) AS compared").format(
        composed.SQL(", ").join(map(composed.Identifier, both)), composed.SQL(rows)
    )
    sums = [_sum(connection, number, select) for number in (old, new)]
    same = sums[0] == sums[1]
    examples = () if same else _examples(connection, old, new, select)
    return Difference(
        table.name, sums[0][0], sums[1][0], same, tuple(examples), left_out
    )


def _sum(
    connection: Connection[Any], number: int, select: composed.Composable
) -> tuple[int, Any]:
    _look_at(connection, number)
    row = connection.execute(
        composed.SQL(
            "SELECT count(*), sum(hashtextextended(each::text, 0)::numeric)"
            " FROM ({}) AS each"
        ).format(select)
    ).fetchone()
    assert row is not None
    return int(row[0]), row[1]


def _examples(
    connection: Connection[Any], old: int, new: int, select: composed.Composable
) -> list[str]:
    found = []
    for sign, number, other in (("-", old, new), ("+", new, old)):
        # Texts, since a jsonb or an array is not always comparable.
        _look_at(connection, other)
        connection.execute(
            composed.SQL(
                "CREATE TEMPORARY TABLE other_rows ON COMMIT DROP AS"
                " SELECT each::text AS line FROM ({}) AS each"
            ).format(select)
        )
        _look_at(connection, number)
        rows = connection.execute(
            composed.SQL(
                "SELECT each::text FROM ({}) AS each"
                " EXCEPT SELECT line FROM pg_temp.other_rows ORDER BY 1 LIMIT {}"
            ).format(select, composed.Literal(EXAMPLES))
        ).fetchall()
        connection.execute("DROP TABLE pg_temp.other_rows")
        found += [f"{sign} {line}" for (line,) in rows]
    return found


def _columns(connection: Connection[Any], number: int, name: str) -> list[str]:
    asked = {"schema": schema_of(number), "table": name}
    return [row[0] for row in connection.execute(QUERIES["columns"], asked)]


def _look_at(connection: Connection[Any], number: int) -> None:
    connection.execute(
        composed.SQL("SET LOCAL search_path = {}").format(
            composed.Identifier(schema_of(number))
        )
    )
