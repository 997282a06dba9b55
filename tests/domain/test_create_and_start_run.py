from __future__ import annotations

from domain.errors import RunExists, RunHeld, RunOver, UnknownRun, WrongState
from domain.run.commands import CancelRun, CreateRun, PauseRun, StartRun
from domain.run.events import (
    ApprovalRequested,
    Content,
    RunCreated,
    RunPaused,
    RunQueued,
    StepQueued,
)
from domain.run.state import RunState
from tests.domain.workflows import (
    CHAIN,
    CREATE,
    FORK,
    UNKNOWN_GRAPH,
    approval,
    task,
    workflow,
)
from tests.support.decider import given

CREATED = RunCreated(workflow="release", workflow_version=1, number=42)
LATER = CreateRun(workflow="release", start=False)


def test_a_run_starts_with_the_steps_that_need_nothing() -> None:
    given(FORK).when(CREATE).then(
        CREATED,
        RunQueued(),
        StepQueued(step="left", attempt=1),
        StepQueued(step="right", attempt=1),
    )


def test_it_keeps_its_inputs() -> None:
    asked = CreateRun(workflow="release", inputs={"tag": "v1"}, start=False)
    story = given(CHAIN).when(asked)
    assert story.run.inputs == Content(value={"tag": "v1"})


def test_a_run_may_be_created_and_started_later() -> None:
    story = given(CHAIN).when(LATER).then(CREATED)
    assert story.run.state is RunState.CREATED
    story = story.when(StartRun()).then(
        RunQueued(), StepQueued(step="build", attempt=1)
    )
    assert story.run.state is RunState.QUEUED


def test_starting_it_twice_records_nothing() -> None:
    given(CHAIN, LATER, StartRun()).when(StartRun()).then_nothing()


def test_a_held_run_is_not_started() -> None:
    given(CHAIN, LATER, PauseRun(reason="freeze")).when(StartRun()).then_refused(
        RunHeld, r"ada holds run #42 of release since .* \(freeze\)"
    )


def test_a_run_that_is_over_is_not_started() -> None:
    given(CHAIN, LATER, CancelRun()).when(StartRun()).then_refused(
        RunOver, "is over: canceled since 2026-03-01"
    )


def test_a_run_that_starts_with_an_approval_waits_at_once() -> None:
    gated = workflow(approval("go"), task("build", "go"))
    story = given(gated).when(CREATE)
    story.then(RunCreated, RunQueued, ApprovalRequested, RunPaused(cause="approval"))
    assert story.run.state is RunState.WAITING


def test_an_id_is_taken_once() -> None:
    given(CHAIN, CREATE).when(CREATE).then_refused(RunExists, "has that id already")


def test_a_workflow_without_steps_cannot_be_run() -> None:
    given(UNKNOWN_GRAPH).when(CREATE).then_refused(WrongState, "has no steps")


def test_there_is_nothing_to_do_with_a_run_that_does_not_exist() -> None:
    given(CHAIN).when(StartRun()).then_refused(UnknownRun, "no such run")
