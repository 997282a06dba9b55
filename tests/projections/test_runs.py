"""Rows of ``runs``."""

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

if TYPE_CHECKING:
    from tests.projections.tables import Tables

RELEASE = definition()


def test_a_completed_run(tables: Tables) -> None:
    run = completed(RELEASE, 7)
    last = tables.given(registered(RELEASE), run)
    tables.level()
    row = tables.one("runs", run.stream_id)
    created = START + timedelta(seconds=1)
    ended = START + timedelta(seconds=len(run.facts))
    assert row == {
        "run_id": run.stream_id,
        "namespace": "default",
        "workflow": "release",
        "workflow_version": 1,
        "number": 7,
        "state": "completed",
        "observed": False,
        "source": None,
        "external_id": None,
        "created_at": created,
        "created_by": "ada",
        "started_at": START + timedelta(seconds=4),
        "ended_at": ended,
        "changed_at": ended,
        "duration_us": (len(run.facts) - 1) * 1_000_000,
        "held": False,
        "waiting": False,
        "cancel_requested": False,
        "cause": None,
        "step_counts": {"completed": 3},
        "active_steps": [],
        "retry_of": None,
        "root_run": None,
        "retry_from": None,
        "retries": [],
        "version": len(run.facts),
        "position": last,
        "other_inputs": False,
    }


def test_a_run_that_is_running_names_its_active_steps(tables: Tables) -> None:
    run = begun(RELEASE)
    tables.given(registered(RELEASE), run)
    tables.level()
    row = tables.one("runs", run.stream_id)
    assert row["state"] == "running"
    assert row["active_steps"] == ["build"]
    assert row["step_counts"] == {"running": 1, "not_started": 2}
    assert row["ended_at"] is None


def test_a_run_that_waits_for_people(tables: Tables) -> None:
    run = waiting(RELEASE)
    tables.given(registered(RELEASE), run)
    tables.level()
    row = tables.one("runs", run.stream_id)
    assert (row["state"], row["waiting"], row["held"]) == (
        "waiting_for_approval",
        True,
        False,
    )
    assert row["active_steps"] == ["build"]


def test_a_failed_run_tells_the_cause(tables: Tables) -> None:
    run = failed(RELEASE)
    tables.given(registered(RELEASE), run)
    tables.level()
    row = tables.one("runs", run.stream_id)
    assert row["state"] == "failed"
    assert row["cause"]["step"] == "build"
    assert row["cause"]["attempt"] == 1
    # PostgreSQL's text holds no NUL: the log has it, the row shows that it was there.
    assert row["cause"]["error"]["message"] == "no \ufffd such thing"


def test_a_held_run_and_a_wish_to_cancel_it(tables: Tables) -> None:
    run = begun(RELEASE).then(e.RunPaused(cause="operator", reason="wait"), "bob")
    run.then(e.RunCancelRequested(reason="enough"), "bob")
    tables.given(registered(RELEASE), run)
    tables.level()
    row = tables.one("runs", run.stream_id)
    assert (row["state"], row["held"], row["cancel_requested"]) == (
        "paused",
        True,
        True,
    )
    assert row["cause"]["actor"] == "bob"
    assert row["cause"]["reason"] == "wait"


def test_a_retry_and_the_run_that_it_retries(tables: Tables) -> None:
    old = failed(RELEASE, 1)
    new = run_of(
        RELEASE,
        2,
        retry_of=old.stream_id,
        root_run=old.stream_id,
        retry_from="failed",
    )
    tables.given(registered(RELEASE), old)
    tables.level()
    old.then(e.RunRetried(new_run=new.stream_id, new_number=2, retry_from="failed"))
    last = tables.given(new, old)
    tables.level()
    row = tables.one("runs", new.stream_id)
    assert row["retry_of"] == row["root_run"] == old.stream_id
    assert row["retry_from"] == "failed"
    row = tables.one("runs", old.stream_id)
    assert row["retries"] == [new.stream_id]
    assert row["state"] == "failed"
    assert row["version"] == len(old.facts)
    assert row["position"] <= last


def test_an_observed_run_keeps_its_source(tables: Tables) -> None:
    workflow = definition("elsewhere", ())
    run = run_of(workflow, observed=True, source="cron", external_id="job-9")
    tables.given(registered(workflow), run)
    tables.level()
    row = tables.one("runs", run.stream_id)
    assert (row["observed"], row["source"], row["external_id"]) == (
        True,
        "cron",
        "job-9",
    )
