from __future__ import annotations

from domain.errors import RunObserved, RunOver, WrongState
from domain.run.commands import (
    Approve,
    CancelRun,
    CompleteStep,
    ContinueRun,
    CreateRun,
    ObserveRun,
    PauseRun,
    StartStep,
)
from domain.run.events import (
    ApprovalRequested,
    RunCompleted,
    RunContinued,
    RunPaused,
    StepCompleted,
    StepQueued,
)
from domain.run.state import RunState, StepState
from tests.domain.workflows import (
    BRANCHES,
    CHAIN,
    CREATE,
    FORK,
    ONE,
    REVIEWED,
    UNKNOWN_GRAPH,
)
from tests.support.decider import given

PAUSE = PauseRun(reason="freeze")
CONTINUE = ContinueRun(reason="thawed")
START_BUILD = StartStep(step="build")
BUILT = (START_BUILD, CompleteStep(step="build"))


def test_a_hold_says_who_and_why() -> None:
    story = given(CHAIN, CREATE).when(PAUSE)
    story.then(RunPaused(cause="operator", reason="freeze"))
    assert story.run.state is RunState.PAUSED
    assert story.run.cause is not None
    assert (story.run.cause.actor, story.run.cause.reason) == ("ada", "freeze")


def test_holding_twice_records_nothing() -> None:
    given(CHAIN, CREATE, PAUSE).when(PAUSE).then_nothing()


def test_what_runs_may_end_and_nothing_follows() -> None:
    story = given(CHAIN, CREATE, START_BUILD, PAUSE).when(CompleteStep(step="build"))
    story = story.then(StepCompleted)
    assert story.run.steps["deploy"].state is StepState.NOT_STARTED
    story.when(CONTINUE).then(
        RunContinued(cause="operator", state="running", reason="thawed"),
        StepQueued(step="deploy", attempt=1),
    )


def test_if_the_last_running_step_ends_the_run_it_ends() -> None:
    story = given(ONE, CREATE, START_BUILD, PAUSE).when(CompleteStep(step="build"))
    story.then(StepCompleted, RunCompleted)
    assert story.run.state is RunState.COMPLETED
    assert not story.run.held


def test_nobody_new_is_asked_under_a_hold() -> None:
    story = given(REVIEWED, CREATE, START_BUILD, PAUSE)
    story = story.when(CompleteStep(step="build")).then(StepCompleted)
    story.when(CONTINUE).then(
        RunContinued(cause="operator", state="running", reason="thawed"),
        ApprovalRequested,
        RunPaused(cause="approval"),
    )


def test_continuing_names_the_state_the_run_is_in() -> None:
    later = CreateRun(workflow="release", start=False)
    for definition, commands, state in (
        (CHAIN, (later,), "created"),
        (CHAIN, (CREATE,), "queued"),
        (CHAIN, (CREATE, START_BUILD), "running"),
        (REVIEWED, (CREATE, *BUILT), "waiting_for_approval"),
    ):
        story = given(definition, *commands, PAUSE).when(ContinueRun())
        assert story.events == [RunContinued(cause="operator", state=state)]
        assert story.run.state == state
        assert story.run.cause is None


def test_a_run_whose_last_approval_came_under_the_hold_completes() -> None:
    branch = (START_BUILD, CompleteStep(step="build"))
    scan = (StartStep(step="scan"), CompleteStep(step="scan"))
    story = given(BRANCHES, CREATE, *branch, PAUSE, Approve(step="review"))
    assert story.run.state is RunState.PAUSED
    story = story.when(CONTINUE).then(RunContinued)
    for command in (*scan, StartStep(step="deploy")):
        story = story.when(command)
    story.when(CompleteStep(step="deploy")).then(StepCompleted, RunCompleted)


def test_one_step_is_not_the_last_while_another_is_ready() -> None:
    both = (StartStep(step="left"), StartStep(step="right"), PAUSE)
    story = given(FORK, CREATE, *both, CompleteStep(step="left"))
    story = story.when(CompleteStep(step="right")).then(StepCompleted)
    assert story.run.state is RunState.PAUSED


def test_continuing_what_is_not_held_records_nothing() -> None:
    given(CHAIN, CREATE).when(CONTINUE).then_nothing()


def test_continuing_is_no_way_round_an_approval() -> None:
    given(REVIEWED, CREATE, *BUILT).when(CONTINUE).then_refused(
        WrongState, "is not held: it waits for approval of 'review'"
    )


def test_a_run_that_is_over_is_neither_held_nor_continued() -> None:
    over = given(CHAIN, CREATE, CancelRun())
    over.when(PAUSE).then_refused(RunOver, "is over")
    over.when(CONTINUE).then_refused(RunOver, "is over")


def test_an_observed_run_is_held_elsewhere() -> None:
    seen = ObserveRun(workflow="release", source="ci", external_id="9")
    given(UNKNOWN_GRAPH, seen).when(PAUSE).then_refused(RunObserved, "steer it there")
