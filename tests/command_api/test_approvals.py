"""Deciding over HTTP: groups, delegation, forms; and what is refused stores nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.command_api.conftest import NS, code

if TYPE_CHECKING:
    from uuid import UUID

    from tests.command_api.conftest import Api

pytestmark = pytest.mark.anyio

PAY: dict[str, Any] = {
    "name": "pay",
    "input_schema": {"type": "object", "required": ["to"]},
    "steps": [
        {"name": "draft"},
        {
            "name": "sign",
            "kind": "approval",
            "needs": ["draft"],
            "approval": {
                "approvers": ["grace"],
                "groups": ["finance"],
                "required": 2,
                "not_own": True,
                "form": {
                    "type": "object",
                    "required": ["amount"],
                    "properties": {"amount": {"type": "integer"}},
                },
            },
        },
    ],
}
FILLED = {"form": {"amount": 7}}


async def asked(api: Api) -> tuple[UUID, str]:
    """A run that ada created, and whose draft is hers; the path of its question."""
    await api.workflow(PAY)
    body = {"workflow": "pay", "inputs": {"to": "x"}}
    answer = await api.post(f"{NS}/runs", body)
    assert answer.status_code == 201, answer.text
    run = answer.json()["run_id"]
    await api.step(run, "draft", "start")
    await api.step(run, "draft", "complete", {"output": "text"})
    return run, f"{NS}/runs/{run}/steps/sign"


async def test_named_people_members_of_groups_and_delegates_decide(api: Api) -> None:
    run, path = await asked(api)
    bob = await api.token("approver", name="bob", groups=["finance", "chess"])
    grace = await api.token("approver", name="grace")
    eve = await api.token("approver", name="eve")
    answer = await api.post(f"{path}/approve", FILLED, token=bob)
    assert answer.status_code == 200, answer.text
    body = {"to": "eve", "iteration": 1, "comment": "on holiday"}
    answer = await api.post(f"{path}/delegate", body, token=grace)
    assert answer.status_code == 200, answer.text
    answer = await api.post(f"{path}/approve", FILLED, token=grace)
    assert code(answer) == "not-an-approver"
    answer = await api.post(f"{path}/approve", FILLED, token=eve)
    assert answer.json()["state"] == "completed"
    rows = await api.rows(
        "SELECT actor, convert_from(state, 'utf8')::jsonb - 'subject_digest' - 'step'"
        f"  FROM ledger.runledger_events WHERE originator_id = '{run}'"
        "   AND topic IN ('run.approval.decided', 'run.approval.delegated')"
        " ORDER BY originator_version"
    )
    decided = {"decision": "approved", "form": {"amount": 7}}
    assert rows == [
        ("bob", {**decided, "groups": ["finance"]}),
        ("grace", {"to": "eve", "comment": "on holiday"}),
        ("eve", {**decided, "on_behalf_of": "grace"}),
    ]


WRONG: dict[str, tuple[str, int, str, dict[str, Any], str]] = {
    # What is wrong: who, the status, the verb, the body, the code.
    "no approver": ("mallory", 409, "approve", FILLED, "not-an-approver"),
    "its author": ("ada", 409, "approve", FILLED, "not-an-approver"),
    "no form": ("grace", 422, "approve", {}, "form-invalid"),
    "a form that does not fit": (
        *("grace", 422, "approve"),
        {"form": {"amount": "7"}},
        "form-invalid",
    ),
    "another iteration": (
        *("grace", 409, "approve"),
        {**FILLED, "iteration": 2},
        "stale-decision",
    ),
    "another subject": (
        *("grace", 409, "reject"),
        {"subject_digest": "0" * 64},
        "stale-decision",
    ),
    "a delegate who is the author": (
        *("grace", 409, "delegate"),
        {"to": "ada"},
        "not-an-approver",
    ),
    "a delegate who is oneself": (
        *("grace", 409, "delegate"),
        {"to": "grace"},
        "wrong-state",
    ),
    "delegation by nobody": (
        *("mallory", 409, "delegate"),
        {"to": "eve"},
        "not-an-approver",
    ),
    "no delegate": ("grace", 422, "delegate", {}, "invalid"),
    "a delegate without a name": ("grace", 422, "delegate", {"to": ""}, "invalid"),
    "in somebody's name": (
        *("mallory", 422, "approve"),
        {**FILLED, "actor": "grace"},
        "invalid",
    ),
}


@pytest.mark.parametrize("case", WRONG)
async def test_what_is_refused_has_a_stable_type_and_stores_no_event(
    api: Api, case: str
) -> None:
    who, status, verb, body, expected = WRONG[case]
    _, path = await asked(api)
    token = await api.token("approver", name=who)
    before = await api.head()
    answer = await api.post(f"{path}/{verb}", body, token=token)
    assert (code(answer), answer.status_code) == (expected, status), answer.text
    assert await api.head() == before


async def test_a_form_that_does_not_fit_names_the_place(api: Api) -> None:
    _, path = await asked(api)
    token = await api.token("approver", name="grace")
    body = {"form": {"amount": "7"}}
    problem = (await api.post(f"{path}/approve", body, token=token)).json()
    assert problem["errors"] == [
        {"pointer": "#/form/amount", "detail": "'7' is not of type 'integer'"}
    ]


async def test_a_stale_decision_is_told_who_changed_what(api: Api) -> None:
    run, path = await asked(api)
    grace = await api.token("approver", name="grace")
    body = {"feedback": "in blue", "accept_unsafe": True}
    redone = await api.post(f"{path}/redo", body, token=grace)
    assert redone.status_code == 200, redone.text
    await api.step(run, "draft", "start")
    await api.step(run, "draft", "complete", {"output": "blue text"})
    dan = await api.token("approver", name="dan", groups=["finance"])
    stale = {**FILLED, "iteration": 1}
    problem = (await api.post(f"{path}/approve", stale, token=dan)).json()
    assert problem["iteration"] == 2
    assert len(problem["subject_digest"]) == 64
    assert problem["redo"]["step"] == "draft"
    assert problem["redo"]["by"] == "grace"
    assert problem["redo"]["feedback"] == "in blue"


async def test_inputs_that_do_not_fit_make_no_run(api: Api) -> None:
    await api.workflow(PAY)
    before = await api.head()
    answer = await api.post(f"{NS}/runs", {"workflow": "pay", "inputs": {}})
    assert (code(answer), answer.status_code) == ("inputs-invalid", 422)
    assert answer.json()["errors"][0]["pointer"] == "#/inputs"
    assert await api.head() == before


async def test_a_schema_that_is_none_is_not_registered(api: Api) -> None:
    before = await api.head()
    wrong = {**PAY, "input_schema": {"$ref": "https://example.org/schema"}}
    answer = await api.post(f"{NS}/workflows", wrong)
    assert (code(answer), answer.status_code) == ("schema-invalid", 422)
    assert answer.json()["errors"][0]["pointer"] == "#/input_schema"
    assert await api.head() == before


async def test_administrators_make_tokens_with_groups(api: Api) -> None:
    body = {"name": "eve", "roles": ["approver"], "groups": ["legal", "finance"]}
    made = await api.post(f"{NS}/tokens", body)
    assert made.json()["groups"] == ["finance", "legal"]
    listed = await api.client.get(
        f"{NS}/tokens", headers={"Authorization": f"Bearer {api.secret}"}
    )
    assert made.json()["id"] in {
        one["id"] for one in listed.json()["items"] if one["groups"]
    }
    answer = await api.post(f"{NS}/tokens", {**body, "groups": [""]})
    assert code(answer) == "invalid"


async def test_a_session_has_the_groups_of_its_token(api: Api) -> None:
    _, path = await asked(api)
    secret = await api.token("approver", name="bob", groups=["finance"])
    signed_in = await api.client.post("/session", json={"token": secret})
    assert signed_in.json()["groups"] == ["finance"]
    headers = {"Runledger-CSRF": signed_in.json()["csrf"]}
    answer = await api.client.post(f"{path}/approve", json=FILLED, headers=headers)
    assert answer.status_code == 200, answer.text
