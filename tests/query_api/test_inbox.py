"""What waits for whom: by name, by group, in somebody's place; and what does not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from domain.run.commands import (
    Approve,
    CompleteStep,
    DelegateApproval,
    ObserveRun,
    Reject,
    RequestApproval,
    StartStep,
)
from domain.run.own_commands import ExpireApproval, RemindApproval
from domain.workflow.definition import StepDefinition, WorkflowDefinition
from domain.workflow.policy import ApprovalPolicy
from query_api.answers import ApprovalList

if TYPE_CHECKING:
    from domain.ids import RunId
    from tests.query_api.serving import Api
    from tests.query_api.world import World

FORM = {"type": "object"}
POLICIES = {
    "named": ApprovalPolicy(approvers=("bob", "cy", "eve"), required=2),
    "legal": ApprovalPolicy(groups=("legal",), form=FORM),
    "anybody": ApprovalPolicy(),
    "others": ApprovalPolicy(not_own=True),
}


@pytest.fixture
def asked(world: World) -> dict[str, RunId]:
    """Runs that ada created, each with a question after its policy."""
    found: dict[str, RunId] = {}
    for name, policy in POLICIES.items():
        gate = StepDefinition(name="sign", kind="approval", approval=policy)
        world.register(WorkflowDefinition(name=name, steps=(gate,)))
        found[name] = world.create(name)
    world.project()
    return found


def inbox(api: Api, token: str = "", **params: Any) -> list[str]:
    """The workflows of what is in it, oldest first."""
    return [item["workflow"] for item in items(api, token, **params)]


def items(api: Api, token: str = "", **params: Any) -> list[dict[str, Any]]:
    if token:
        api.client.headers["Authorization"] = f"Bearer {token}"
    answer = api.get("approvals", state="open", **params)
    ApprovalList.model_validate(answer)
    found: list[dict[str, Any]] = answer["items"][::-1]
    return found


def test_mine_is_what_the_caller_may_decide(
    world: World, api: Api, asked: dict[str, RunId]
) -> None:
    everybodys = ["anybody", "others"]
    for name, groups, expected in (
        ("bob", (), ["named", *everybodys]),
        ("dan", ("legal", "chess"), ["legal", *everybodys]),
        ("mallory", (), everybodys),
        ("ada", (), ["anybody"]),
    ):
        token = world.token("approver", name=name, groups=groups)
        assert inbox(api, token, mine=True) == expected, name


def test_runs_that_wait_for_the_caller_are_those_of_the_inbox(
    world: World, api: Api, asked: dict[str, RunId]
) -> None:
    world.do(asked["anybody"], Approve(step="sign"), actor="bob")
    world.create("named")
    world.project()
    for name, groups, role, expected in (
        ("bob", (), "approver", 3),
        ("dan", ("legal", "chess"), "approver", 2),
        ("ada", (), "approver", 0),
        ("bob", (), "viewer", 0),
    ):
        token = world.token(role, name=name, groups=groups)
        wait = {item["run_id"] for item in items(api, token, mine=True)}
        answer = api.get("runs", mine=True)
        assert {item["run_id"] for item in answer["items"]} == wait, name
        assert len(wait) == expected, name
    of_bob = world.token("approver", name="bob")
    api.client.headers["Authorization"] = f"Bearer {of_bob}"
    first = api.get("runs", mine=True, limit=2)
    second = api.get("runs", mine=True, limit=2, cursor=first["next"])
    assert (len(first["items"]), len(second["items"])) == (2, 1)
    assert len(api.get("runs", mine=True, workflow="named")["items"]) == 2
    assert len(api.get("runs", mine=False)["items"]) == len(asked) + 1


def test_who_lacks_the_role_has_an_empty_inbox(
    world: World, api: Api, asked: dict[str, RunId]
) -> None:
    token = world.token("viewer", name="bob")
    assert inbox(api, token, mine=True) == []
    seen = items(api, token, mine=True, withheld=True)
    assert {item["standing"]["why_not"] for item in seen} == {
        "it takes the role approver"
    }


def test_the_inbox_of_another_person_knows_their_groups(
    world: World, api: Api, asked: dict[str, RunId]
) -> None:
    world.token("approver", name="dan", groups=("legal",))
    world.token("approver", name="dan", groups=("chess",))
    world.token("approver", name="dan", groups=("legal",), namespace="other")
    assert inbox(api, **{"for": "dan"}) == ["legal", "anybody", "others"]
    world.execute("UPDATE access.tokens SET revoked_at = now() WHERE name = 'dan'")
    assert inbox(api, **{"for": "dan"}) == ["anybody", "others"]


def test_what_is_asked_of_a_group(api: Api, asked: dict[str, RunId]) -> None:
    (item,) = items(api, group="legal")
    assert item["workflow"] == "legal"
    assert (item["groups"], item["approvers"]) == (["legal"], [])
    assert item["asks_form"]
    assert items(api, group="finance") == []


def test_what_was_decided_is_not_there_any_more(
    world: World, api: Api, asked: dict[str, RunId]
) -> None:
    world.do(asked["named"], Approve(step="sign"), actor="bob")
    world.project()
    assert "named" not in inbox(api, **{"for": "bob"})
    assert "named" in inbox(api, **{"for": "cy"})
    (item,) = items(api, withheld=True, workflow="named", **{"for": "bob"})
    assert item["agreed"] == 1
    assert not item["standing"]["may_decide"]
    assert "bob approved it at 2026-11-01" in item["standing"]["why_not"]


def test_what_is_ones_own_is_withheld_and_says_why(
    world: World, api: Api, asked: dict[str, RunId]
) -> None:
    (item,) = items(api, withheld=True, workflow="others", **{"for": "ada"})
    assert item["barred"] == [{"person": "ada", "why": "created the run"}]
    assert item["standing"] == {
        "person": "ada",
        "may_decide": False,
        "why_not": "ada created the run, and nobody decides about their own",
        "in_place_of": None,
    }


def test_what_was_delegated_is_in_the_delegates_inbox(
    world: World, api: Api, asked: dict[str, RunId]
) -> None:
    to_dan = DelegateApproval(step="sign", to="dan", comment="on holiday")
    world.do(asked["named"], to_dan, actor="bob")
    world.project()
    assert "named" not in inbox(api, **{"for": "bob"})
    (item,) = items(api, workflow="named", **{"for": "dan"})
    assert item["standing"]["in_place_of"] == "bob"
    assert item["delegates"] == ["dan"]
    (delegation,) = item["delegations"]
    assert (delegation["actor"], delegation["to"], delegation["comment"]) == (
        "bob",
        "dan",
        "on holiday",
    )
    world.do(asked["named"], Approve(step="sign"), actor="dan")
    world.project()
    (item,) = items(api, workflow="named")
    assert item["decisions"][0]["on_behalf_of"] == "bob"


def test_without_a_person_it_is_the_caller_who_is_told_of(
    world: World, api: Api, asked: dict[str, RunId]
) -> None:
    token = world.token("approver", name="mallory")
    found = {item["workflow"]: item["standing"] for item in items(api, token)}
    assert found["anybody"]["may_decide"]
    assert "names 'bob', 'cy', 'eve'" in found["named"]["why_not"]
    assert "names the group 'legal'" in found["legal"]["why_not"]


def test_what_ran_elsewhere_is_in_nobodys_inbox(world: World, api: Api) -> None:
    world.register(WorkflowDefinition(name="seen"))
    opening = ObserveRun(workflow="seen", source="ci", external_id="9")
    run = world.create("seen", opening=opening)
    world.do(run, RequestApproval(step="sign"))
    world.project()
    (item,) = items(api, world.token("approver"))
    assert "only observed here" in item["standing"]["why_not"]
    assert inbox(api, mine=True) == []


def test_reminders_and_expiry_are_told(world: World, api: Api) -> None:
    policy = ApprovalPolicy(expires_s=3_600, on_expiry="approve", remind_s=60)
    gate = StepDefinition(name="sign", kind="approval", approval=policy)
    world.register(WorkflowDefinition(name="due", steps=(gate,)))
    run = world.create("due")
    world.do(run, RemindApproval(step="sign", iteration=1, nth=1), actor="timers")
    world.project()
    (item,) = items(api)
    assert (item["reminders"], item["on_expiry"]) == (1, "approve")
    assert item["requested_at"] == "2026-11-01T12:00:02Z"
    assert item["expires_at"] == "2026-11-01T13:00:02Z"
    assert item["reminded_at"] == "2026-11-01T12:00:03Z"
    world.do(run, ExpireApproval(step="sign", iteration=1), actor="timers")
    world.project()
    (item,) = api.get("approvals", workflow="due")["items"]
    assert (item["state"], item["expired"]) == ("approved", True)
    assert item["closed_because"] == "it expired"
    (approval,) = api.get(f"runs/{run}")["steps"][0]["approvals"]
    assert approval["expires_at"] == item["expires_at"]
    assert approval["expired"]


def test_rejections_are_counted(world: World, api: Api) -> None:
    policy = ApprovalPolicy(rejections=2)
    world.register(
        WorkflowDefinition(
            name="strict", steps=(StepDefinition(name="draft", approval=policy),)
        )
    )
    run = world.create("strict")
    world.do(run, StartStep(step="draft"), RequestApproval(step="draft", output=1))
    world.do(run, Reject(step="draft", comment="no"), actor="bob")
    world.project()
    (item,) = items(api)
    assert (item["rejections"], item["rejected"], item["attempt"]) == (2, 1, 1)


def test_one_asks_for_one_person(empty: Api) -> None:
    empty.refused("approvals", 422, mine=True, **{"for": "bob"})
    empty.refused("approvals", 422, withheld=True)
    empty.refused("approvals", 422, mine="perhaps")


def test_a_row_of_before_there_were_such_policies(world: World, api: Api) -> None:
    gate = StepDefinition(name="sign", kind="approval")
    world.register(
        WorkflowDefinition(name="old", steps=(StepDefinition(name="draft"), gate))
    )
    run = world.create("old")
    world.do(run, StartStep(step="draft"), CompleteStep(step="draft"))
    world.project()
    world.execute(
        "UPDATE read_1.approvals SET groups = NULL, rejections = NULL, rejected = NULL,"
        " not_own = NULL, barred = NULL, delegations = NULL, delegates = NULL,"
        " ineligible = NULL, expired = NULL, reminders = NULL"
    )
    (item,) = items(api, world.token("approver"), mine=True)
    assert (item["groups"], item["rejections"], item["barred"]) == ([], 1, [])
    assert item["standing"]["may_decide"]


def test_who_may_decide_may_also_delegate(
    world: World, api: Api, asked: dict[str, RunId]
) -> None:
    for name, allowed in (("bob", True), ("mallory", False)):
        token = world.token("approver", name=name)
        api.client.headers["Authorization"] = f"Bearer {token}"
        found = {
            action["command"]: action
            for action in api.get(f"runs/{asked['named']}")["steps"][0]["actions"]
        }
        assert found["delegate"]["allowed"] == found["approve"]["allowed"] == allowed
    assert found["delegate"]["code"] == "not-an-approver"
