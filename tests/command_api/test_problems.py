"""What is refused: a stable type each, documented, and nothing in the log."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from infra.web.problems import KINDS
from tests.command_api.conftest import NS, code

if TYPE_CHECKING:
    import httpx2

    from tests.command_api.conftest import Api

pytestmark = pytest.mark.anyio

RUN = f"{NS}/runs/{{run}}"

LINE: dict[str, tuple[str, int, dict[str, Any]]] = {
    # What is wrong: the code, its status, the request.
    "unknown step": (
        *("unknown-step", 404),
        {"path": f"{RUN}/steps/nothing/start"},
    ),
    "unknown run": (
        *("unknown-run", 404),
        {"path": f"{NS}/runs/{uuid4()}/pause"},
    ),
    "unknown workflow": (
        *("unknown-workflow", 404),
        {"path": f"{NS}/runs", "json": {"workflow": "nothing"}},
    ),
    "unknown version": (
        *("unknown-workflow", 404),
        {"path": f"{NS}/runs", "json": {"workflow": "nightly", "version": 9}},
    ),
    "wrong state of the step": (
        *("wrong-state", 409),
        {"path": f"{RUN}/steps/load/complete"},
    ),
    "wrong state of the run": (
        *("wrong-state", 409),
        {"path": f"{RUN}/steps/release/approve"},
    ),
    "not over": ("run-not-over", 409, {"path": f"{RUN}/retry"}),
    "stale version": (
        *("stale-version", 412),
        {"path": f"{RUN}/pause", "headers": {"If-Match": '"1"'}},
    ),
    "malformed JSON": (
        *("malformed", 400),
        {"path": f"{RUN}/pause", "content": '{"reason": '},
    ),
    "no JSON object": ("invalid", 422, {"path": f"{RUN}/pause", "content": "7"}),
    "deep JSON": (
        *("malformed", 400),
        {
            "path": f"{RUN}/steps/extract/complete",
            "content": '{"output": ' + "[" * 5_000 + "]" * 5_000 + "}",
        },
    ),
    "body above the limit": (
        *("too-large", 413),
        {
            "path": f"{RUN}/steps/extract/complete",
            "content": '{"output": "' + "x" * 1_048_577 + '"}',
        },
    ),
    "NUL characters": (
        *("invalid", 422),
        {
            "path": f"{RUN}/steps/extract/complete",
            "content": '{"output": "a\\u0000b"}',
        },
    ),
    "NUL in the address": ("not-found", 404, {"path": f"{RUN}/steps/a%00b/start"}),
    "a field that is not there": (
        *("invalid", 422),
        {"path": f"{RUN}/pause", "json": {"why": "x"}},
    ),
    "a field of another type": (
        *("invalid", 422),
        {"path": f"{RUN}/steps/extract/start", "json": {"attempt": "first"}},
    ),
    "no id": ("invalid", 422, {"path": f"{NS}/runs/42/pause"}),
    "If-Match that is no version": (
        *("invalid", 422),
        {"path": f"{RUN}/pause", "headers": {"If-Match": "latest"}},
    ),
    "an idempotency key of two lines": (
        *("invalid", 422),
        {"path": f"{RUN}/pause", "headers": {"Idempotency-Key": "a b"}},
    ),
    "correlation that is no id": (
        *("invalid", 422),
        {"path": f"{RUN}/pause", "headers": {"Runledger-Correlation-Id": "seven"}},
    ),
    "no such address": ("not-found", 404, {"path": f"{NS}/nothing"}),
    "another actor in a run of ours": (
        *("invalid", 422),
        {"path": f"{RUN}/steps/extract/start", "json": {"actor": "grace"}},
    ),
    "another time in a run of ours": (
        *("wrong-state", 409),
        {
            "path": f"{RUN}/steps/extract/start",
            "json": {"occurred_at": "2020-01-01T00:00:00Z"},
        },
    ),
    "steering by report": (
        *("wrong-state", 409),
        {
            "path": f"{RUN}/commands",
            "json": {"commands": [{"type": "end_run", "outcome": "completed"}]},
        },
    ),
}


@pytest.mark.parametrize("case", LINE)
async def test_a_problem_has_a_stable_type_and_stores_no_event(
    api: Api, case: str
) -> None:
    expected, status, request = LINE[case]
    run = await api.run()
    before = await api.head()
    answer = await api.post(**{**request, "path": request["path"].format(run=run)})
    assert (code(answer), answer.status_code) == (expected, status)
    assert await api.head() == before


async def test_a_token_without_the_role_or_of_another_namespace(api: Api) -> None:
    run = await api.run()
    before = await api.head()
    for roles, namespace, path in (
        (("viewer",), "main", f"{NS}/runs/{run}/pause"),
        (("operator",), "main", f"{NS}/runs/{run}/steps/extract/start"),
        (("worker",), "main", f"{NS}/runs/{run}/steps/release/approve"),
        (("auditor",), "main", f"{NS}/workflows"),
        (("operator", "approver"), "main", f"{NS}/tokens"),
        (("admin",), "other", f"{NS}/runs/{run}/pause"),
        (("admin",), "other", f"{NS}/batch"),
    ):
        token = await api.token(*roles, namespace=namespace)
        answer = await api.post(path, {}, token=token)
        assert (code(answer), answer.status_code) == ("forbidden", 403), path
    assert await api.head() == before


async def test_a_run_of_another_namespace_is_not_there(api: Api) -> None:
    run = await api.run()
    token = await api.token("admin", namespace="other")
    answer = await api.post(f"/v1/other/runs/{run}/pause", token=token)
    assert code(answer) == "unknown-run"


async def test_no_token_is_asked_for_one(api: Api) -> None:
    answer = await api.client.post(f"{NS}/runs", json={"workflow": "nightly"})
    assert (code(answer), answer.status_code) == ("unauthenticated", 401)
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_only_named_approvers_decide(api: Api) -> None:
    run = await api.run()
    for step in ("extract", "load"):
        await api.step(run, step, "start")
        await api.step(run, step, "complete")
    before = await api.head()
    token = await api.token("approver", name="mallory")
    path = f"{NS}/runs/{run}/steps/release/approve"
    answer = await api.post(path, {}, token=token)
    assert (code(answer), answer.status_code) == ("not-an-approver", 409)
    # Nor does it help to say that one is somebody else.
    answer = await api.post(path, {"actor": "grace"}, token=token)
    assert answer.status_code in (409, 422)
    stale = {"subject_digest": "0" * 64}
    answer = await api.post(path, stale)
    assert (code(answer), answer.status_code) == ("stale-decision", 409)
    assert await api.head() == before


async def test_what_the_rules_refuse_is_kept_and_nothing_else(api: Api) -> None:
    run = await api.run()
    refused = await api.post(
        f"{NS}/runs/{run}/steps/load/complete", {"output": {"rows": 1}}
    )
    assert code(refused) == "wrong-state"
    for request in ({"content": "{"}, {"json": {"what": 1}}):
        await _send(api, f"{NS}/runs/{run}/pause", request)
    viewer = await api.token("viewer")
    await api.post(f"{NS}/runs/{run}/pause", {}, token=viewer)
    rows = await api.rows(
        "SELECT run_id::text, command, code, actor, recorded_by, message"
        "  FROM ledger.refusals"
    )
    detail = refused.json()["detail"]
    assert rows == [(str(run), "complete_step", "wrong-state", "ada", "ada", detail)]


async def _send(api: Api, path: str, request: dict[str, Any]) -> httpx2.Response:
    return await api.post(path, **request)


def test_the_page_of_problems_names_every_code() -> None:
    page = Path("docs/problems.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z-]+)` \| ([0-9]{3}) \|", page, re.MULTILINE)
    documented = {code: int(status) for code, status in rows}
    assert len(documented) == len(rows), "a code stands twice"
    assert documented == {code: kind.status for code, kind in KINDS.items()}
