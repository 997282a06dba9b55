"""Rows of ``workflows``, ``workflow_counts`` and ``day_counts``."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import TYPE_CHECKING

from domain.run import events as e
from infra.kafka import partition_of
from tests.projections.histories import (
    begun,
    completed,
    definition,
    failed,
    mixture,
    registered,
)

if TYPE_CHECKING:
    from tests.projections.tables import Tables

RELEASE = definition()
DAY = date(2026, 3, 1)


def test_a_workflow_shows_its_newest_version(tables: Tables) -> None:
    newer = definition(steps=("build", "ship"))
    position = tables.given(registered(RELEASE, newer))
    tables.level()
    (row,) = tables.all("workflows")
    assert (row["name"], row["version"], row["step_count"]) == ("release", 2, 2)
    assert row["digest"] == newer.digest
    assert row["definition"]["steps"][1]["name"] == "ship"
    assert (row["registered_by"], row["position"]) == ("ada", position)


def test_runs_are_counted_by_state(tables: Tables) -> None:
    runs = mixture(RELEASE, 12)
    tables.given(registered(RELEASE), *runs)
    tables.level()
    found: Counter[str] = Counter()
    for row in tables.all("workflow_counts"):
        found[row["state"]] += row["runs"]
    assert +found == {
        "completed": 3,
        "failed": 3,
        "waiting_for_approval": 3,
        "running": 3,
    }


def test_a_run_is_counted_where_it_went(tables: Tables) -> None:
    run = begun(RELEASE)
    tables.given(registered(RELEASE), run)
    tables.level()
    run.then(e.RunCanceled(reason="enough"))
    tables.given(run)
    tables.level()
    found = {row["state"]: row["runs"] for row in tables.all("workflow_counts")}
    assert found == {"running": 0, "canceled": 1}
    (row,) = tables.all("day_counts")
    assert (row["created"], row["canceled"], row["completed"]) == (1, 1, 0)
    assert row["partition"] == partition_of(run.stream_id)


def test_days_count_beginnings_and_ends(tables: Tables) -> None:
    late = begun(RELEASE, 3)
    late.then(e.RunCompleted(), after_s=86_400)
    tables.given(registered(RELEASE), completed(RELEASE, 1), failed(RELEASE, 2), late)
    tables.level()
    days: dict[date, Counter[str]] = {}
    for row in tables.all("day_counts"):
        count = days.setdefault(row["day"], Counter())
        for name in ("created", "completed", "failed", "duration_us"):
            count[name] += row[name]
    assert days[DAY] == {
        "created": 3,
        "completed": 1,
        "failed": 1,
        # Completed runs alone: what failed at once says nothing of a duration.
        "duration_us": 12_000_000,
    }
    assert days[date(2026, 3, 2)]["completed"] == 1
