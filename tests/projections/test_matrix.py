"""Rows of ``matrix``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.run import events as e
from tests.projections.histories import (
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


def test_one_character_per_step(tables: Tables) -> None:
    runs = {
        "ccc": completed(RELEASE, 1),
        "fxx": failed(RELEASE, 2),
        "w..": waiting(RELEASE, 3),
        "r..": begun(RELEASE, 4),
        "...": run_of(RELEASE, 5),
        "q..": run_of(RELEASE, 6).then(e.StepQueued(step="build")),
        "j..": waiting(RELEASE, 7).then(e.StepRejected(step="build", attempt=1)),
    }
    tables.given(registered(RELEASE), *runs.values())
    tables.level()
    found = {
        cells: tables.one("matrix", run.stream_id)["cells"]
        for cells, run in runs.items()
    }
    assert found == {cells: cells for cells in runs}


def test_durations_attempts_and_flags_stand_by_step(tables: Tables) -> None:
    run = waiting(RELEASE)
    run.then(e.RunContinued(cause="approval", state="running"))
    run.then(e.ApprovalWithdrawn(step="build", cause="redo"))
    run.then(e.StepRedoRequested(step="build", iteration=2))
    run.then(e.StepQueued(step="build", iteration=2, attempt=2))
    run.then(e.StepStarted(step="build", iteration=2, attempt=2))
    tables.given(registered(RELEASE), run)
    tables.level()
    row = tables.one("matrix", run.stream_id)
    assert row["durations"] == [1_000_000, None, None]
    assert row["attempts"] == [2, 0, 0]
    assert row["flags"] == "e00"
    assert row["steps"] is None


def test_a_carried_step_is_flagged(tables: Tables) -> None:
    old = failed(RELEASE)
    carried = (e.CarriedStep(step="test", from_run=old.stream_id),)
    new = run_of(RELEASE, 2, retry_of=old.stream_id, carried=carried)
    tables.given(registered(RELEASE), old, new)
    tables.level()
    row = tables.one("matrix", new.stream_id)
    assert (row["cells"], row["flags"]) == (".c.", "010")
    assert row["retry_of"] == old.stream_id


def test_a_run_of_an_unknown_graph_names_its_steps(tables: Tables) -> None:
    workflow = definition("elsewhere", ())
    run = run_of(workflow, observed=True)
    run.then(e.StepStarted(step="b", attempt=1)).then(
        e.StepStarted(step="a", attempt=1)
    )
    tables.given(registered(workflow), run)
    tables.level()
    row = tables.one("matrix", run.stream_id)
    assert (row["steps"], row["cells"]) == (["b", "a"], "rr")
