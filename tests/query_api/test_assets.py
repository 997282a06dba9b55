"""The dashboard as it is served: its page, its files, and what it is kept from."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError
from starlette.testclient import TestClient

from infra.local.dashboard import compress
from infra.local.environment import ROOT
from infra.settings import Settings
from infra.web.application import Application
from query_api import index
from query_api.assets import Dashboard

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx2

    from tests.query_api.serving import Api

PAGE = """<!doctype html>
<meta name="command-port" content="">
<meta name="command-url" content="" />
<script type="module" src="/assets/index-Dk2.js"></script>
"""
SCRIPT = "console.log('a dashboard')\n" * 100
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    dist = tmp_path / "dist"
    dist.joinpath("assets").mkdir(parents=True)
    dist.joinpath("index.html").write_text(PAGE)
    dist.joinpath("favicon.svg").write_text("<svg/>")
    dist.joinpath(".built").write_text("a stamp")
    dist.joinpath("assets/index-Dk2.js").write_text(SCRIPT)
    dist.joinpath("assets/dot-A1b.png").write_bytes(b"\x89PNG")
    compress(dist / "assets")
    tmp_path.joinpath("secret.js").write_text("not to be had")
    return dist


@pytest.fixture
def client(dist: Path) -> Iterator[TestClient]:
    with served(dist, Settings()) as client:
        yield client


def served(dist: Path, settings: Settings) -> TestClient:
    app = Application((), routes=[Dashboard(settings, dist)])
    return TestClient(app, headers={"Accept": "*/*"})


def policy(response: httpx2.Response) -> dict[str, str]:
    told = response.headers["content-security-policy"].split("; ")
    return dict(one.split(" ", 1) for one in told)


@pytest.mark.parametrize(
    "address", ["/", "/runs/42?step=build&at=18", "/workflows/a.b/runs", "/v1x"]
)
def test_every_address_of_a_page_is_answered_with_the_page(
    client: TestClient, address: str
) -> None:
    response = client.get(address, headers=BROWSER)
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert '<meta name="command-port" content="7451">' in response.text
    assert '<meta name="command-url" content="" />' in response.text
    head = client.head(address, headers=BROWSER)
    assert head.headers == response.headers
    assert head.text == ""


@pytest.mark.parametrize(
    "address",
    [
        "/v1",
        "/v1/default/nothing",
        "/openapi.json/",
        "/health/x",
        "/assets",
        "/assets/",
    ],
)
def test_an_address_of_the_api_or_of_files_is_never_a_page(
    client: TestClient, address: str
) -> None:
    response = client.get(address, headers=BROWSER)
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"


def test_a_service_that_mistakes_an_address_gets_no_page(client: TestClient) -> None:
    for accept in ("*/*", "application/json"):
        response = client.get("/runs/42", headers={"Accept": accept})
        assert response.status_code == 404, "a page would look like an answer"
    assert client.get("/").status_code == 200
    assert client.post("/runs/42", headers=BROWSER).status_code == 404


def test_a_page_is_asked_for_anew_and_sent_again_only_if_it_changed(
    client: TestClient, dist: Path
) -> None:
    first = client.get("/", headers=BROWSER)
    assert first.headers["cache-control"] == "no-cache"
    known = {**BROWSER, "If-None-Match": first.headers["etag"]}
    again = client.get("/runs/7", headers=known)
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]

    # As a build does: another file in its place, naming other assets.
    built = dist / "index.new"
    built.write_text(PAGE.replace("Dk2", "Zz9"))
    dist.joinpath("assets/index-Zz9.js").write_text("new")
    built.replace(dist / "index.html")
    assert "index-Zz9.js" in client.get("/", headers=known).text
    assert client.get("/assets/index-Zz9.js").text == "new"


def test_a_page_runs_shows_and_asks_nothing_from_elsewhere(client: TestClient) -> None:
    response = client.get("/", headers=BROWSER)
    assert policy(response) == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "font-src": "'self'",
        "connect-src": "'self' http://127.0.0.1:7451 http://localhost:7451",
        "frame-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    assert response.headers["cross-origin-opener-policy"] == "same-origin"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize(
    ("more", "told", "origins"),
    [
        (
            {"command_public_url": "https://runs.example/commands/"},
            "https://runs.example/commands",
            ["https://runs.example"],
        ),
        (
            {"command_public_url": "https://runs.example:8443"},
            "https://runs.example:8443",
            ["https://runs.example:8443"],
        ),
        (
            {"cors_origin": "https://runs.example"},
            "",
            ["https://runs.example:7451"],
        ),
        ({"host": "10.0.0.7"}, "", ["http://10.0.0.7:7451"]),
    ],
)
def test_a_page_knows_where_commands_go_and_may_send_them_there(
    dist: Path, more: dict[str, str], told: str, origins: list[str]
) -> None:
    with served(dist, Settings.model_validate(more)) as client:
        response = client.get("/", headers=BROWSER)
    assert f'<meta name="command-url" content="{told}" />' in response.text
    assert policy(response)["connect-src"].split()[1:] == origins


@pytest.mark.parametrize(
    "url", ["runs.example", "https://a; script-src *", "javascript:x", "https://a/?b"]
)
def test_an_address_that_is_none_is_no_setting(url: str) -> None:
    with pytest.raises(ValidationError):
        Settings(command_public_url=url)


def test_a_file_is_kept_for_ever_and_sent_compressed(client: TestClient) -> None:
    address = "/assets/index-Dk2.js"
    response = client.get(address, headers={"Accept-Encoding": "br, gzip"})
    assert response.text == SCRIPT
    assert response.headers["content-encoding"] == "gzip"
    assert int(response.headers["content-length"]) < len(SCRIPT) / 5
    assert response.headers["content-type"] == "text/javascript; charset=utf-8"
    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert response.headers["vary"] == "accept-encoding"
    assert response.headers["x-content-type-options"] == "nosniff"

    for refused in ("identity", "gzip;q=0", "br"):
        response = client.get(address, headers={"Accept-Encoding": refused})
        assert "content-encoding" not in response.headers
        assert int(response.headers["content-length"]) == len(SCRIPT)
        assert response.headers["vary"] == "accept-encoding"

    picture = client.get("/assets/dot-A1b.png", headers={"Accept-Encoding": "gzip"})
    assert picture.content == b"\x89PNG"
    assert picture.headers["content-type"] == "image/png"
    assert "content-encoding" not in picture.headers
    assert client.get("/favicon.svg").headers["content-type"] == "image/svg+xml"


@pytest.mark.parametrize(
    "address",
    [
        "/assets/../index.html",
        "/assets/..%2f..%2fsecret.js",
        "/assets/%2e%2e/%2e%2e/secret.js",
        "/assets/index-Dk2.js.gz",
        "/assets/index-Dk2.js/",
        "/assets//index-Dk2.js",
        "/assets/none-x.js",
        "/assets/index-Dk2.js%00",
        "/favicon.ico",
        "/.built",
    ],
)
def test_no_address_leads_to_another_file(client: TestClient, address: str) -> None:
    # The client would tidy a path up by itself: it is put in as it is.
    response = client.get("http://testserver" + address)
    assert response.status_code == 404
    assert "not to be had" not in response.text


def test_without_a_build_the_page_says_how_to_make_one(tmp_path: Path) -> None:
    with served(tmp_path / "dist", Settings()) as client:
        response = client.get("/runs/1", headers=BROWSER)
        assert response.status_code == 200
        assert "infra/bin/dashboard" in response.text
        for address in ("/openapi.json", "/asyncapi.json", "/health/ready"):
            assert f'href="{address}"' in response.text
        assert client.get("/assets/x.js").status_code == 404
    assert os.access(ROOT / "infra/bin/dashboard", os.X_OK)


def test_the_page_of_the_sources_can_be_told_what_it_must_know() -> None:
    page = ROOT.joinpath("query_api/dashboard/index.html").read_text("utf-8")
    told = index.filled(page, Settings(port=8000))
    assert 'content="8001"' in told
    with pytest.raises(ValueError, match="command-port"):
        index.filled("<!doctype html>", Settings())


def test_the_query_api_serves_it_after_everything_of_its_own(empty: Api) -> None:
    page = empty.client.get("/runs/1", headers=BROWSER)
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    nothing = empty.client.get("/v1/default/nothing", headers=BROWSER)
    assert nothing.status_code == 404
    assert nothing.headers["content-type"] == "application/problem+json"
    told = empty.client.get("/openapi.json", headers=BROWSER)
    assert told.json()["openapi"] == "3.1.0"
