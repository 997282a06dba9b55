"""A run's life over HTTP, and what each answer says."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest

from tests.command_api.conftest import NIGHTLY, NS, code

if TYPE_CHECKING:
    from tests.command_api.conftest import Api

pytestmark = pytest.mark.anyio


async def test_a_definition_is_registered_once(api: Api) -> None:
    answer = await api.post(f"{NS}/workflows", NIGHTLY)
    assert answer.status_code == 201
    first = answer.json()
    assert first == {
        "workflow": "nightly",
        "version": 1,
        "position": 1,
        "repeated": False,
    }
    answer = await api.post(f"{NS}/workflows", NIGHTLY)
    assert answer.status_code == 200
    assert answer.json() == {**first, "repeated": True}
    assert await api.head() == 1

    other = {**NIGHTLY, "description": "faster"}
    answer = await api.post(f"{NS}/workflows", other)
    assert (answer.status_code, answer.json()["version"]) == (201, 2)


async def test_a_definition_that_is_no_graph_is_explained(api: Api) -> None:
    definition = {"name": "w", "steps": [{"name": "a", "needs": ["b"]}]}
    answer = await api.post(f"{NS}/workflows", definition)
    assert code(answer) == "invalid"
    assert "'b', which is no step" in answer.json()["detail"]


async def test_an_answer_says_where_the_run_is(api: Api) -> None:
    await api.workflow()
    answer = await api.post(f"{NS}/runs", {"workflow": "nightly", "inputs": {"day": 1}})
    assert answer.status_code == 201
    told = answer.json()
    assert set(told) == {
        *("run_id", "workflow", "number", "version", "position", "state", "repeated")
    }
    assert UUID(told["run_id"]).version == 7
    assert (told["workflow"], told["state"]) == ("nightly", "queued")
    assert answer.headers["etag"] == f'"{told["version"]}"'
    assert answer.headers["runledger-version"] == str(told["version"])
    assert answer.headers["runledger-position"] == str(told["position"])
    assert await api.head() == told["position"]

    answer = await api.post(f"{NS}/runs", {"workflow": "nightly", "start": False})
    waiting = answer.json()
    assert waiting["state"] == "created"
    assert waiting["number"] > told["number"]
    answer = await api.post(f"{NS}/runs/{waiting['run_id']}/start")
    assert (answer.status_code, answer.json()["state"]) == (200, "queued")


async def test_a_run_goes_from_start_to_end(api: Api) -> None:
    run = await api.run()
    assert (await api.step(run, "extract", "start"))["state"] == "running"
    await api.step(run, "extract", "fail", {"error": {"message": "no answer"}})
    await api.step(run, "extract", "start", {"attempt": 2})
    await api.step(run, "extract", "complete", {"attempt": 2, "output": [1, None]})
    await api.step(run, "load", "start")
    told = await api.step(run, "load", "complete")
    assert told["state"] == "waiting_for_approval"
    told = await api.step(run, "release", "approve", {"comment": "fine"})
    assert told["state"] == "completed"
    rows = await api.rows(
        "SELECT DISTINCT actor, recorded_by, namespace FROM ledger.runledger_events"
    )
    assert rows == [("ada", "ada", "main")]


async def test_an_operator_holds_continues_and_cancels(api: Api) -> None:
    run = await api.run()
    for verb, state in (
        ("pause", "paused"),
        ("continue", "queued"),
        ("cancel", "canceled"),
    ):
        answer = await api.post(f"{NS}/runs/{run}/{verb}", {"reason": "because"})
        assert (answer.status_code, answer.json()["state"]) == (200, state)


async def test_a_retry_answers_about_the_new_run(api: Api) -> None:
    run = await api.run()
    await api.post(f"{NS}/runs/{run}/cancel", {"force": True})
    answer = await api.post(f"{NS}/runs/{run}/retry", {"reason": "again"})
    assert answer.status_code == 201
    told = answer.json()
    assert told["run_id"] != str(run)
    assert told["linked"]["run_id"] == str(run)
    assert told["linked"]["number"] < told["number"]
    assert max(told["position"], told["linked"]["position"]) == await api.head()


async def test_output_under_review_is_rejected_and_redone(api: Api) -> None:
    run = await api.run()
    await api.step(run, "extract", "start")
    asked = {"output": {"rows": 1}, "summary": "Enough?"}
    told = await api.step(run, "extract", "request-approval", asked)
    assert told["state"] == "waiting_for_approval"
    told = await api.step(run, "extract", "redo", {"feedback": "more"})
    assert told["state"] in ("queued", "running")
    await api.step(run, "extract", "start")
    await api.step(run, "extract", "request-approval", asked)
    told = await api.step(run, "extract", "reject", {"comment": "no"})
    assert told["state"] == "failed"


async def test_context_is_recorded_with_the_events(api: Api) -> None:
    await api.workflow()
    trace = f"00-{'a' * 32}-{'b' * 16}-01"
    ids = {"Runledger-Correlation-Id": str(uuid4())}
    ids["Runledger-Causation-Id"] = str(uuid4())
    await api.post(
        f"{NS}/runs", {"workflow": "nightly"}, headers={"traceparent": trace, **ids}
    )
    rows = await api.rows(
        "SELECT DISTINCT correlation_id::text, causation_id::text, trace"
        "  FROM ledger.runledger_events WHERE topic LIKE 'run.%'"
    )
    assert rows == [(*ids.values(), trace)]


async def test_a_large_output_lies_apart(api: Api) -> None:
    run = await api.run()
    await api.step(run, "extract", "start")
    await api.step(run, "extract", "complete", {"output": "x" * 100_000})
    rows = await api.rows("SELECT namespace, size FROM ledger.contents")
    assert rows == [("main", 100_002)]
