"""Rows of ``steps``."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from domain.run import events as e
from tests.projections.histories import (
    START,
    begun,
    completed,
    definition,
    failed,
    registered,
    run_of,
    waiting,
)
from tests.projections.tables import states

if TYPE_CHECKING:
    from tests.projections.tables import Tables

RELEASE = definition()


def test_every_step_has_a_row_from_the_start(tables: Tables) -> None:
    run = run_of(RELEASE)
    position = tables.given(registered(RELEASE), run)
    tables.level()
    rows = sorted(tables.of_run("steps", run.stream_id), key=lambda row: row["ordinal"])
    assert [row["step"] for row in rows] == ["build", "test", "deploy"]
    assert {row["state"] for row in rows} == {"not_started"}
    assert {(row["version"], row["position"]) for row in rows} == {(1, position)}


def test_a_completed_step(tables: Tables) -> None:
    run = completed(RELEASE)
    tables.given(registered(RELEASE), run)
    tables.level()
    row = tables.one("steps", run.stream_id, step="build")
    started, ended = START + timedelta(seconds=5), START + timedelta(seconds=6)
    output = {"value": {"step": "build"}, "digest": None, "size": None}
    assert row["state"] == "completed"
    assert row["ordinal"] == 0
    assert (row["attempt_count"], row["iteration"]) == (1, 1)
    assert (row["started_at"], row["ended_at"]) == (started, ended)
    assert row["queued_at"] == START + timedelta(seconds=3)
    assert row["changed_at"] == ended
    assert row["duration_us"] == 1_000_000
    assert row["actor"] == "worker"
    assert row["output"] == output
    assert row["version"] == 6
    (attempt,) = row["attempts"]
    assert attempt["number"] == 1
    assert attempt["outcome"] == "completed"
    assert attempt["output"] == output
    assert attempt["started_at"] == started.isoformat()


def test_a_step_untouched_by_a_batch_keeps_its_version(tables: Tables) -> None:
    run = completed(RELEASE)
    tables.given(registered(RELEASE), run)
    tables.level()
    assert tables.one("steps", run.stream_id, step="build")["version"] == 6
    assert tables.one("steps", run.stream_id, step="deploy")["version"] == 12


def test_a_failed_step_tells_its_error(tables: Tables) -> None:
    run = failed(RELEASE)
    tables.given(registered(RELEASE), run)
    tables.level()
    rows = tables.of_run("steps", run.stream_id)
    assert states(rows) == {"build": "failed", "test": "canceled", "deploy": "canceled"}
    row = tables.one("steps", run.stream_id, step="build")
    assert row["error"]["type"] == "ValueError"
    assert row["attempts"][0]["outcome"] == "failed"
    assert tables.one("steps", run.stream_id, step="test")["reason"] == "build failed"


def test_a_redone_step_has_another_iteration(tables: Tables) -> None:
    run = waiting(RELEASE)
    run.then(e.RunContinued(cause="approval", state="running"))
    run.then(e.ApprovalWithdrawn(step="build", cause="redo"), "eve")
    run.then(e.StepRedoRequested(step="build", iteration=2, feedback="again"), "eve")
    run.then(e.StepQueued(step="build", iteration=2, attempt=2))
    tables.given(registered(RELEASE), run)
    tables.level()
    row = tables.one("steps", run.stream_id, step="build")
    assert (row["iteration"], row["state"], row["reason"]) == (2, "queued", "again")
    assert row["output"] is None
    assert [each["state"] for each in row["approvals"]] == ["withdrawn"]


def test_a_retry_shows_where_a_step_was_carried_from(tables: Tables) -> None:
    old = failed(RELEASE, 1)
    carried = e.CarriedStep(
        step="build", from_run=old.stream_id, output=e.Content(value=1)
    )
    new = run_of(RELEASE, 2, retry_of=old.stream_id, carried=(carried,))
    tables.given(registered(RELEASE), old, new)
    tables.level()
    row = tables.one("steps", new.stream_id, step="build")
    assert row["carried_from"] == old.stream_id
    assert row["state"] == "completed"
    assert row["output"]["value"] == 1


def test_steps_of_an_unknown_graph_come_as_they_are_told(tables: Tables) -> None:
    workflow = definition("elsewhere", ())
    run = run_of(workflow, observed=True, source="cron")
    run.then(e.StepStarted(step="zeta", attempt=1))
    tables.given(registered(workflow), run)
    tables.level()
    run.then(e.StepStarted(step="alpha", attempt=1))
    run.then(e.StepCompleted(step="zeta", attempt=1, duration_us=5))
    tables.given(run)
    tables.level()
    rows = {row["step"]: row for row in tables.of_run("steps", run.stream_id)}
    assert (rows["zeta"]["ordinal"], rows["alpha"]["ordinal"]) == (0, 1)
    assert rows["zeta"]["duration_us"] == 5


def test_an_attempt_that_runs_has_no_end(tables: Tables) -> None:
    run = begun(RELEASE)
    tables.given(registered(RELEASE), run)
    tables.level()
    row = tables.one("steps", run.stream_id, step="build")
    assert row["started_at"] is not None
    assert (row["ended_at"], row["duration_us"]) == (None, None)
