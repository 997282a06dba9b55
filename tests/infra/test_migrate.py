"""Migrations: applied once each, by one at a time, never changed afterwards."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import psycopg
import pytest

from infra.migrate import (
    FOLDER,
    MigrationError,
    create_database,
    migrate,
    migrations,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from infra.local.stack import PostgresServer
    from tests.support.database import Database


@pytest.fixture
def empty(postgres: PostgresServer, tmp_path: Path) -> Iterator[str]:
    """The owner's address of a database that nothing was done to."""
    name = f"empty_{tmp_path.name[:40].replace('-', '_')}"
    create_database(postgres.url(), name)
    yield postgres.url(name, "runledger_owner")
    with psycopg.connect(postgres.url(), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "migrations"
    folder.mkdir()
    folder.joinpath("0001_first.pre.sql").write_text("CREATE TABLE public.one (a int)")
    folder.joinpath("0001_first.post.sql").write_text("DROP TABLE public.one")
    folder.joinpath("0002_next.pre.sql").write_text("CREATE TABLE public.two (b int)")
    return folder


def test_all_are_applied_and_then_nothing_is_left_to_do(empty: str) -> None:
    applied = migrate(empty)
    assert applied == [migration.name for migration in migrations()]
    assert applied[0] == "0001_event_store.pre"
    assert migrate(empty) == []


def test_two_at_once_apply_each_once(empty: str) -> None:
    with ThreadPoolExecutor(3) as threads:
        done = list(threads.map(lambda _: migrate(empty), range(3)))
    assert sorted(done, key=len) == [[], [], [m.name for m in migrations()]]


def test_pre_and_post_are_run_apart(empty: str, folder: Path) -> None:
    assert migrate(empty, ["pre"], folder=folder) == ["0001_first.pre", "0002_next.pre"]
    assert migrate(empty, ["post"], folder=folder) == ["0001_first.post"]
    assert migrate(empty, folder=folder) == []


def test_all_together_run_by_number_pre_before_post(folder: Path) -> None:
    assert [migration.name for migration in migrations(folder)] == [
        "0001_first.pre",
        "0001_first.post",
        "0002_next.pre",
    ]


def test_an_applied_file_that_was_changed_stops_everything(
    empty: str, folder: Path
) -> None:
    migrate(empty, ["pre"], folder=folder)
    folder.joinpath("0001_first.pre.sql").write_text("CREATE TABLE public.uno (a int)")
    with pytest.raises(MigrationError, match=r"0001_first\.pre was changed"):
        migrate(empty, folder=folder)
    with psycopg.connect(empty) as connection:
        one = connection.execute("SELECT to_regclass('public.one')").fetchone()
    assert one == ("one",), "0001_first.post ran nevertheless"


def test_a_database_of_a_newer_version_is_left_alone(empty: str, folder: Path) -> None:
    migrate(empty, ["pre"], folder=folder)
    folder.joinpath("0002_next.pre.sql").unlink()
    with pytest.raises(MigrationError, match="newer"):
        migrate(empty, folder=folder)


def test_a_file_that_fails_leaves_nothing_of_itself(empty: str, folder: Path) -> None:
    folder.joinpath("0003_half.pre.sql").write_text(
        "CREATE TABLE public.three (c int); SELECT 1 / 0"
    )
    with pytest.raises(psycopg.errors.DivisionByZero):
        migrate(empty, folder=folder)
    with psycopg.connect(empty) as connection:
        found = connection.execute(
            "SELECT to_regclass('public.two'), to_regclass('public.three')"
        ).fetchone()
    assert found == ("two", None)


@pytest.mark.parametrize("name", ["1_short.pre.sql", "0004_none.sql", "notes.sql"])
def test_a_name_that_is_none_is_refused(folder: Path, name: str) -> None:
    folder.joinpath(name).write_text("SELECT 1")
    with pytest.raises(MigrationError, match="no name of a migration"):
        migrations(folder)


def test_one_number_is_one_migration(folder: Path) -> None:
    shutil.copy(
        folder / "0002_next.pre.sql",
        folder / "0002_other.pre.sql",
    )
    with pytest.raises(MigrationError, match="one number"):
        migrations(folder)


def test_another_role_is_told_what_to_do(database: Database) -> None:
    with pytest.raises(MigrationError, match="CREATE ROLE runledger_owner"):
        migrate(database.url("runledger_command"))


def test_a_superuser_leaves_all_to_the_owner(database: Database) -> None:
    """A SECURITY DEFINER function of a superuser would be a superuser's."""
    migrate(database.url("postgres"))
    with psycopg.connect(database.url()) as connection:
        owners = connection.execute(
            """
            SELECT DISTINCT r.rolname
              FROM pg_proc AS p JOIN pg_roles AS r ON r.oid = p.proowner
             WHERE p.pronamespace = 'ledger'::regnamespace
             UNION
            SELECT DISTINCT r.rolname
              FROM pg_class AS c JOIN pg_roles AS r ON r.oid = c.relowner
             WHERE c.relnamespace = 'ledger'::regnamespace
            """
        ).fetchall()
    assert owners == [("runledger_owner",)]


def test_every_migration_of_ours_has_a_number_of_its_own() -> None:
    assert len({migration.order for migration in migrations(FOLDER)}) == len(
        migrations(FOLDER)
    )
