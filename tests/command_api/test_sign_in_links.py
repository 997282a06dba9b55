"""Signing in by a link: its code is good once, for a while, and for our own page."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest
from click.testing import CliRunner

from infra.postgres import connect
from infra.sign_in import make_link
from tests.command_api.conftest import PORT, code
from workers.__main__ import main

if TYPE_CHECKING:
    from pathlib import Path

    import httpx2

    from tests.command_api.conftest import Api
    from tests.support.database import Database

pytestmark = pytest.mark.anyio

PAGE = f"http://127.0.0.1:{PORT}"


@pytest.fixture
def link(api: Api, database: Database) -> str:
    """The code of a link that signs in as ada."""
    made = make_link(PAGE, database.url(), token=api.secret)
    assert made is not None
    address, _, secret = made.url.partition("#code=")
    assert address == PAGE + "/"
    return secret


async def sign_in(api: Api, secret: str, **headers: str) -> httpx2.Response:
    return await api.client.post("/session", json={"code": secret}, headers=headers)


def refused(answer: httpx2.Response) -> bool:
    return (
        code(answer) == "unauthenticated"
        and answer.status_code == 401
        and "Ask for another: runledger-server link" in answer.json()["detail"]
        and "set-cookie" not in answer.headers
    )


async def test_a_code_signs_in_once(api: Api, link: str) -> None:
    answer = await sign_in(api, link, Origin=PAGE)
    assert answer.status_code == 201
    assert answer.json()["name"] == "ada"
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert link not in answer.text + str(answer.headers)
    assert (await api.client.get("/session")).json() == answer.json()
    assert refused(await sign_in(api, link))
    assert (await api.client.get("/session")).status_code == 200, "the first goes on"


async def test_of_many_who_come_at_once_one_gets_in(api: Api, link: str) -> None:
    answers = await asyncio.gather(*(sign_in(api, link) for _ in range(8)))
    assert sorted(one.status_code for one in answers) == [201] + [401] * 7


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE access.sign_in_codes SET expires_at = now() RETURNING 1",
        "UPDATE access.tokens SET revoked_at = now() RETURNING 1",
        "UPDATE access.tokens SET expires_at = now() RETURNING 1",
        "DELETE FROM access.sign_in_codes RETURNING 1",
    ],
    ids=["run out", "token revoked", "token expired", "unknown"],
)
async def test_a_code_that_is_worth_nothing_says_what_to_do(
    api: Api, link: str, change: str
) -> None:
    assert await api.rows(change)
    assert refused(await sign_in(api, link))


async def test_a_code_is_good_for_a_quarter_of_an_hour(api: Api, link: str) -> None:
    (row,) = await api.rows(
        "SELECT expires_at - created_at BETWEEN interval '14 minutes 59 seconds' "
        "AND interval '15 minutes 1 second' FROM access.sign_in_codes"
    )
    assert row == (True,)


async def test_a_page_of_another_origin_cannot_use_it_up(api: Api, link: str) -> None:
    answer = await sign_in(api, link, Origin="http://evil.example")
    assert (code(answer), answer.status_code) == ("csrf", 403)
    assert "access-control-allow-origin" not in answer.headers
    assert (await sign_in(api, link, Origin=PAGE)).status_code == 201


async def test_a_code_is_no_token_and_a_token_no_code(api: Api, link: str) -> None:
    answer = await api.client.post("/session", json={"token": link})
    assert code(answer) == "unauthenticated"
    answer = await api.client.get(
        "/session", headers={"Authorization": f"Bearer {link}"}
    )
    assert code(answer) == "unauthenticated"
    assert refused(await sign_in(api, api.secret))
    both = {"token": api.secret, "code": link}
    answer = await api.client.post("/session", json=both)
    assert (code(answer), answer.status_code) == ("invalid", 422)
    assert (await sign_in(api, link)).status_code == 201, "none of it used it up"


async def test_the_code_itself_is_nowhere(
    api: Api, link: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await sign_in(api, link)
    await sign_in(api, link)
    await sign_in(api, link + "\0")
    await sign_in(api, link * 10)
    rows = await api.rows("SELECT codes::text FROM access.sign_in_codes AS codes")
    assert link not in str(rows)
    assert link not in caplog.text
    assert api.secret not in caplog.text


async def test_each_role_may_what_it_must(link: str, database: Database) -> None:
    for role, statements in {
        "runledger_query": (
            "SELECT hash FROM access.sign_in_codes",
            "UPDATE access.sign_in_codes SET used_at = NULL",
        ),
        "runledger_command": (
            "UPDATE access.sign_in_codes SET expires_at = now()",
            "UPDATE access.sign_in_codes SET token_id = token_id",
        ),
        "runledger_projector": ("SELECT hash FROM access.sign_in_codes",),
    }.items():
        with connect(database.url(role), name="tests", autocommit=True) as connection:
            for statement in statements:
                with pytest.raises(Exception, match="permission denied"):
                    connection.execute(statement)


@pytest.mark.parametrize("role", ["runledger_owner", "runledger_command"])
async def test_a_link_is_printed_for_a_token(
    api: Api, database: Database, role: str
) -> None:
    (row,) = await api.rows("SELECT id FROM access.tokens")
    environ = {"RUNLEDGER_DATABASE_URL": database.url(role)}
    arguments = ["link", "--token-id", str(row[0])]

    def run(**more: str) -> str:
        done = CliRunner().invoke(main, arguments, env={**environ, **more})
        assert done.exit_code == 0, done.output
        assert "keep it to yourself" in done.stderr
        return done.stdout.strip()

    first, second = run(), run(RUNLEDGER_CORS_ORIGIN="https://runs.example")
    assert first.startswith("http://127.0.0.1:7450/#code=rlc_")
    assert second.startswith("https://runs.example/#code=rlc_")
    for link in (first, second):
        answer = await sign_in(api, link.partition("#code=")[2])
        assert answer.status_code == 201


async def test_no_link_is_printed_for_what_is_no_token_any_more(
    api: Api, database: Database, tmp_path: Path
) -> None:
    (row,) = await api.rows("UPDATE access.tokens SET revoked_at = now() RETURNING id")
    for token_id in (UUID(str(row[0])), uuid4()):
        done = CliRunner().invoke(
            main,
            ["link", "--token-id", str(token_id)],
            env={"RUNLEDGER_DATABASE_URL": database.url()},
        )
        assert done.exit_code == 1
        assert done.stdout == ""
        assert "runledger-server token list" in done.stderr
    environ = {"RUNLEDGER_DATABASE_URL": database.url()}
    assert "--token-id" in CliRunner().invoke(main, ["link"], env=environ).stderr
    environ = {"RUNLEDGER_HOME": str(tmp_path), "RUNLEDGER_DATABASE_URL": ""}
    assert "infra/bin/up" in CliRunner().invoke(main, ["link"], env=environ).stderr
