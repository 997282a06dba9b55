"""Rows of ``jobs``."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from domain.run import events as e
from domain.run import job_events as j
from projections import catching_up, jobs, rebuild
from projections.catalogue import TABLES
from projections.generation import ALL_PARTITIONS
from tests.projections.histories import (
    START,
    begun,
    definition,
    registered,
    run_of,
    taken,
    troubled,
)
from tests.projections.test_batches import start_again

if TYPE_CHECKING:
    from tests.projections.histories import Stream
    from tests.projections.tables import Tables

NIGHTLY = definition("nightly", ("fetch", "check", "publish"), queue="fast")


def test_a_queued_job_waits_for_whoever_takes_it(tables: Tables) -> None:
    run = run_of(NIGHTLY, 7).then(e.RunQueued())
    run.then(e.StepQueued(step="fetch", attempt=1))
    last = tables.given(registered(NIGHTLY), run)
    tables.level()
    assert tables.one("jobs", run.stream_id) == {
        "run_id": run.stream_id,
        "step": "fetch",
        "iteration": 1,
        "attempt": 1,
        "namespace": "default",
        "workflow": "nightly",
        "number": 7,
        "queue": "fast",
        "state": "queued",
        "worker": "",
        "principal": "",
        "lease_s": 0,
        "queued_at": START + timedelta(seconds=3),
        "available_at": None,
        "leased_at": None,
        "ended_at": None,
        "reason": "",
        "outcome": None,
        "error": None,
        "version": 3,
        "position": last,
    }


def test_a_leased_job_names_its_worker(tables: Tables) -> None:
    run = run_of(NIGHTLY).then(e.RunQueued())
    run.then(e.StepQueued(step="fetch", attempt=1))
    tables.given(registered(NIGHTLY), taken(run, "fetch", 1))
    tables.level()
    row = tables.one("jobs", run.stream_id)
    assert (row["state"], row["outcome"]) == ("leased", "running")
    assert (row["worker"], row["principal"], row["lease_s"]) == ("host-1", "team", 30)
    assert row["leased_at"] == START + timedelta(seconds=4)
    assert row["version"] == 5


def test_every_end_of_a_job_is_told_with_what_became_of_its_attempt(
    tables: Tables,
) -> None:
    run = troubled(NIGHTLY)
    tables.given(registered(NIGHTLY), run)
    tables.level()
    told = {
        (row["step"], row["iteration"], row["attempt"]): (
            row["state"],
            row["outcome"],
            row["reason"],
        )
        for row in tables.of_run("jobs", run.stream_id)
    }
    assert told == {
        ("fetch", 1, 1): ("failed", "failed", ""),
        ("fetch", 1, 2): ("lost", "unknown", ""),
        ("fetch", 1, 3): ("released", "released", "shutting down"),
        ("fetch", 1, 4): ("succeeded", "completed", ""),
        ("check", 1, 1): ("canceled", "reset", "a is done again"),
        ("fetch", 2, 5): ("succeeded", "completed", ""),
        ("check", 2, 2): ("canceled", None, "too late"),
    }
    failed = tables.one("jobs", run.stream_id, step="fetch", attempt=1)
    assert failed["error"] == "Timeout: no answer"
    later = tables.one("jobs", run.stream_id, step="fetch", attempt=2)
    assert later["available_at"] == later["queued_at"] + timedelta(seconds=59)


def test_a_job_untouched_by_a_batch_keeps_its_version(tables: Tables) -> None:
    run = troubled(NIGHTLY)
    tables.given(registered(NIGHTLY), run)
    tables.level()
    for row in tables.of_run("jobs", run.stream_id):
        assert row["version"] == last_version(run, row), row


def last_version(run: Stream, job: dict[str, Any]) -> int:
    """Of the event that told of its attempt last."""
    found = 0
    for version, (event, _, _) in enumerate(run.facts, start=1):
        if getattr(event, "attempt", None) != job["attempt"]:
            continue
        assert isinstance(event, e.StepEvent)
        iteration = event.iteration - isinstance(event, e.StepReset)
        if (event.step, iteration) == (job["step"], job["iteration"]):
            found = version
    return found


def test_a_step_that_a_service_reports_has_no_job(tables: Tables) -> None:
    release = definition()
    tables.given(registered(release), begun(release))
    tables.level()
    assert tables.all("jobs") == []


def test_a_job_canceled_in_its_queue_leaves_its_number_to_the_next_iteration(
    tables: Tables,
) -> None:
    run = run_of(NIGHTLY).then(e.RunQueued())
    run.then(e.StepQueued(step="fetch", attempt=1))
    taken(run, "fetch", 1).then(e.RunStarted())
    run.then(j.JobSucceeded(step="fetch", attempt=1))
    run.then(e.StepCompleted(step="fetch", attempt=1))
    run.then(e.StepQueued(step="check", attempt=1))
    run.then(e.StepRedoRequested(step="fetch", iteration=2))
    run.then(j.JobCanceled(step="check", attempt=1))
    run.then(e.StepReset(step="check", iteration=2, because_of="fetch"))
    run.then(e.StepQueued(step="fetch", iteration=2, attempt=2))
    taken(run, "fetch", 2, 2).then(j.JobSucceeded(step="fetch", iteration=2, attempt=2))
    run.then(e.StepCompleted(step="fetch", iteration=2, attempt=2))
    run.then(e.StepQueued(step="check", iteration=2, attempt=1))
    tables.given(registered(NIGHTLY), taken(run, "check", 1, 2))
    tables.level()
    rows = [row for row in tables.all("jobs") if row["step"] == "check"]
    told = {(row["iteration"], row["attempt"]): row["outcome"] for row in rows}
    assert told == {(1, 1): None, (2, 1): "running"}


@pytest.mark.parametrize("window", [1, 2, 3, 7])
def test_rows_do_not_depend_on_how_batches_are_cut(
    tables: Tables, monkeypatch: pytest.MonkeyPatch, window: int
) -> None:
    tables.given(registered(NIGHTLY), troubled(NIGHTLY, 1), troubled(NIGHTLY, 2))
    tables.level()
    whole = tables.everything()
    assert len(whole["jobs"]) == 14
    start_again(tables)
    monkeypatch.setattr(catching_up, "WINDOW", window)
    tables.level()
    assert tables.everything() == whole


def test_a_rebuild_makes_the_rows_that_batches_made(
    tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables.given(registered(NIGHTLY), troubled(NIGHTLY, 1), troubled(NIGHTLY, 2))
    monkeypatch.setattr(catching_up, "WINDOW", 2)
    tables.level()
    done = rebuild.rebuild(
        tables.database.url("runledger_projector"), say=lambda line: None, jobs=0
    )
    assert all(each.same for each in done.differences)


def test_rows_name_the_columns_that_there_are(tables: Tables) -> None:
    tables.given(registered(NIGHTLY), troubled(NIGHTLY))
    generation = tables.generation()
    events = [change for change, _ in generation.log.window(0, 10_000, ALL_PARTITIONS)]
    rows = jobs.rows(generation.fold(events))
    (table,) = (each for each in TABLES if each.name == jobs.NAME)
    tables.level()
    assert len(rows) == 7
    assert {frozenset(row) for row in rows} == {frozenset(tables.all(table.name)[0])}
