"""Signing in with a browser: cookie, anti-forgery header, origins."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.command_api.conftest import NS, PORT, code
from tests.support.waiting import eventually_async

if TYPE_CHECKING:
    import httpx2

    from tests.command_api.conftest import Api

pytestmark = pytest.mark.anyio

COOKIE = f"runledger_session_{PORT}"
PAGE = f"http://127.0.0.1:{PORT}"


async def sign_in(api: Api) -> str:
    """The session's anti-forgery value; the client keeps the cookie."""
    answer = await api.client.post("/session", json={"token": api.secret})
    assert answer.status_code == 201
    return str(answer.json()["csrf"])


async def start(api: Api, **headers: str) -> httpx2.Response:
    return await api.client.post(
        f"{NS}/runs",
        json={"workflow": "nightly"},
        headers={name.replace("_", "-"): value for name, value in headers.items()},
    )


async def test_a_token_is_exchanged_for_a_cookie_no_script_reads(api: Api) -> None:
    answer = await api.client.post("/session", json={"token": api.secret})
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=rls_")
    for attribute in ("HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=43200"):
        assert attribute in cookie
    assert api.secret not in answer.text + cookie
    told = answer.json()
    assert (told["name"], told["namespace"]) == ("ada", "main")
    assert told["roles"] == ["admin"]
    assert "operator" in told["actions"]

    shown = await api.client.get("/session")
    assert shown.json() == told


async def test_the_header_signs_in_too(api: Api) -> None:
    answer = await api.post("/session", {})
    assert answer.status_code == 201
    answer = await api.client.post("/session", json={"token": "rl_wrong"})
    assert (code(answer), answer.status_code) == ("unauthenticated", 401)
    answer = await api.client.post("/session")
    assert code(answer) == "unauthenticated"


async def test_a_command_by_cookie_takes_the_sessions_own_value(api: Api) -> None:
    await api.workflow()
    csrf = await sign_in(api)
    before = await api.head()
    assert code(await start(api)) == "csrf"
    assert code(await start(api, Runledger_CSRF="guess")) == "csrf"
    assert await api.head() == before
    answer = await start(api, Runledger_CSRF=csrf, Origin=PAGE)
    assert answer.status_code == 201
    assert answer.headers["access-control-allow-origin"] == PAGE
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert "ETag" in answer.headers["access-control-expose-headers"]

    # The value of one session is nothing to another.
    api.client.cookies.clear()
    assert await sign_in(api) != csrf
    assert code(await start(api, Runledger_CSRF=csrf)) == "csrf"


@pytest.mark.parametrize(
    "origin", ["http://evil.example", f"http://127.0.0.1:{PORT + 5}", "null"]
)
async def test_a_page_of_another_origin_gets_nowhere(api: Api, origin: str) -> None:
    await api.workflow()
    csrf = await sign_in(api)
    answer = await start(api, Runledger_CSRF=csrf, Origin=origin)
    assert (code(answer), answer.status_code) == ("csrf", 403)
    assert "access-control-allow-origin" not in answer.headers
    answer = await api.client.post(
        "/session", json={"token": api.secret}, headers={"Origin": origin}
    )
    assert code(answer) == "csrf"
    answer = await api.client.options(
        f"{NS}/runs",
        headers={"Origin": origin, "Access-Control-Request-Method": "POST"},
    )
    assert code(answer) == "forbidden"
    assert "access-control-allow-origin" not in answer.headers


async def test_our_page_may_ask_first(api: Api) -> None:
    answer = await api.client.options(
        f"{NS}/runs",
        headers={"Origin": PAGE, "Access-Control-Request-Method": "POST"},
    )
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == PAGE
    assert answer.headers["vary"] == "Origin"
    allowed = answer.headers["access-control-allow-headers"]
    for name in ("Runledger-CSRF", "Idempotency-Key", "If-Match"):
        assert name in allowed


async def test_signing_out_ends_the_session(api: Api) -> None:
    csrf = await sign_in(api)
    secret = api.client.cookies[COOKIE]
    answer = await api.client.delete("/session")
    assert code(answer) == "csrf"
    answer = await api.client.delete("/session", headers={"Runledger-CSRF": csrf})
    assert answer.status_code == 204
    assert COOKIE not in api.client.cookies
    answer = await api.client.get("/session", headers={"Cookie": f"{COOKIE}={secret}"})
    assert code(answer) == "unauthenticated"


async def test_a_session_ends_with_its_token(api: Api) -> None:
    await sign_in(api)
    assert (await api.client.get("/session")).status_code == 200
    await api.rows("UPDATE access.tokens SET revoked_at = now() RETURNING id")

    async def ended() -> bool:
        return (await api.client.get("/session")).status_code == 401

    await eventually_async(ended, seconds=9)


async def test_a_session_is_no_token_and_a_token_no_session(api: Api) -> None:
    await sign_in(api)
    secret = api.client.cookies[COOKIE]
    api.client.cookies.clear()
    answer = await api.client.get(
        "/session", headers={"Authorization": f"Bearer {secret}"}
    )
    assert code(answer) == "unauthenticated"
    answer = await api.client.get(
        "/session", headers={"Cookie": f"{COOKIE}={api.secret}"}
    )
    assert code(answer) == "unauthenticated"
