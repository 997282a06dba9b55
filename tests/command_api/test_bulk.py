"""Bulk operations over the command API: preview, start, stop; and what is not taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest

from infra.postgres import connect
from tests.command_api.conftest import NS, Api, code
from tests.projections.tables import Tables

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx2

    from tests.support.database import Database

pytestmark = pytest.mark.anyio

CANCEL = {"type": "cancel"}
RETRY = {"type": "retry"}
APPROVE = {"type": "approve"}
ALL = {"workflow": "nightly"}

PUBLISHED = """
UPDATE projection.publisher_checkpoint
   SET position = (SELECT position FROM ledger.log_head),
       partition_positions = (SELECT array_agg(position ORDER BY partition)
                                FROM projection.positions)
"""

RISKY = {
    "name": "risky",
    "steps": [
        {"name": "charge", "effects": "once"},
        {"name": "tell", "needs": ["charge"], "effects": "none"},
    ],
}


@pytest.fixture
def level(database: Database) -> Callable[[], None]:
    """Brings the read tables level with the log, as publisher and projector would."""

    def bring() -> None:
        url = database.url("runledger_projector")
        with connect(url, name="tests", autocommit=True) as connection:
            assert Tables(connection, database).level() == []
        with connect(database.url(), name="tests", autocommit=True) as connection:
            connection.execute(PUBLISHED)

    return bring


async def preview(api: Api, command: object, wanted: object = ALL) -> dict[str, Any]:
    answer = await api.post(
        f"{NS}/bulk/preview", {"command": command, "filter": wanted}
    )
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def start(
    api: Api, command: object, digest: str | None = None, **more: Any
) -> httpx2.Response:
    headers = more.pop("headers", {})
    body = {"command": command, "filter": ALL, "digest": digest, **more}
    return await api.post(f"{NS}/bulk", body, headers=headers)


async def waiting(api: Api) -> UUID:
    """A run whose release waits for people."""
    run_id = await api.run()
    for step in ("extract", "load"):
        await api.step(run_id, step, "start")
        await api.step(run_id, step, "complete")
    return run_id


async def failed(api: Api, workflow: str = "risky", step: str = "charge") -> UUID:
    answer = await api.post(f"{NS}/runs", {"workflow": workflow})
    run_id = UUID(answer.json()["run_id"])
    await api.step(run_id, step, "start")
    await api.step(run_id, step, "fail", {"retryable": False})
    return run_id


async def test_a_preview_says_what_it_would_be_about(
    api: Api, level: Callable[[], None]
) -> None:
    runs = [await api.run() for _ in range(3)]
    await api.post(f"{NS}/runs/{runs[0]}/cancel")
    level()
    found = await preview(api, CANCEL)
    assert found["total"] == 3
    assert [item["run_id"] for item in found["items"]] == [
        str(run_id) for run_id in runs[::-1]
    ]
    assert found["expected"] == {"done": 2, "nothing": 1, "refused": 0, "not_found": 0}
    assert found["items"][2]["expected"] == "nothing"
    assert found["safety"] is None
    assert found["position"] == found["head"] == await api.head()
    found = await preview(api, CANCEL, {"state": ["queued"], "actor": "ada"})
    assert found["total"] == 2


async def test_a_preview_records_nothing(api: Api, level: Callable[[], None]) -> None:
    await api.run()
    level()
    before = await api.head()
    await preview(api, CANCEL)
    assert await api.head() == before
    assert await api.rows("SELECT * FROM ledger.refusals") == []


async def test_a_preview_counts_what_would_be_refused_and_why(
    api: Api, level: Callable[[], None]
) -> None:
    await api.run()
    done = await api.run()
    await api.post(f"{NS}/runs/{done}/cancel")
    await api.post(f"{NS}/runs/{done}/retry")
    unknown = uuid4()
    level()
    found = await preview(api, RETRY)
    assert found["expected"]["refused"] == 3
    assert {(one["code"], one["items"]) for one in found["refusals"]} == {
        ("run-not-over", 2),
        ("retry-open", 1),
    }
    found = await preview(api, RETRY, {"run_ids": [str(done), str(unknown)]})
    assert [item["expected"] for item in found["items"]] == ["refused", "not_found"]


async def test_a_preview_of_a_retry_says_what_is_not_safe_to_repeat(
    api: Api, level: Callable[[], None]
) -> None:
    await api.workflow(RISKY)
    told = await failed(api)
    lost = await api.post(f"{NS}/runs", {"workflow": "risky"})
    lost_run = UUID(lost.json()["run_id"])
    await api.step(lost_run, "charge", "start")
    await api.post(f"{NS}/runs/{lost_run}/cancel", {"force": True})
    charged = await api.post(f"{NS}/runs", {"workflow": "risky"})
    charged_run = UUID(charged.json()["run_id"])
    await api.step(charged_run, "charge", "start")
    await api.step(charged_run, "charge", "complete")
    await api.step(charged_run, "tell", "start")
    await api.step(charged_run, "tell", "fail", {"retryable": False})
    level()
    wanted = {"workflow": "risky"}
    found = await preview(api, RETRY, wanted)
    assert found["safety"] == {"safe": 2, "unknown": 1, "unsafe": 0}
    verdicts = {item["run_id"]: item["verdict"] for item in found["items"]}
    assert verdicts[str(told)] == "safe"
    assert verdicts[str(lost_run)] == "unknown"
    from_start = {"type": "retry", "retry_from": "start"}
    found = await preview(api, from_start, wanted)
    assert found["safety"] == {"safe": 1, "unknown": 1, "unsafe": 1}


async def test_a_preview_of_approvals_lists_open_questions(
    api: Api, level: Callable[[], None]
) -> None:
    asked = await waiting(api)
    idle = await api.run()
    level()
    found = await preview(api, APPROVE)
    (item,) = found["items"]
    assert (item["run_id"], item["step"]) == (str(asked), "release")
    assert len(item["subject_digest"]) == 64
    assert (await preview(api, APPROVE, {"step": "other", **ALL}))["total"] == 0
    named = {"run_ids": [str(asked), str(idle)]}
    found = await preview(api, APPROVE, named)
    assert [item["code"] for item in found["items"]] == ["wrong-state", None]
    eve = await api.token("approver", name="eve")
    answer = await api.post(
        f"{NS}/bulk/preview", {"command": APPROVE, "filter": ALL}, token=eve
    )
    assert answer.json()["refusals"][0]["code"] == "not-an-approver"


async def test_a_preview_knows_groups_forms_and_what_was_decided(
    api: Api, level: Callable[[], None]
) -> None:
    policy = {"groups": ["ops"], "required": 2, "form": {"required": ["ticket"]}}
    review = {"name": "review", "kind": "approval", "approval": policy}
    await api.workflow({"name": "guarded", "steps": [review]})
    started = await api.post(f"{NS}/runs", {"workflow": "guarded"})
    run_id = UUID(started.json()["run_id"])
    _, bob = await api.parts.access.create_token(
        namespace="main",
        name="bob",
        roles=["approver"],
        groups=["ops"],
        created_by="tests",
    )
    wanted = {"workflow": "guarded"}
    filled = {"type": "approve", "form": {"ticket": 7}}

    async def expected(command: object, token: str | None = None) -> Any:
        asked = {"command": command, "filter": wanted}
        level()
        answer = await api.post(f"{NS}/bulk/preview", asked, token=token)
        (item,) = answer.json()["items"]
        return item["code"] or item["expected"]

    assert await expected(filled) == "not-an-approver"
    assert await expected(APPROVE, bob) == "form-invalid"
    assert await expected(filled, bob) == "done"
    path = f"{NS}/runs/{run_id}/steps/review/approve"
    answer = await api.post(path, {"form": {"ticket": 7}}, token=bob)
    assert answer.status_code == 200, answer.text
    assert await expected(filled, bob) == "nothing"
    assert await expected({"type": "reject"}, bob) == "wrong-state"
    # What the person belonged to is kept for the items' turn.
    sent = {"command": filled, "filter": wanted, "take_as_is": True}
    bulk = await api.post(f"{NS}/bulk", sent, token=bob)
    (started_event, _) = await api.parts.log.stream(UUID(bulk.json()["bulk_id"]))
    assert started_event.event.model_dump()["groups"] == ("ops",)


async def test_a_start_fixes_the_list_that_was_previewed(
    api: Api, level: Callable[[], None]
) -> None:
    runs = [await api.run() for _ in range(2)]
    level()
    shown = await preview(api, CANCEL)
    answer = await start(api, CANCEL, shown["digest"], reason="bad deploy")
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert (told["state"], told["total"], told["version"]) == ("running", 2, 2)
    started, listed = await api.parts.log.stream(UUID(told["bulk_id"]))
    assert started.actor == "ada"
    assert started.event.model_dump()["reason"] == "bad deploy"
    items = listed.event.model_dump()["items"]
    assert [item["run_id"] for item in items] == runs[::-1]


async def test_a_list_that_is_another_one_by_now_is_refused(
    api: Api, level: Callable[[], None]
) -> None:
    await api.run()
    level()
    shown = await preview(api, CANCEL)
    await api.run()
    level()
    answer = await start(api, CANCEL, shown["digest"])
    assert answer.status_code == 409
    assert code(answer) == "bulk-list-changed"
    told = answer.json()
    assert (told["previewed"], told["total"]) == (1, 2)
    assert told["changed"] == ["nightly#2"]
    assert "nightly#2" in told["detail"]
    (refusal,) = await api.rows("SELECT command, code, body FROM ledger.refusals")
    assert refusal[:2] == ("start_bulk", "bulk-list-changed")
    assert "items" not in refusal[2]
    answer = await start(api, CANCEL, shown["digest"], take_as_is=True)
    assert answer.json()["total"] == 2


async def test_a_run_that_merely_went_on_changes_no_list(
    api: Api, level: Callable[[], None]
) -> None:
    run_id = await api.run()
    level()
    shown = await preview(api, CANCEL)
    await api.step(run_id, "extract", "start")
    level()
    assert (await start(api, CANCEL, shown["digest"])).status_code == 201


async def test_a_question_asked_anew_changes_the_list(
    api: Api, level: Callable[[], None]
) -> None:
    run_id = await waiting(api)
    level()
    shown = await preview(api, APPROVE)
    await api.step(run_id, "load", "redo")
    await api.step(run_id, "load", "start")
    await api.step(run_id, "load", "complete", {"output": "another one"})
    level()
    answer = await start(api, APPROVE, shown["digest"])
    assert code(answer) == "bulk-list-changed"


async def test_without_a_preview_the_list_must_be_taken_as_it_is(
    api: Api, level: Callable[[], None]
) -> None:
    await api.run()
    level()
    assert code(await start(api, CANCEL)) == "bulk-list-changed"
    assert (await start(api, CANCEL, take_as_is=True)).status_code == 201


async def test_nothing_on_the_list_is_refused(
    api: Api, level: Callable[[], None]
) -> None:
    await api.workflow()
    level()
    shown = await preview(api, CANCEL)
    assert code(await start(api, CANCEL, shown["digest"])) == "bulk-empty"


async def test_the_same_start_again_is_the_same_operation(
    api: Api, level: Callable[[], None]
) -> None:
    await api.run()
    level()
    shown = await preview(api, CANCEL)
    headers = {"Idempotency-Key": "once"}
    first = await start(api, CANCEL, shown["digest"], headers=headers)
    # Even where the list has changed since.
    await api.run()
    level()
    again = await start(api, CANCEL, shown["digest"], headers=headers)
    assert again.status_code == 200, again.text
    assert again.json() == {**first.json(), "repeated": True}
    other = await start(api, CANCEL, take_as_is=True, headers=headers)
    assert code(other) == "idempotency-key-reused"


async def test_stopping_twice_changes_nothing_more(
    api: Api, level: Callable[[], None]
) -> None:
    await api.run()
    level()
    bulk = (await start(api, CANCEL, take_as_is=True)).json()["bulk_id"]
    path = f"{NS}/bulk/{bulk}/stop"
    answer = await api.post(path, {"reason": "wrong ones"})
    assert (answer.status_code, answer.json()["state"]) == (200, "stopping")
    again = await api.post(path)
    assert again.json()["version"] == answer.json()["version"] == 3


@pytest.mark.parametrize(
    ("command", "role"),
    [
        (CANCEL, "operator"),
        (RETRY, "operator"),
        (APPROVE, "approver"),
        ({"type": "reject"}, "approver"),
        ({"type": "redo", "step": "load"}, "approver"),
    ],
)
async def test_each_command_takes_its_own_role(
    api: Api, level: Callable[[], None], command: object, role: Any
) -> None:
    await waiting(api)
    level()
    other: Any = "approver" if role == "operator" else "operator"
    body = {"command": command, "filter": ALL, "take_as_is": True}
    asked = {"command": command, "filter": ALL}
    without, with_it = await api.token(other), await api.token(role)
    for path, sent in (("bulk", body), ("bulk/preview", asked)):
        answer = await api.post(f"{NS}/{path}", sent, token=without)
        assert code(answer) == "forbidden"
    answer = await api.post(f"{NS}/bulk", body, token=with_it)
    assert answer.status_code == 201, answer.text


async def test_a_stop_takes_a_role_as_well(api: Api, level: Callable[[], None]) -> None:
    await api.run()
    level()
    bulk = (await start(api, CANCEL, take_as_is=True)).json()["bulk_id"]
    viewer, approver = await api.token("viewer"), await api.token("approver")
    path = f"{NS}/bulk/{bulk}/stop"
    assert code(await api.post(path, token=viewer)) == "forbidden"
    assert (await api.post(path, token=approver)).status_code == 200


async def test_another_namespace_has_no_part_in_it(
    api: Api, level: Callable[[], None]
) -> None:
    run_id = await api.run()
    level()
    bulk = (await start(api, CANCEL, take_as_is=True)).json()["bulk_id"]
    other = await api.token("admin", namespace="other")
    answer = await api.post(f"/v1/other/bulk/{bulk}/stop", token=other)
    assert code(answer) == "unknown-bulk"
    asked = {"command": CANCEL, "filter": {"run_ids": [str(run_id)]}}
    answer = await api.post("/v1/other/bulk/preview", asked, token=other)
    assert answer.json()["items"][0]["expected"] == "not_found"
    assert code(await api.post(f"{NS}/bulk/{uuid4()}/stop")) == "unknown-bulk"
    # A run is no bulk operation.
    assert code(await api.post(f"{NS}/bulk/{run_id}/stop")) == "unknown-bulk"
    # And an operation is no run.
    assert code(await api.post(f"{NS}/runs/{bulk}/cancel")) == "unknown-run"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"command": CANCEL, "filter": {}}, "#/filter"),
        ({"command": CANCEL, "filter": {"run_ids": []}}, "#/filter"),
        ({"command": CANCEL, "filter": {"stat": ["failed"]}}, "#/filter/stat"),
        ({"command": CANCEL, "filter": {"state": ["lost"]}}, "#/filter/state/0"),
        ({"command": CANCEL, "filter": {"step": "a", **ALL}}, "#/filter/step"),
        ({"command": {"type": "delete"}, "filter": ALL}, "#/command"),
        ({"command": {}, "filter": ALL}, "#/command"),
        ({"command": {"type": "redo"}, "filter": ALL}, "#/command/step"),
        ({"command": CANCEL, "filter": {"number": "1"}}, "#/filter/number"),
        ({"command": CANCEL}, "#/filter"),
    ],
)
async def test_bad_input_is_named_and_leaves_nothing(
    api: Api, body: object, pointer: str
) -> None:
    before = await api.head()
    answer = await api.post(f"{NS}/bulk/preview", body)
    assert answer.status_code == 422, answer.text
    assert code(answer) == "invalid"
    assert pointer in [one["pointer"] for one in answer.json()["errors"]]
    assert await api.head() == before
    assert await api.rows("SELECT * FROM ledger.refusals") == []


async def test_more_than_an_operation_takes_is_refused(
    api: Api, level: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("command_api.bulk_lists.MAX_ITEMS", 2)
    for _ in range(3):
        await api.run()
    level()
    answer = await api.post(f"{NS}/bulk/preview", {"command": CANCEL, "filter": ALL})
    assert answer.status_code == 413
    assert code(answer) == "too-large"
    assert answer.json()["limit"] == 2
