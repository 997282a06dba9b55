"""Idempotency keys and If-Match."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.command_api.conftest import NS, code

if TYPE_CHECKING:
    from tests.command_api.conftest import Api

pytestmark = pytest.mark.anyio


async def test_the_same_again_is_answered_again(api: Api) -> None:
    await api.workflow()
    sent = {"workflow": "nightly"}
    key = {"Idempotency-Key": "create-1"}
    first = await api.post(f"{NS}/runs", sent, headers=key)
    assert (first.status_code, first.json()["repeated"]) == (201, False)
    assert first.headers["idempotency-key"] == "create-1"
    before = await api.head()
    again = await api.post(f"{NS}/runs", sent, headers=key)
    assert again.status_code == 200
    assert again.json() == {**first.json(), "repeated": True}
    assert again.headers["etag"] == first.headers["etag"]
    assert await api.head() == before


async def test_many_at_once_make_one_run(api: Api) -> None:
    await api.workflow()
    answers = await asyncio.gather(
        *(
            api.post(
                f"{NS}/runs",
                {"workflow": "nightly"},
                headers={"Idempotency-Key": "once"},
            )
            for _ in range(20)
        )
    )
    assert {answer.json()["run_id"] for answer in answers} == {
        answers[0].json()["run_id"]
    }
    assert sorted(answer.status_code for answer in answers) == [200] * 19 + [201]
    rows = await api.rows(
        "SELECT count(*) FROM ledger.runledger_events WHERE topic = 'run.created'"
    )
    assert rows == [(1,)]


async def test_a_key_is_not_for_another_command(api: Api) -> None:
    run = await api.run()
    key = {"Idempotency-Key": "k"}
    await api.post(f"{NS}/runs/{run}/pause", {"reason": "a"}, headers=key)
    before = await api.head()
    for path, body in (
        (f"{NS}/runs/{run}/pause", {"reason": "b"}),
        (f"{NS}/runs/{run}/continue", {"reason": "a"}),
    ):
        answer = await api.post(path, body, headers=key)
        assert (code(answer), answer.status_code) == ("idempotency-key-reused", 422)
    assert await api.head() == before


async def test_a_key_is_its_callers_own(api: Api) -> None:
    await api.workflow()
    other = await api.token("operator", name="grace")
    key = {"Idempotency-Key": "k"}
    sent = {"workflow": "nightly"}
    first = await api.post(f"{NS}/runs", sent, headers=key)
    second = await api.post(f"{NS}/runs", sent, headers=key, token=other)
    assert second.status_code == 201
    assert second.json()["run_id"] != first.json()["run_id"]


async def test_the_service_makes_a_key_that_can_be_repeated(api: Api) -> None:
    run = await api.run()
    path = f"{NS}/runs/{run}/steps/extract/start"
    first = await api.post(path)
    key = first.headers["idempotency-key"]
    assert len(key) == 32
    again = await api.post(path, headers={"Idempotency-Key": key})
    assert again.json() == {**first.json(), "repeated": True}


async def test_a_key_goes_before_if_match(api: Api) -> None:
    run = await api.run()
    version = (await api.step(run, "extract", "start"))["version"]
    headers = {"If-Match": f'"{version}"', "Idempotency-Key": "k"}
    path = f"{NS}/runs/{run}/pause"
    first = await api.post(path, {}, headers=headers)
    assert first.status_code == 200
    # The run has moved on by this very command; it is answered all the same.
    again = await api.post(path, {}, headers=headers)
    assert (again.status_code, again.json()["repeated"]) == (200, True)
    stale = await api.post(path, {}, headers={"If-Match": f'"{version}"'})
    assert (code(stale), stale.status_code) == ("stale-version", 412)


async def test_the_etag_of_an_answer_is_what_if_match_takes(api: Api) -> None:
    run = await api.run()
    answer = await api.post(f"{NS}/runs/{run}/steps/extract/start")
    for verb in ("pause", "continue"):
        answer = await api.post(
            f"{NS}/runs/{run}/{verb}", headers={"If-Match": answer.headers["etag"]}
        )
        assert answer.status_code == 200
