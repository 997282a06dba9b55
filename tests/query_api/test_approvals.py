"""The inbox, refused commands, and values that lie apart."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from domain.ids import Namespace
from domain.run.commands import Approve, Reject, RequestApproval, StartStep
from domain.workflow.definition import (
    ApprovalPolicy,
    StepDefinition,
    WorkflowDefinition,
)
from query_api.answers import ApprovalList, RefusalList

if TYPE_CHECKING:
    from domain.ids import RunId
    from tests.query_api.serving import Api
    from tests.query_api.world import World

TWO_OF_THREE = WorkflowDefinition(
    name="pay",
    steps=(
        StepDefinition(
            name="check",
            kind="approval",
            approval=ApprovalPolicy(approvers=("ada", "bob", "cy"), required=2),
        ),
    ),
)
ANYBODY = WorkflowDefinition(name="ask", steps=(StepDefinition(name="draft"),))


def asked(world: World) -> tuple[RunId, RunId]:
    world.register(TWO_OF_THREE)
    world.register(ANYBODY)
    pay, ask = world.create("pay"), world.create("ask")
    world.do(ask, StartStep(step="draft"))
    world.do(ask, RequestApproval(step="draft", output="text", summary="Please read"))
    return pay, ask


def test_the_inbox_is_what_one_may_decide(world: World, api: Api) -> None:
    pay, ask = asked(world)
    world.do(pay, Approve(step="check", comment="fine"), actor="bob")
    world.project()
    answer = ApprovalList.model_validate(api.get("approvals", state="open"))
    first, second = answer.items
    assert (first.run_id, second.run_id) == (ask, pay)
    assert first.summary == "Please read"
    assert first.subject is not None
    assert first.subject.value == "text"
    assert (second.agreed, second.required) == (1, 2)
    assert second.decisions[0].comment == "fine"
    for name, runs in (("ada", [ask, pay]), ("eve", [ask])):
        found = api.get("approvals", state="open", **{"for": name})["items"]
        assert [item["run_id"] for item in found] == [str(run) for run in runs]
    explained = api.get(f"runs/{pay}")["explanation"]
    assert "ada, bob or cy may decide; 1 of 2 have agreed." in explained


def test_what_is_decided_leaves_the_inbox(world: World, api: Api) -> None:
    pay, ask = asked(world)
    world.do(pay, Reject(step="check"), actor="ada")
    world.project()
    (item,) = api.get("approvals", state="open")["items"]
    assert item["run_id"] == str(ask)
    (item,) = api.get("approvals", state=["rejected", "withdrawn"])["items"]
    assert item["run_id"] == str(pay)
    assert item["closed_at"] is not None
    (item,) = api.get("approvals", workflow="ask")["items"]
    assert item["state"] == "open"
    (item,) = api.get("approvals", run=str(pay))["items"]
    assert item["state"] == "rejected"


def test_pages_of_approvals_are_whole(world: World, api: Api) -> None:
    world.register(TWO_OF_THREE)
    expected = [str(world.create("pay")) for _ in range(5)][::-1]
    world.project()
    seen: list[str] = []
    cursor = None
    while True:
        page = api.get("approvals", limit=2, cursor=cursor)
        seen += [item["run_id"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == expected


def test_a_refused_command_is_told(world: World, api: Api) -> None:
    world.register()
    run, other = world.create(), world.create()
    world.refuse(run)
    world.refuse(run, code="run-over")
    world.refuse(other)
    answer = RefusalList.model_validate(api.get(f"runs/{run}/refusals"))
    assert [item.code for item in answer.items] == ["run-over", "wrong-state"]
    assert answer.items[0].position == world.position
    # All of them are for the audit.
    assert "auditor" in api.refused("refusals", 403)["detail"]
    auditor = world.token("auditor")
    api.client.headers["Authorization"] = f"Bearer {auditor}"
    assert len(api.get("refusals")["items"]) == 3
    assert len(api.get("refusals", code="wrong-state")["items"]) == 2
    page = api.get("refusals", limit=2)
    rest = api.get("refusals", limit=2, cursor=page["next"])
    assert len({item["id"] for item in page["items"] + rest["items"]}) == 3


def test_a_large_value_is_found_by_its_digest(world: World, api: Api) -> None:
    digest = world.keep(b'{"large":true}')
    response = api.client.get(f"/v1/default/contents/{digest}")
    assert response.content == b'{"large":true}'
    assert response.headers["etag"] == f'"{digest}"'
    elsewhere = world.keep(b"[1]", Namespace("other"))
    api.refused(f"contents/{elsewhere}", 404)
    api.refused(f"contents/{uuid.uuid4()}", 422)
