"""What is no command to a run: tokens, parked runs, health, the document."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from command_api.app import OPERATIONS
from infra.access import ROLES
from infra.web.problems import KINDS, PREFIX
from tests.command_api.conftest import NS, code

if TYPE_CHECKING:
    from tests.command_api.conftest import Api

pytestmark = pytest.mark.anyio


async def test_an_administrator_makes_lists_and_revokes_tokens(api: Api) -> None:
    made = await api.post(
        f"{NS}/tokens", {"name": "ci", "roles": ["viewer"], "expires_in_s": 60}
    )
    assert made.status_code == 201
    told = made.json()
    assert told["created_by"] == "ada"
    bearer = {"Authorization": f"Bearer {told['token']}"}
    answer = await api.client.get("/session", headers=bearer)
    assert answer.json()["name"] == "ci"

    admin = {"Authorization": f"Bearer {api.secret}"}
    listed = (await api.client.get(f"{NS}/tokens", headers=admin)).json()["items"]
    assert [one["name"] for one in listed] == ["ci", "ada"]
    assert told["token"] not in str(listed)

    path = f"{NS}/tokens/{told['id']}"
    assert (await api.client.delete(path, headers=admin)).status_code == 200
    answer = await api.client.get("/session", headers=bearer)
    assert code(answer) == "unauthenticated"
    answer = await api.client.delete(f"{NS}/tokens/{uuid4()}", headers=admin)
    assert code(answer) == "not-found"


async def test_tokens_of_another_namespace_are_not_there(api: Api) -> None:
    other = await api.token("admin", namespace="other")
    admin = {"Authorization": f"Bearer {api.secret}"}
    listed = (await api.client.get(f"{NS}/tokens", headers=admin)).json()["items"]
    answer = await api.client.delete(
        f"/v1/other/tokens/{listed[0]['id']}",
        headers={"Authorization": f"Bearer {other}"},
    )
    assert code(answer) == "not-found"


async def test_replay_is_asked_for_where_something_is_parked(api: Api) -> None:
    run = await api.run()
    path = f"{NS}/parked-runs/{run}/replay"
    assert code(await api.post(path)) == "wrong-state"
    assert code(await api.post(f"{NS}/parked-runs/{uuid4()}/replay")) == "unknown-run"
    await api.rows(
        "INSERT INTO projection.parked"
        " (generation, position, run_id, partition, topic, error)"
        f" VALUES (1, 2, '{run}', 0, 'run.created', 'no') RETURNING 1"
    )
    answer = await api.post(path)
    assert answer.status_code == 202
    rows = await api.rows(
        "SELECT id, run_id::text, requested_by FROM projection.replay_requests"
    )
    assert rows == [(answer.json()["request_id"], str(run), "ada")]


async def test_it_is_ready_without_kafka_and_says_so(api: Api) -> None:
    assert (await api.client.get("/health/live")).status_code == 200
    await api.run()
    answer = await api.client.get("/health/ready")
    assert answer.status_code == 200, answer.text
    checks = answer.json()["checks"]
    assert checks["writer"]["ok"]
    assert checks["schema"]["ok"]
    assert (checks["kafka"]["ok"], checks["kafka"]["required"]) == (False, False)
    head = await api.head()
    assert checks["lag"]["found"]["position"] == head
    assert checks["lag"]["found"]["unpublished"] == head


async def test_it_is_not_ready_when_a_migration_is_missing(api: Api) -> None:
    await api.rows("DELETE FROM migration.applied WHERE name LIKE '0003%' RETURNING 1")
    answer = await api.client.get("/health/ready")
    assert (code(answer), answer.status_code) == ("not-ready", 503)
    found = answer.json()["checks"]["schema"]
    assert not found["ok"]
    assert "0003_access" in found["found"]


async def test_health_itself_writes_nothing(api: Api) -> None:
    await api.run()
    before = await api.rows("SELECT * FROM ledger.log_head")
    assert (await api.client.get("/health/ready")).status_code == 200
    assert await api.rows("SELECT * FROM ledger.log_head") == before


async def test_the_document_names_limits_roles_and_problems(api: Api) -> None:
    document = (await api.client.get("/openapi.json")).json()
    assert document["openapi"].startswith("3.1")
    for operation in OPERATIONS:
        entry = document["paths"][operation.path][operation.method.lower()]
        if operation.action is not None:
            assert entry["x-runledger-role"] in ROLES
        if operation.body is not None:
            assert str(operation.body.limit) in entry["description"]
            assert "413" in entry["responses"]
        told = {
            one.removeprefix(PREFIX)
            for status, answer in entry["responses"].items()
            if status >= "400"
            for one in answer["content"]["application/problem+json"]["schema"][
                "properties"
            ]["type"]["enum"]
        }
        assert set(operation.problems) <= told <= set(KINDS)
    ids = [operation.id for operation in OPERATIONS]
    assert len(set(ids)) == len(ids)


async def test_every_operation_asks_who_one_is(api: Api) -> None:
    for operation in OPERATIONS:
        if operation.path == "/session" and operation.method == "POST":
            continue
        path = operation.path.format(
            ns="main", run_id=uuid4(), step="a", token_id=uuid4(), bulk_id=uuid4()
        )
        answer = await api.client.request(operation.method, path)
        assert code(answer) == "unauthenticated", path
