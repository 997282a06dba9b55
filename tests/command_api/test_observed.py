"""Runs that ran elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from tests.command_api.conftest import NS, code

if TYPE_CHECKING:
    from tests.command_api.conftest import Api

pytestmark = pytest.mark.anyio

SEEN = {
    "workflow": "nightly",
    "source": "airflow",
    "external_id": "nightly__1",
    "actor": "scheduler",
    "occurred_at": "2026-01-01T00:00:00Z",
}


async def test_it_is_reported_with_the_sources_actor_and_time(api: Api) -> None:
    await api.workflow()
    worker = await api.token("worker", name="importer")
    run = str(uuid4())
    answer = await api.post(
        f"{NS}/observed-runs", {**SEEN, "run_id": run}, token=worker
    )
    assert (answer.status_code, answer.json()["run_id"]) == (201, run)
    reports = [
        {
            "type": "start_step",
            "step": "extract",
            "actor": "box-7",
            "occurred_at": "2026-01-01T00:00:05Z",
        },
        {
            "type": "end_run",
            "outcome": "completed",
            "occurred_at": "2026-01-01T00:01:00Z",
        },
    ]
    answer = await api.post(
        f"{NS}/runs/{run}/commands", {"commands": reports}, token=worker
    )
    assert (answer.status_code, answer.json()["state"]) == (200, "completed")
    rows = await api.rows(
        "SELECT DISTINCT actor, recorded_by, occurred_at::date::text"
        f" FROM ledger.runledger_events WHERE originator_id = '{run}' ORDER BY 1"
    )
    assert rows == [
        ("box-7", "importer", "2026-01-01"),
        ("importer", "importer", "2026-01-01"),
        ("scheduler", "importer", "2026-01-01"),
    ]


async def test_nothing_here_steers_it(api: Api) -> None:
    await api.workflow()
    run = (await api.post(f"{NS}/observed-runs", SEEN)).json()["run_id"]
    before = await api.head()
    for verb in ("pause", "cancel", "steps/extract/redo"):
        answer = await api.post(f"{NS}/runs/{run}/{verb}")
        assert (code(answer), answer.status_code) == ("run-observed", 409)
    assert await api.head() == before


async def test_reports_take_the_roles_of_their_commands(api: Api) -> None:
    await api.workflow()
    worker = await api.token("worker")
    run = (await api.post(f"{NS}/observed-runs", SEEN)).json()["run_id"]
    for commands, status in (
        ([{"type": "start_step", "step": "extract"}], 200),
        ([{"type": "queue_step", "step": "load"}, {"type": "pause_run"}], 403),
    ):
        answer = await api.post(
            f"{NS}/runs/{run}/commands", {"commands": commands}, token=worker
        )
        assert answer.status_code == status, answer.text
