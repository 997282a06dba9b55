"""The web parts that both APIs share, in a small API of their own."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import httpx2
import pytest
from pydantic import BaseModel
from starlette.applications import Starlette
from starlette.responses import StreamingResponse

from domain import errors
from domain.ids import Line, NamespaceName
from infra.access import Access, Role
from infra.postgres_async import pool
from infra.web import health, openapi
from infra.web.authentication import REMEMBERED_S, Authenticator, unauthenticated
from infra.web.operations import (
    Answer,
    Body,
    Call,
    Operation,
    Reply,
    problem_handlers,
)
from infra.web.problems import KINDS, of_domain
from infra.web.routing import Table
from tests.support.waiting import eventually_async

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.support.database import Database

pytestmark = pytest.mark.anyio

RUN = "01890000-0000-7000-8000-000000000001"


class Path(BaseModel):
    ns: NamespaceName
    run_id: UUID


class Query(BaseModel):
    model_config = {"extra": "forbid"}

    limit: int = 10
    state: list[str] = []
    actor: Line | None = None


class Thing(BaseModel):
    model_config = {"extra": "forbid"}

    type: str = "thing"
    step: str
    count: int = 0
    value: Any = None


class Seen(BaseModel):
    run_id: UUID
    limit: int
    state: list[str]


async def show(call: Call) -> Reply:
    query = call.query_as(Query)
    path = call.path_as(Path)
    return Reply.json(Seen(run_id=path.run_id, limit=query.limit, state=query.state))


async def do(call: Call) -> Reply:
    thing = call.body_as(Thing)
    if thing.count == 1:
        raise errors.WrongState("Step 'a' is completed.", version=7)
    if thing.count == 2:
        raise RuntimeError("secret of the house")
    return Reply.json({"step": thing.step, "value": thing.value}, 201)


async def follow(call: Call) -> StreamingResponse:
    async def frames() -> AsyncIterator[str]:
        yield "id: 1\n\n"

    return StreamingResponse(frames(), media_type="text/event-stream")


async def broken(state: object) -> object:
    raise RuntimeError("no disk")


async def fine(state: object) -> object:
    return 3


OPERATIONS = (
    Operation(
        "GET",
        "/v1/{ns}/runs/{run_id}",
        show,
        "Show",
        action="viewer",
        path_model=Path,
        query=Query,
        answers={200: Answer(Seen)},
    ),
    Operation(
        "POST",
        "/v1/{ns}/steps/{step}",
        do,
        "Do",
        action="worker",
        body=Body(Thing, limit=2_000_000, in_path=("step",), implied=("type",)),
        answers={201: Answer()},
    ),
    Operation("GET", "/v1/{ns}/stream", follow, "Follow", action="viewer"),
    Operation("GET", "/v1/system", show, "A literal before a name", action=None),
)


class Api:
    def __init__(self, client: httpx2.AsyncClient, authenticator: Authenticator):
        self.client = client
        self.authenticator = authenticator
        self.access = authenticator.access

    async def token(self, *roles: Role, namespace: str = "main") -> tuple[UUID, str]:
        token, secret = await self.access.create_token(
            namespace=namespace, name="ada", roles=roles, created_by="tests"
        )
        return token.id, secret

    async def post(self, secret: str, content: str | bytes) -> httpx2.Response:
        return await self.client.post(
            "/v1/main/steps/build",
            content=content,
            headers={"Authorization": f"Bearer {secret}"},
        )


@pytest.fixture
async def api(database: Database) -> AsyncIterator[Api]:
    url = database.url("runledger_command")
    async with (
        pool(url, name="tests", max_size=2) as connections,
        Authenticator(Access(connections), url, cookie="session") as authenticator,
    ):
        operations = (*OPERATIONS, *health.operations({"a": fine}, {"b": broken}))
        app = Starlette(
            routes=[Table(operations)], exception_handlers=problem_handlers()
        )
        app.router.redirect_slashes = False

        async def with_state(scope: Any, receive: Any, send: Any) -> None:
            scope["state"] = {"authenticator": authenticator}
            await app(scope, receive, send)

        async with httpx2.AsyncClient(
            transport=httpx2.ASGITransport(with_state), base_url="http://test"
        ) as client:
            yield Api(client, authenticator)


def code(response: httpx2.Response) -> str:
    assert response.headers["content-type"] == "application/problem+json"
    document = response.json()
    assert document["status"] == response.status_code
    assert document["instance"] == response.request.url.path
    return str(document["type"].removeprefix("urn:runledger:problem:"))


async def test_a_caller_needs_a_token_its_namespace_and_a_role(api: Api) -> None:
    address = f"/v1/main/runs/{RUN}"
    answer = await api.client.get(address)
    assert (code(answer), answer.status_code) == ("unauthenticated", 401)
    assert answer.headers["www-authenticate"].startswith("Bearer")

    answer = await api.post("rl_nobody", "{}")
    assert code(answer) == "unauthenticated"

    _, elsewhere = await api.token("admin", namespace="other")
    answer = await api.post(elsewhere, "{}")
    assert (code(answer), answer.status_code) == ("forbidden", 403)
    assert "'other'" in answer.json()["detail"]

    _, viewer = await api.token("viewer", "operator")
    answer = await api.post(viewer, "{}")
    assert code(answer) == "forbidden"
    assert "role worker" in answer.json()["detail"]

    answer = await api.client.get(
        address, headers={"Authorization": f"Bearer {viewer}"}
    )
    assert answer.status_code == 200
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"


async def test_a_revocation_is_heard_at_once(api: Api) -> None:
    token_id, secret = await api.token("worker")
    assert (await api.post(secret, "{}")).status_code == 201
    await api.access.revoke_token(token_id)

    async def refused() -> bool:
        return (await api.post(secret, "{}")).status_code == 401

    await eventually_async(refused, seconds=REMEMBERED_S * 0.9)


async def test_an_expired_token_is_none(api: Api) -> None:
    _, secret = await api.access.create_token(
        namespace="main",
        name="ada",
        roles=["worker"],
        created_by="tests",
        lifetime=timedelta(seconds=-1),
    )
    assert code(await api.post(secret, "{}")) == "unauthenticated"


@pytest.mark.parametrize(
    ("sent", "expected", "pointer"),
    [
        ("{", "malformed", None),
        (b'{"value": "\xff"}', "malformed", None),
        ('{"value": NaN}', "malformed", None),
        ('{"value": 1e999}', "malformed", None),
        ('{"value": "\\ud800"}', "malformed", None),
        ('{"value": ' + "[" * 64 + "]" * 64 + "}", "malformed", None),
        ("[" * 1_000_000 + "]" * 900_000, "malformed", None),
        ('"' + '\\"' * 900_000, "malformed", None),
        ("[" * 65, "malformed", None),
        ('{"value": {"a/b": ["x\\u0000"]}}', "invalid", "#/value/a~1b/0"),
        ('{"value": {"\\u0000": 1}}', "invalid", "#/value"),
        ('{"value": [123456789012345678901234567890]}', "invalid", "#/value/0"),
        ('{"value": %s}' % ("9" * 300), "invalid", "#/value"),
        ('{"count": "many"}', "invalid", "#/count"),
        ('{"count": "1"}', "invalid", "#/count"),
        ('{"count": true}', "invalid", "#/count"),
        ('{"step": "other"}', "invalid", "#/step"),
        ('{"type": "thing"}', "invalid", "#/type"),
        ('{"what": 1}', "invalid", "#/what"),
        ("[]", "invalid", None),
        ('{"value": "%s"}' % ("x" * 2_000_000), "too-large", None),
    ],
)
async def test_a_body_that_cannot_be_taken(
    api: Api, sent: str | bytes, expected: str, pointer: str | None
) -> None:
    _, secret = await api.token("worker")
    answer = await api.post(secret, sent)
    assert code(answer) == expected
    assert len(answer.content) < 2_000
    if pointer is not None:
        assert answer.json()["errors"][0]["pointer"] == pointer


@pytest.mark.parametrize(
    "value",
    [
        "\\u0000 spelled out",
        2**64 - 1,
        -(2**63),
        0.1234567890123456789,
        json.loads("[" * 62 + "1" + "]" * 62),
        "[" * 100,
        ["[" * 100, '"' * 100, "\\"],
        [[]] * 100,
    ],
)
async def test_a_value_comes_back_as_it_was_sent(api: Api, value: object) -> None:
    _, secret = await api.token("worker")
    answer = await api.post(secret, json.dumps({"value": value}))
    assert answer.status_code == 201
    assert answer.json() == {"step": "build", "value": value}


async def test_a_body_without_its_length_is_limited_too(api: Api) -> None:
    _, secret = await api.token("worker")

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b" " * 100_000

    answer = await api.client.post(
        "/v1/main/steps/build",
        content=chunks(),
        headers={"Authorization": f"Bearer {secret}"},
    )
    assert code(answer) == "too-large"


async def test_parameters_that_do_not_fit_are_named(api: Api) -> None:
    _, secret = await api.token("viewer")
    bearer = {"Authorization": f"Bearer {secret}"}
    for address, parameter in (
        ("/v1/main/runs/seven", "run_id"),
        (f"/v1/main/runs/{RUN}?limit=x", "limit"),
        (f"/v1/main/runs/{RUN}?limit=1&limit=2", "limit"),
        (f"/v1/main/runs/{RUN}?what=2", "what"),
        (f"/v1/main/runs/{RUN}?actor=%00", "actor"),
    ):
        answer = await api.client.get(address, headers=bearer)
        assert (code(answer), answer.status_code) == ("invalid", 422)
        assert answer.json()["errors"][0]["parameter"] == parameter
    answer = await api.client.get(
        f"/v1/main/runs/{RUN}?state=a&state=b&limit=3", headers=bearer
    )
    assert answer.json() == {"run_id": RUN, "limit": 3, "state": ["a", "b"]}


async def test_addresses_and_methods_that_are_not_there(api: Api) -> None:
    for address in ("/", "/v1/main", "/v1/main/runs/", "/v1/main/steps/a%00b", "//"):
        answer = await api.client.get(address)
        assert (code(answer), answer.status_code) == ("not-found", 404), address
    answer = await api.client.delete(f"/v1/main/runs/{RUN}")
    assert (code(answer), answer.status_code) == ("method-not-allowed", 405)
    assert answer.headers["allow"] == "GET, HEAD"
    # A namespace may be called as a literal of the same place.
    answer = await api.client.get(f"/v1/system/runs/{RUN}")
    assert code(answer) == "unauthenticated"


async def test_errors_of_the_rules_keep_their_code(api: Api) -> None:
    _, secret = await api.token("worker")
    answer = await api.post(secret, '{"count": 1}')
    assert (code(answer), answer.status_code) == ("wrong-state", 409)
    assert answer.json()["detail"] == "Step 'a' is completed."
    assert answer.json()["version"] == 7


async def test_an_error_nobody_foresaw_is_told_by_reference(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    _, secret = await api.token("worker")
    with caplog.at_level(logging.ERROR, "runledger.web"):
        answer = await api.post(secret, '{"count": 2}')
    assert (code(answer), answer.status_code) == ("internal", 500)
    assert "secret of the house" not in answer.text
    assert answer.json()["reference"] in caplog.text
    assert "secret of the house" in caplog.text


def test_every_error_of_the_rules_has_its_problem() -> None:
    def tree(cls: type[errors.RunledgerError]) -> set[type[errors.RunledgerError]]:
        return {cls}.union(*(tree(sub) for sub in cls.__subclasses__()))

    for cls in tree(errors.RunledgerError) - {errors.RunledgerError}:
        assert of_domain(cls("x")).code == cls.code


async def test_a_stream_passes_with_the_headers_of_all_answers(api: Api) -> None:
    _, secret = await api.token("viewer")
    answer = await api.client.get(
        "/v1/main/stream", headers={"Authorization": f"Bearer {secret}"}
    )
    assert answer.text == "id: 1\n\n"
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("size", [5_000, 400_000])
async def test_a_large_answer_is_compressed_where_that_is_accepted(
    api: Api, size: int
) -> None:
    _, secret = await api.token("worker")
    body = json.dumps({"value": "abcdefghij" * (size // 10)})
    sizes = {}
    for accepted in ("gzip, br", "br;q=1.0, GZIP;q=0.5", "identity", "gzip; q=0", ""):
        api.client.headers["Accept-Encoding"] = accepted
        answer = await api.post(secret, body)
        assert answer.json()["value"] == json.loads(body)["value"]
        assert answer.headers["vary"] == "accept-encoding"
        coding = answer.headers.get("content-encoding", "none")
        sizes[accepted] = coding, int(answer.headers["content-length"])
    *compressed, identity, refused, nothing = sizes.values()
    assert {coding for coding, _ in compressed} == {"gzip"}
    assert all(length < size / 20 for _, length in compressed)
    assert {identity, refused, nothing} == {("none", len(answer.content))}


async def test_a_small_answer_and_a_stream_go_as_they_are(api: Api) -> None:
    _, secret = await api.token("worker")
    answer = await api.post(secret, json.dumps({"value": "a" * 3_000}))
    assert "vary" not in answer.headers
    assert "content-encoding" not in answer.headers
    answer = await api.client.get(
        "/v1/main/stream", headers={"Authorization": f"Bearer {secret}"}
    )
    assert answer.status_code == 200
    assert "content-encoding" not in answer.headers


async def test_health_tells_facts_apart_from_what_is_required(api: Api) -> None:
    answer = await api.client.get("/health/ready")
    assert answer.json() == {
        "status": "ready",
        "checks": {
            "a": {"ok": True, "required": True, "found": 3},
            "b": {"ok": False, "required": False, "found": "no disk"},
        },
    }
    operation = health.operations({"b": broken})[1]
    app = Starlette(routes=[Table([operation])])

    async def with_state(scope: Any, receive: Any, send: Any) -> None:
        scope["state"] = {}
        await app(scope, receive, send)

    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(with_state), base_url="http://test"
    ) as client:
        answer = await client.get("/health/ready")
    assert (code(answer), answer.status_code) == ("not-ready", 503)
    assert answer.json()["checks"]["b"]["found"] == "no disk"


def test_the_document_tells_what_the_table_routes() -> None:
    text = openapi.document(OPERATIONS, title="T", description="D", version="1")
    show_entry = text["paths"]["/v1/{ns}/runs/{run_id}"]["get"]
    assert [one["name"] for one in show_entry["parameters"]] == [
        "ns",
        "run_id",
        "limit",
        "state",
        "actor",
    ]
    assert show_entry["parameters"][1]["schema"] == {"type": "string", "format": "uuid"}
    do_entry = text["paths"]["/v1/{ns}/steps/{step}"]["post"]
    schema = do_entry["requestBody"]["content"]["application/json"]["schema"]
    body = text["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    assert list(body["properties"]) == ["count", "value"]
    assert {"201", "400", "401", "403", "413", "422", "500"} <= set(
        do_entry["responses"]
    )
    assert text["paths"]["/v1/system"]["get"]["security"] == []


def test_the_words_for_no_caller_are_a_challenge() -> None:
    problem = unauthenticated("x", invalid=True)
    assert problem.headers["WWW-Authenticate"].endswith('error="invalid_token"')
    assert problem.status == KINDS["unauthenticated"].status
