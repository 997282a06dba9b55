"""Many runs in one request: each as a whole or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from tests.command_api.conftest import NS, code

if TYPE_CHECKING:
    from tests.command_api.conftest import Api

pytestmark = pytest.mark.anyio

CREATE = {"type": "create_run", "workflow": "nightly"}


def start(step: str) -> dict[str, object]:
    return {"type": "start_step", "step": step}


async def test_each_item_has_its_own_outcome(api: Api) -> None:
    run = await api.run()
    before = await api.head()
    answer = await api.post(
        f"{NS}/batch",
        {
            "items": [
                {"commands": [CREATE]},
                {"run_id": str(run), "commands": [start("extract"), start("load")]},
                {"run_id": str(uuid4()), "commands": [{"type": "pause_run"}]},
                {
                    "run_id": str(run),
                    "commands": [start("extract"), {"type": "pause_run"}],
                },
                {
                    "run_id": str(run),
                    "if_match": 1,
                    "commands": [{"type": "start_run"}],
                },
            ]
        },
    )
    assert answer.status_code == 200, answer.text
    items = answer.json()["items"]
    assert [item["status"] for item in items] == [201, 409, 404, 200, 412]
    assert items[1]["problem"]["type"].endswith(":wrong-state")
    assert items[3]["answer"]["state"] == "paused"
    assert answer.json()["position"] == await api.head()
    assert answer.headers["runledger-position"] == str(await api.head())
    rows = await api.rows(
        "SELECT topic FROM ledger.runledger_events"
        f" WHERE notification_id > {before} AND originator_id = '{run}'"
        " ORDER BY notification_id"
    )
    # Nothing of the item that was refused: its first command was allowed.
    assert rows == [("run.step.started",), ("run.started",), ("run.paused",)]


async def test_a_run_is_made_and_reported_in_one_item(api: Api) -> None:
    await api.workflow()
    run = str(uuid4())
    item = {
        "key": "import-1",
        "run_id": run,
        "commands": [
            {
                "type": "observe_run",
                "workflow": "nightly",
                "source": "airflow",
                "external_id": "n-1",
                "actor": "scheduler",
                "occurred_at": "2026-01-01T00:00:00Z",
            },
            {**start("extract"), "occurred_at": "2026-01-01T00:00:05Z"},
            {
                "type": "end_run",
                "outcome": "canceled",
                "occurred_at": "2026-01-01T00:01:00Z",
            },
        ],
    }
    for status, repeated in ((201, False), (200, True)):
        answer = await api.post(f"{NS}/batch", {"items": [item]})
        (told,) = answer.json()["items"]
        assert (told["status"], told["key"]) == (status, "import-1")
        assert told["answer"]["run_id"] == run
        assert told["answer"]["state"] == "canceled"
        assert told["answer"]["repeated"] is repeated
    changed = {**item, "commands": item["commands"][:1]}
    answer = await api.post(f"{NS}/batch", {"items": [changed]})
    (told,) = answer.json()["items"]
    assert told["problem"]["type"].endswith(":idempotency-key-reused")


async def test_an_item_takes_the_roles_of_its_commands(api: Api) -> None:
    run = await api.run()
    worker = await api.token("worker")
    answer = await api.post(
        f"{NS}/batch",
        {
            "items": [
                {"run_id": str(run), "commands": [{"type": "pause_run"}]},
                {"run_id": str(run), "commands": [start("extract")]},
            ]
        },
        token=worker,
    )
    items = answer.json()["items"]
    assert [item["status"] for item in items] == [403, 200]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"items": []}, "#/items"),
        ({"items": [{"commands": []}]}, "#/items/0/commands"),
        ({"items": [{"commands": [{"type": "fly"}]}]}, "#/items/0/commands/0"),
        (
            {"items": [{"commands": [CREATE]}, {"commands": [{"type": "start_step"}]}]},
            "#/items/1/commands/0/step",
        ),
        ({"items": [{"key": "a b", "commands": [CREATE]}]}, "#/items/0/key"),
        ({"items": [{"commands": [CREATE]}] * 1_001}, "#/items"),
    ],
)
async def test_a_body_that_does_not_fit_does_nothing(
    api: Api, body: object, pointer: str
) -> None:
    await api.workflow()
    answer = await api.post(f"{NS}/batch", body)
    assert code(answer) == "invalid"
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert await api.head() == 1


async def test_a_batch_may_be_larger_than_a_command(api: Api) -> None:
    run = await api.run()
    await api.step(run, "extract", "start")
    output = {"type": "complete_step", "step": "extract", "output": "x" * 1_500_000}
    item = {"run_id": str(run), "commands": [output]}
    answer = await api.post(f"{NS}/batch", {"items": [item]})
    assert answer.json()["items"][0]["status"] == 200
    answer = await api.post(f"{NS}/batch", {"items": [item] * 6})
    assert (code(answer), answer.status_code) == ("too-large", 413)
