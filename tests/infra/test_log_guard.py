"""What the database itself refuses, whoever asks."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import psycopg
import pytest

from infra.event_store.writer import Writer
from tests.support.appending import addition, key, verify

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.database import Database, Template

APPLICATION_ROLES = (
    "runledger_command",
    "runledger_query",
    "runledger_publisher",
    "runledger_projector",
)
APPEND_ONLY = ("runledger_events", "log_batches", "refusals", "contents")
TABLES = (*APPEND_ONLY, "log_head", "idempotency_keys", "run_numbers")


@pytest.fixture(scope="module")
def written(template: Template) -> Iterator[Database]:
    """One database for all: what is refused changes nothing, which is checked."""
    with template.copy() as database:
        asyncio.run(_write(database))
        yield database
        assert verify(database.url()) == 1


async def _write(database: Database) -> None:
    async with Writer(database.url("runledger_command")) as writer:
        await writer.append(addition(key=key("k"), contents={"00" * 32: b"1"}))


def attempt(database: Database, role: str, statement: str) -> None:
    with psycopg.connect(database.url(role)) as connection:
        connection.execute(statement)


@pytest.mark.parametrize("role", ["runledger_owner", "postgres"])
@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger.{} SET ctid = ctid WHERE false",
        "DELETE FROM ledger.{} WHERE false",
        "TRUNCATE ledger.{}",
    ],
)
def test_not_even_the_owner_changes_what_was_recorded(
    written: Database, role: str, table: str, statement: str
) -> None:
    if statement.startswith("UPDATE"):
        statement = f"UPDATE ledger.{table} SET {COLUMN[table]} = {COLUMN[table]}"
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
        attempt(written, role, statement.format(table))


COLUMN = {
    "runledger_events": "topic",
    "log_batches": "digest",
    "refusals": "code",
    "contents": "body",
}


def test_a_session_that_applies_replicated_changes_is_refused_too(
    written: Database,
) -> None:
    """Ordinary triggers are silent there; ours are ENABLE ALWAYS."""
    with psycopg.connect(written.url("postgres")) as connection:
        connection.execute("SET session_replication_role = replica")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("DELETE FROM ledger.runledger_events")


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM ledger.log_head",
        "TRUNCATE ledger.log_head",
        "INSERT INTO ledger.log_head VALUES (false, 0, now(), '')",
    ],
)
def test_the_log_has_one_end(written: Database, statement: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        attempt(written, "runledger_owner", statement)


@pytest.mark.parametrize("role", APPLICATION_ROLES)
@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO ledger.{} DEFAULT VALUES",
        "DELETE FROM ledger.{}",
        "TRUNCATE ledger.{}",
        "ALTER TABLE ledger.{} DISABLE TRIGGER ALL",
        "DROP TABLE ledger.{}",
        "CREATE TRIGGER t AFTER INSERT ON ledger.{} EXECUTE FUNCTION f()",
    ],
)
def test_the_service_has_no_right_to_a_table(
    written: Database, role: str, table: str, statement: str
) -> None:
    with pytest.raises(
        (psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedFunction)
    ):
        attempt(written, role, statement.format(table))


@pytest.mark.parametrize("role", APPLICATION_ROLES)
def test_the_service_makes_nothing_in_the_ledger(written: Database, role: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        attempt(written, role, "CREATE TABLE ledger.mine (a int)")


@pytest.mark.parametrize("role", APPLICATION_ROLES[1:])
@pytest.mark.parametrize(
    "call",
    [
        "ledger.append('{}', '{}', '{}', '{}', '{}')",
        "ledger.take_numbers('{}', '{}', '{}', '{}')",
        "ledger.forget_keys(now())",
    ],
)
def test_only_commands_append(written: Database, role: str, call: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        attempt(written, role, f"SELECT {call}")


@pytest.mark.parametrize(
    ("role", "table", "may"),
    [
        ("runledger_command", "runledger_events", True),
        ("runledger_command", "log_batches", False),
        ("runledger_query", "runledger_events", True),
        ("runledger_query", "log_batches", True),
        ("runledger_query", "refusals", True),
        ("runledger_query", "contents", True),
        ("runledger_query", "idempotency_keys", False),
        ("runledger_publisher", "runledger_events", True),
        ("runledger_publisher", "contents", False),
        ("runledger_publisher", "idempotency_keys", False),
        ("runledger_projector", "runledger_events", True),
        ("runledger_projector", "idempotency_keys", False),
    ],
)
def test_each_role_reads_what_it_needs(
    written: Database, role: str, table: str, may: bool
) -> None:
    statement = f"SELECT count(*) FROM ledger.{table}"
    if may:
        attempt(written, role, statement)
    else:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            attempt(written, role, statement)


@pytest.mark.parametrize("role", APPLICATION_ROLES)
def test_no_role_of_the_service_can_do_more_than_its_grants(
    written: Database, role: str
) -> None:
    with psycopg.connect(written.url()) as connection:
        rights = connection.execute(
            "SELECT rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls,"
            "       pg_has_role(rolname, 'runledger_owner', 'MEMBER')"
            "  FROM pg_roles WHERE rolname = %s",
            (role,),
        ).fetchone()
    assert rights == (False,) * 6


def test_functions_of_the_owner_have_a_search_path_of_their_own(
    written: Database,
) -> None:
    """Otherwise a caller's path would say what the owner's rights are used for."""
    with psycopg.connect(written.url()) as connection:
        found = connection.execute(
            "SELECT proname, proconfig FROM pg_proc"
            " WHERE pronamespace = 'ledger'::regnamespace AND prosecdef"
        ).fetchall()
    assert {name for name, _ in found} >= {"append", "take_numbers", "forget_keys"}
    assert all("search_path=pg_catalog, pg_temp" in config for _, config in found)


def test_only_old_keys_are_forgotten(written: Database) -> None:
    """A key of the last hour may be repeated any moment, whatever is asked for."""
    with psycopg.connect(written.url("runledger_command")) as connection:
        gone = connection.execute(
            "SELECT ledger.forget_keys(now() + interval '1 day')"
        ).fetchone()
    assert gone == (0,)
    with psycopg.connect(written.url()) as connection:
        connection.execute(
            "UPDATE ledger.idempotency_keys SET recorded_at = now() - interval '2 day'"
        )
    with psycopg.connect(written.url("runledger_command")) as connection:
        gone = connection.execute(
            "SELECT ledger.forget_keys(now() - interval '1 day')"
        ).fetchone()
    assert gone == (1,)
