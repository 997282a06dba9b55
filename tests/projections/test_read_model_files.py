"""The migrations' generation 1, the .sql files and the documentation say the same."""

from __future__ import annotations

import re
import shutil
import sys
import uuid
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
from psycopg import sql

from infra import migrate
from infra.kafka import partition_of
from infra.migrate import create_database
from infra.postgres import connect
from projections import generations, rebuild
from projections.catalogue import TABLES
from projections.read_model import ReadModel, Table
from tests.projections.histories import (
    completed,
    definition,
    failed,
    mixture,
    registered,
)

if TYPE_CHECKING:
    from infra.local.stack import PostgresServer
    from tests.projections.tables import Tables

GUIDE = Path(__file__).parents[2] / "docs" / "adding-a-read-model.md"

RELEASE = definition()

SHAPE = """
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull
  FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
 WHERE c.relnamespace = %(schema)s::regnamespace AND c.relkind = 'r' AND a.attnum > 0
   AND NOT a.attisdropped
 ORDER BY c.relname, a.attname
"""
"""Columns by name: a migration can add one at the end only."""

INDEXES = """
SELECT tablename, replace(indexdef, %(schema)s || '.', '') FROM pg_indexes
 WHERE schemaname = %(schema)s ORDER BY tablename, indexdef
"""

OPTIONS = """
SELECT relname, reloptions FROM pg_class
 WHERE relnamespace = %(schema)s::regnamespace AND relkind = 'r' ORDER BY relname
"""


@pytest.mark.parametrize("question", [SHAPE, INDEXES, OPTIONS])
def test_a_new_generation_is_what_the_migrations_made(
    tables: Tables, question: str
) -> None:
    number = generations.create(tables.connection)
    generations.index(tables.connection, number)
    first, second = (
        tables.connection.execute(question, {"schema": schema}).fetchall()
        for schema in ("read_1", f"read_{number}")
    )
    assert first == second
    assert first


def test_the_views_show_all_columns_of_the_migrated_tables(tables: Tables) -> None:
    columns = (
        "SELECT table_name, column_name FROM information_schema.columns"
        " WHERE table_schema = %s AND table_name = ANY (%s) ORDER BY 1, 2"
    )
    names = [table.name for table in TABLES]
    shown, there = (
        tables.connection.execute(columns, (schema, names)).fetchall()
        for schema in ("read", "read_1")
    )
    assert shown == there
    assert {name for name, _ in there} == set(names)


def test_migrations_reach_every_generation(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    """Of a service that has been rebuilt before: the first one is not the current."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    create_database(postgres.url(), name)
    owner = postgres.url(name, "runledger_owner")
    for file in sorted(migrate.FOLDER.glob("000[123]_*.sql")):
        shutil.copy(file, tmp_path)
    migrate.migrate(owner, folder=tmp_path)
    url = postgres.url(name, "runledger_projector")
    with connect(url, name="tests", autocommit=True) as connection:
        old = connection.execute(
            "SELECT table_name FROM information_schema.tables"
            " WHERE table_schema = 'read_1'"
        ).fetchall()
        connection.execute(SECOND_GENERATION)
        for (table,) in old:
            connection.execute(
                sql.SQL(
                    "SET ROLE runledger_reads;"
                    " CREATE TABLE read_2.{0} (LIKE read_1.{0} INCLUDING ALL);"
                    " CREATE OR REPLACE VIEW read.{0} AS SELECT * FROM read_2.{0};"
                    " RESET ROLE"
                ).format(sql.Identifier(table))
            )
        connection.execute(
            "UPDATE projection.generations SET state = 'retired' WHERE id = 1;"
            "UPDATE projection.generations SET state = 'current' WHERE id = 2"
        )
        migrate.migrate(owner)
        first, second = (
            connection.execute(SHAPE, {"schema": schema}).fetchall()
            for schema in ("read_1", "read_2")
        )
        assert first == second
        assert {row[0] for row in first} == {table.name for table in TABLES}
        shown = connection.execute(
            "SELECT DISTINCT table_schema FROM information_schema.view_table_usage"
            " WHERE view_schema = 'read' AND table_name = ANY (%s)",
            ([table.name for table in TABLES],),
        ).fetchall()
        assert shown == [("read_2",)]
    with connect(postgres.url(), name="tests", autocommit=True) as connection:
        connection.execute(
            sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
        )


SECOND_GENERATION = """
INSERT INTO projection.generations (id, state) VALUES (2, 'building');
INSERT INTO projection.positions (generation, partition)
SELECT 2, n FROM generate_series(0, 7) AS n;
SELECT projection.make_schema(2)
"""


def test_rows_name_columns_that_exist(tables: Tables) -> None:
    """A misspelt member would be dropped without a word."""
    tables.given(registered(RELEASE), *mixture(RELEASE, 4))
    generation = tables.generation()
    from projections.generation import ALL_PARTITIONS

    events = [change for change, _ in generation.log.window(0, 10_000, ALL_PARTITIONS)]
    batch = generation.fold(events)
    for table in TABLES:
        columns = {
            row[0]
            for row in tables.connection.execute(
                "SELECT attname FROM pg_attribute"
                " WHERE attrelid = %s::regclass AND attnum > 0",
                (f"read_1.{table.name}",),
            )
        }
        for row in table.model.rows(batch):
            assert set(row) == columns, table.name


def test_partitions_are_the_same_in_sql_and_in_python(tables: Tables) -> None:
    for stream in mixture(RELEASE, 40):
        (row,) = tables.connection.execute(
            "SELECT projection.partition_of(%s)", (stream.stream_id,)
        )
        assert row[0] == partition_of(stream.stream_id)


def test_the_guide_adds_a_read_model(tables: Tables, tmp_path: Path) -> None:
    endings = from_the_guide(tmp_path)
    catalogue = (*TABLES, endings)
    tables.given(registered(RELEASE), *mixture(RELEASE, 8))
    tables.level()
    before = tables.everything()
    done = rebuild.rebuild(
        tables.database.url("runledger_projector"),
        say=lambda line: None,
        jobs=0,
        tables=catalogue,
    )
    assert all(each.same for each in done.differences)
    assert tables.everything() == before
    assert endings_of(tables) == {"completed": 2, "failed": 2}
    # It is kept up from then on, and a replay counts nothing twice.
    more = [completed(RELEASE, 21), failed(RELEASE, 22)]
    tables.given(*more)
    generation = type(tables.generation())(tables.connection, 2, tables=catalogue)
    tables.level(generation)
    for run in more:
        assert generation.replay(run.stream_id) is None
    assert endings_of(tables) == {"completed": 3, "failed": 3}


def test_a_generation_without_a_new_table_is_kept_without_it(
    tables: Tables, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    tables.given(registered(RELEASE), *mixture(RELEASE, 4))
    catalogue = (*TABLES, from_the_guide(tmp_path))
    generation = type(tables.generation())(tables.connection, 1, tables=catalogue)
    assert "has no endings" in caplog.text
    assert tables.level(generation) == []
    assert len(tables.all("runs")) == 4


def from_the_guide(folder: Path) -> Table:
    """The guide's own two files, as a table of a read model."""
    text = GUIDE.read_text(encoding="utf-8")
    (statements,) = re.findall(r"```sql\n(.*?)```", text, re.DOTALL)
    (python,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    folder.joinpath("endings.sql").write_text(statements, encoding="utf-8")
    file = folder / "endings.py"
    file.write_text(python, encoding="utf-8")
    spec = spec_from_file_location("endings_of_the_guide", file)
    assert spec is not None
    assert spec.loader is not None
    module: Any = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return Table(cast("ReadModel", module), folder)


def endings_of(tables: Tables) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in tables.all("endings"):
        found[row["outcome"]] = found.get(row["outcome"], 0) + row["runs"]
    return found
