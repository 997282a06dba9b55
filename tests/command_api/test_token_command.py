"""``runledger-server token`` against a real database."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from click.testing import CliRunner, Result

from infra.postgres import connect
from workers.__main__ import main

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.database import Database


VIEWER = ("--role", "viewer")


@pytest.fixture(params=["runledger_owner", "runledger_command"])
def url(request: pytest.FixtureRequest, database: Database) -> str:
    role: str = request.param
    return database.url(role)


def run(url: str, *arguments: str) -> Result:
    environ = {"RUNLEDGER_DATABASE_URL": url}
    return CliRunner().invoke(main, ["token", *arguments], env=environ)


def create(url: str, *more: str) -> dict[str, object]:
    done = run(
        url,
        *("create", "--name", "ada", "--namespace", "main", "--json"),
        *("--role", "viewer", *more),
    )
    assert done.exit_code == 0, done.output
    made: dict[str, object] = json.loads(done.stdout)
    return made


def test_a_token_is_made_listed_and_revoked(url: str) -> None:
    made = create(url, "--role", "admin", "--expires-in", "12h")
    assert str(made["token"]).startswith("rl_")
    assert made["roles"] == ["admin", "viewer"]
    listed = json.loads(run(url, "list", "--json").stdout)["items"]
    assert listed == [{name: made[name] for name in made if name != "token"}]
    assert "revoked" not in run(url, "list").stdout

    done = run(url, "revoke", str(made["id"]))
    assert done.exit_code == 0, done.output
    assert "revoked" in run(url, "list").stdout
    assert run(url, "list", "--namespace", "other").stdout == ""


def test_a_token_says_to_which_groups_its_holder_belongs(url: str) -> None:
    made = create(url, "--group", "legal", "--group", "finance", "--group", "legal")
    assert made["groups"] == ["finance", "legal"]
    assert "; in finance, legal" in run(url, "list").stdout
    done = run(url, *("create", "--name", "eve", "--namespace", "main"), *VIEWER)
    assert "; in " not in done.stderr
    for wrong in ("", "two\nlines"):
        done = run(
            url,
            *("create", "--name", "x", "--namespace", "main", "--group", wrong),
            *VIEWER,
        )
        assert done.exit_code == 2


def test_the_secret_itself_is_nowhere_in_the_database(url: str) -> None:
    secret = str(create(url)["token"])
    with connect(url, name="tests") as connection:
        rows = connection.execute("SELECT tokens::text FROM access.tokens AS tokens")
        assert secret not in str(rows.fetchall())


def test_without_json_the_secret_stands_alone_on_the_output(url: str) -> None:
    done = run(
        url, "create", "--name", "ada", "--namespace", "main", "--role", "viewer"
    )
    assert done.stdout.startswith("rl_")
    assert done.stdout.count("\n") == 1
    assert "not shown again" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("create", "--name", "ada", "--namespace", "main"),
        ("create", "--name", "ada", "--namespace", "Main", "--role", "viewer"),
        ("create", "--name", "", "--namespace", "main", "--role", "viewer"),
        ("create", "--name", "ada", "--namespace", "main", "--role", "king"),
        ("revoke", "not-an-id"),
        ("revoke", str(uuid4())),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    url: str, arguments: tuple[str, ...]
) -> None:
    done = run(url, *arguments)
    assert done.exit_code != 0
    assert "Traceback" not in done.output
    assert json.loads(run(url, "list", "--json").stdout)["items"] == []


def test_without_a_stack_it_says_where_to_look(tmp_path: Path) -> None:
    done = CliRunner().invoke(
        main,
        ["token", "list"],
        env={"RUNLEDGER_HOME": str(tmp_path), "RUNLEDGER_DATABASE_URL": ""},
    )
    assert done.exit_code != 0
    assert "RUNLEDGER_DATABASE_URL" in done.stderr


def test_the_query_role_sees_only_what_recognises_a_caller(database: Database) -> None:
    create(database.url())
    with connect(
        database.url("runledger_query"), name="tests", autocommit=True
    ) as connection:
        for statement in (
            "SELECT created_by FROM access.tokens",
            "UPDATE access.tokens SET revoked_at = NULL",
            "DELETE FROM access.sessions",
        ):
            with pytest.raises(Exception, match="permission denied"):
                connection.execute(statement)
        assert connection.execute("SELECT name FROM access.tokens").fetchall()


def test_the_command_role_changes_no_token_but_to_revoke_it(
    database: Database,
) -> None:
    create(database.url())
    with connect(
        database.url("runledger_command"), name="tests", autocommit=True
    ) as connection:
        for statement in (
            "UPDATE access.tokens SET roles = '{admin}'",
            "DELETE FROM access.tokens",
        ):
            with pytest.raises(Exception, match="permission denied"):
                connection.execute(statement)
