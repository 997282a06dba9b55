"""Rows of ``approvals``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.run import events as e
from domain.workflow.policy import ApprovalPolicy
from tests.projections.histories import definition, registered, waiting

if TYPE_CHECKING:
    from tests.projections.tables import Tables

RELEASE = definition()
POLICY = ApprovalPolicy(approvers=("bob", "eve"), required=1)


def test_an_open_approval(tables: Tables) -> None:
    run = waiting(RELEASE, 3)
    tables.given(registered(RELEASE), run)
    tables.level()
    row = tables.one("approvals", run.stream_id)
    assert (row["step"], row["iteration"], row["state"]) == ("build", 1, "open")
    assert row["approvers"] == ["bob", "eve"]
    assert (row["required"], row["agreed"], row["decisions"]) == (1, 0, [])
    assert (row["number"], row["requested_by"], row["summary"]) == (
        3,
        "worker",
        "Ship it?",
    )
    assert row["subject"]["value"] == {"report": "fine"}
    assert row["subject_digest"] == "d1"
    assert row["version"] == 6


def test_a_decided_approval(tables: Tables) -> None:
    run = waiting(RELEASE)
    tables.given(registered(RELEASE), run)
    tables.level()
    decided = e.ApprovalDecided(
        step="build", decision="approved", subject_digest="d1", comment="go"
    )
    run.then(decided, "bob")
    run.then(e.StepCompleted(step="build", attempt=1, approved=True), "bob")
    position = tables.given(run)
    tables.level()
    row = tables.one("approvals", run.stream_id)
    assert (row["state"], row["agreed"]) == ("approved", 1)
    (decision,) = row["decisions"]
    assert (decision["actor"], decision["comment"]) == ("bob", "go")
    assert row["closed_at"] is not None
    assert row["position"] == position


def test_each_iteration_has_a_row_of_its_own(tables: Tables) -> None:
    run = waiting(RELEASE)
    run.then(e.RunContinued(cause="approval", state="running"))
    run.then(e.ApprovalWithdrawn(step="build", cause="redo"), "eve")
    withdrawn = len(run.facts)
    run.then(e.StepRedoRequested(step="build", iteration=2), "eve")
    run.then(e.StepQueued(step="build", iteration=2, attempt=2))
    run.then(e.StepStarted(step="build", iteration=2, attempt=2))
    asked = e.ApprovalRequested(
        step="build", iteration=2, attempt=2, policy=POLICY, subject_digest="d2"
    )
    run.then(asked)
    tables.given(registered(RELEASE), run)
    tables.level()
    first = tables.one("approvals", run.stream_id, iteration=1)
    second = tables.one("approvals", run.stream_id, iteration=2)
    assert (first["state"], first["closed_because"]) == ("withdrawn", "redo")
    assert first["version"] == withdrawn
    assert (second["state"], second["version"]) == ("open", len(run.facts))
