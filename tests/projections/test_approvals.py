"""Rows of ``approvals``."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from domain.run import events as e
from domain.workflow.policy import ApprovalPolicy
from tests.projections.histories import begun, definition, registered, waiting

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


FULL = ApprovalPolicy(
    approvers=("bob", "eve"),
    groups=("legal",),
    required=2,
    rejections=2,
    not_own=True,
    expires_s=90,
    on_expiry="approve",
    remind_s=30,
    form={"type": "object"},
)


def test_the_whole_policy_and_what_became_of_it(tables: Tables) -> None:
    run = begun(RELEASE).then(
        e.ApprovalRequested(step="build", attempt=1, policy=FULL, subject_digest="d1"),
        "carl",
    )
    tables.given(registered(RELEASE), run)
    tables.level()
    row = tables.one("approvals", run.stream_id)
    assert (row["groups"], row["rejections"], row["rejected"]) == (["legal"], 2, 0)
    assert (row["not_own"], row["form"], row["attempt"]) == (True, FULL.form, 1)
    assert row["expires_at"] - row["requested_at"] == timedelta(seconds=90)
    assert (row["on_expiry"], row["expired"], row["reminders"]) == ("approve", False, 0)
    assert row["barred"] == [
        {"person": "ada", "why": "created the run"},
        {"person": "worker", "why": "reported the output of build"},
        {"person": "carl", "why": "reported the output of build"},
    ]
    assert row["ineligible"] == ["ada", "worker", "carl"]
    assert (row["delegations"], row["delegates"], row["redo"]) == ([], [], None)

    run.then(e.ApprovalDelegated(step="build", to="dan", comment="away"), "bob")
    run.then(e.ApprovalDelegated(step="build", to="fay"), "dan")
    run.then(e.ApprovalReminded(step="build", nth=1), "timers")
    decided = e.ApprovalDecided(
        step="build",
        decision="rejected",
        subject_digest="d1",
        form={"amount": 1},
        on_behalf_of="bob",
    )
    run.then(decided, "fay")
    tables.given(run)
    tables.level()
    row = tables.one("approvals", run.stream_id)
    assert [one["to"] for one in row["delegations"]] == ["dan", "fay"]
    assert row["delegates"] == ["fay"]
    assert row["ineligible"] == ["ada", "worker", "carl", "fay", "bob", "dan"]
    assert (row["rejected"], row["agreed"], row["reminders"]) == (1, 0, 1)
    assert row["reminded_at"] is not None
    (decision,) = row["decisions"]
    assert (decision["form"], decision["on_behalf_of"]) == ({"amount": 1}, "bob")

    run.then(e.ApprovalExpired(step="build", counts_as="approve"), "timers")
    run.then(e.StepCompleted(step="build", attempt=1, approved=True), "timers")
    tables.given(run)
    tables.level()
    row = tables.one("approvals", run.stream_id)
    assert (row["state"], row["expired"]) == ("approved", True)
    assert row["closed_because"] == "it expired"


def test_it_says_what_led_to_the_iteration(tables: Tables) -> None:
    run = waiting(RELEASE)
    run.then(e.RunContinued(cause="approval", state="running"))
    run.then(e.ApprovalWithdrawn(step="build", cause="redo"), "eve")
    redo = e.StepRedoRequested(step="build", iteration=2, feedback="in blue")
    run.then(redo, "eve")
    run.then(e.StepQueued(step="build", iteration=2, attempt=2))
    run.then(e.StepStarted(step="build", iteration=2, attempt=2))
    asked = e.ApprovalRequested(
        step="build", iteration=2, attempt=2, policy=POLICY, subject_digest="d2"
    )
    run.then(asked)
    tables.given(registered(RELEASE), run)
    tables.level()
    row = tables.one("approvals", run.stream_id, iteration=2)
    assert (row["redo"]["actor"], row["redo"]["feedback"]) == ("eve", "in blue")
    assert tables.one("approvals", run.stream_id, iteration=1)["redo"] is None


def test_rows_do_not_depend_on_how_events_are_cut(tables: Tables) -> None:
    """What bars a person is as it was when people were asked."""
    whole, cut = (begun(RELEASE, number) for number in (1, 2))
    for run in (whole, cut):
        run.then(
            e.ApprovalRequested(
                step="build", attempt=1, policy=FULL, subject_digest="d1"
            ),
            "carl",
        )
        run.then(e.ApprovalDelegated(step="build", to="dan"), "bob")
        run.then(e.ApprovalWithdrawn(step="build", cause="redo"), "gus")
        run.then(e.StepRedoRequested(step="build", iteration=2), "gus")
        run.then(e.StepQueued(step="build", iteration=2, attempt=2))
    facts, cut.facts = cut.facts, []
    tables.given(registered(RELEASE), whole)
    for fact in facts:
        cut.facts.append(fact)
        tables.given(cut)
        tables.level()
    one, other = (
        tables.one("approvals", run.stream_id, iteration=1) for run in (whole, cut)
    )
    differs = {"run_id", "number", "version", "position"}
    assert {name: value for name, value in one.items() if name not in differs} == {
        name: value for name, value in other.items() if name not in differs
    }
    assert one["version"] == other["version"]
