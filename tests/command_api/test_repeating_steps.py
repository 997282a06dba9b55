"""Running steps again that may be done only once: refused until it is accepted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.command_api.conftest import NS, code

if TYPE_CHECKING:
    from tests.command_api.conftest import Api

pytestmark = pytest.mark.anyio

PAYING = {
    "name": "paying",
    "steps": [
        {"name": "pay", "effects": "once"},
        {"name": "ship", "needs": ["pay"]},
    ],
}


async def test_a_redo_of_what_was_done_once_is_to_be_accepted(api: Api) -> None:
    await api.workflow(PAYING)
    run = await api.run(workflow="paying")
    for verb in ("start", "complete"):
        answer = await api.post(f"{NS}/runs/{run}/steps/pay/{verb}", {})
        assert answer.status_code == 200
    refused = await api.post(f"{NS}/runs/{run}/steps/pay/redo", {})
    assert (refused.status_code, code(refused)) == (409, "unsafe-to-repeat")
    assert refused.json()["verdicts"] == [
        {
            "step": "pay",
            "verdict": "unsafe",
            "reasons": ["its effects are declared once", "attempt 1 completed"],
        }
    ]
    redo = {"accept_unsafe": True}
    answer = await api.post(f"{NS}/runs/{run}/steps/pay/redo", redo)
    assert answer.status_code == 200


async def test_a_retry_may_be_given_other_inputs(api: Api) -> None:
    await api.workflow(PAYING)
    run = await api.run(workflow="paying", inputs={"day": 1})
    await api.post(f"{NS}/runs/{run}/cancel", {})
    answer = await api.post(f"{NS}/runs/{run}/retry", {"inputs": {"day": 2}})
    assert answer.status_code == 201
    new = answer.json()["run_id"]
    (state,) = (
        await api.rows(
            "SELECT convert_from(state, 'UTF8')::jsonb FROM ledger.runledger_events"
            f" WHERE originator_id = '{new}' AND topic = 'run.created'"
        )
    )[0]
    assert state["inputs"] == {"value": {"day": 2}}
    assert (state["other_inputs"], state["retry_of"]) == (True, str(run))
