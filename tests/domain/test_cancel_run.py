from __future__ import annotations

from domain.errors import RunObserved, RunOver
from domain.run.commands import (
    CancelRun,
    CompleteStep,
    CreateRun,
    ObserveRun,
    PauseRun,
    StartStep,
)
from domain.run.events import (
    ApprovalWithdrawn,
    RunCanceled,
    RunCancelRequested,
    StepCanceled,
)
from domain.run.state import RunState, StepState
from tests.domain.workflows import (
    BRANCHES,
    CHAIN,
    CREATE,
    FORK,
    ONE,
    UNKNOWN_GRAPH,
)
from tests.support.decider import given

CANCEL = CancelRun(reason="wrong tag")
BUILT = (StartStep(step="build"), CompleteStep(step="build"))


def test_what_is_idle_and_what_is_reported_is_canceled_at_once() -> None:
    story = given(FORK, CREATE, StartStep(step="left")).when(CANCEL)
    story.then(
        RunCancelRequested(reason="wrong tag"),
        StepCanceled(step="left", attempt=1, reason="wrong tag"),
        StepCanceled(step="right", reason="wrong tag"),
        StepCanceled(step="after", reason="wrong tag"),
        RunCanceled(reason="wrong tag"),
    )
    assert story.run.state is RunState.CANCELED
    assert story.run.cause is not None
    assert (story.run.cause.actor, story.run.cause.reason) == ("ada", "wrong tag")
    assert story.run.steps["left"].attempts[0].outcome == "canceled"


def test_completed_steps_stay_completed_and_questions_are_withdrawn() -> None:
    story = given(BRANCHES, CREATE, *BUILT).when(CANCEL)
    story.then(
        RunCancelRequested,
        ApprovalWithdrawn(step="review", cause="wrong tag"),
        StepCanceled(step="review", reason="wrong tag"),
        StepCanceled(step="scan", reason="wrong tag"),
        StepCanceled(step="deploy", reason="wrong tag"),
        RunCanceled,
    )
    assert story.run.steps["build"].state is StepState.COMPLETED


def test_with_force_nobody_claims_to_know_how_it_ended() -> None:
    story = given(ONE, CREATE, StartStep(step="build"))
    story = story.when(CancelRun(force=True))
    story.then(
        RunCancelRequested(force=True),
        StepCanceled(step="build", attempt=1, outcome="unknown"),
        RunCanceled(),
    )
    attempt = story.run.steps["build"].attempts[0]
    assert (attempt.outcome, attempt.ended_at) == ("unknown", None)


def test_a_held_run_is_canceled_too() -> None:
    story = given(CHAIN, CREATE, PauseRun()).when(CANCEL)
    story.then(RunCancelRequested, StepCanceled, StepCanceled, RunCanceled)
    assert not story.run.held


def test_a_run_that_was_never_started_is_canceled_too() -> None:
    later = CreateRun(workflow="release", start=False)
    given(ONE, later).when(CANCEL).then(RunCancelRequested, StepCanceled, RunCanceled)


def test_canceling_twice_records_nothing() -> None:
    given(CHAIN, CREATE, CANCEL).when(CANCEL).then_nothing()


def test_a_run_that_completed_is_not_canceled() -> None:
    given(ONE, CREATE, *BUILT).when(CANCEL).then_refused(RunOver, "completed since")


def test_an_observed_run_is_canceled_elsewhere() -> None:
    seen = ObserveRun(workflow="release", source="ci", external_id="9")
    given(UNKNOWN_GRAPH, seen).when(CANCEL).then_refused(RunObserved, "steer it there")
