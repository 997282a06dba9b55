from __future__ import annotations

from domain.run.commands import CompleteStep, FailStep, PauseRun, RedoStep, StartStep
from domain.run.commands import RequestApproval as Ask
from domain.run.events import (
    ApprovalRequested,
    ApprovalWithdrawn,
    Failure,
    RunFailed,
    StepAttemptFailed,
    StepCanceled,
    StepCompleted,
    StepFailed,
    StepQueued,
    StepRetryScheduled,
)
from domain.run.state import RunState, StepState
from tests.domain.workflows import (
    BRANCHES,
    CREATE,
    FORK,
    LENIENT,
    ONE,
    task,
    workflow,
)
from tests.support.decider import given

TWICE = workflow(task("build", max_attempts=2, effects="once"))
START_BUILD = StartStep(step="build")
ERROR = Failure(type="TimeoutError", message="no answer")
LEFT_FAILS = FailStep(step="left", error=ERROR)
BOTH_RUN = (StartStep(step="left"), StartStep(step="right"))


def test_a_step_with_attempts_left_is_queued_again() -> None:
    story = given(TWICE, CREATE, START_BUILD).when(FailStep(step="build", error=ERROR))
    story.then(
        StepAttemptFailed(step="build", attempt=1, error=ERROR),
        StepRetryScheduled(step="build", attempt=2),
    )
    assert story.run.steps["build"].state is StepState.QUEUED
    assert story.run.state is RunState.RUNNING


def test_when_they_are_used_up_it_failed_for_good() -> None:
    tried = (START_BUILD, FailStep(step="build"), START_BUILD)
    story = given(TWICE, CREATE, *tried).when(FailStep(step="build", error=ERROR))
    story.then(
        StepAttemptFailed(step="build", attempt=2, error=ERROR),
        StepFailed(step="build", attempt=2, error=ERROR),
        RunFailed(
            step="build",
            attempt=2,
            error=ERROR,
            reason="step build failed: TimeoutError: no answer",
        ),
    )
    assert story.run.cause is not None
    assert (story.run.cause.step, story.run.cause.error) == ("build", ERROR)


def test_what_is_not_to_be_tried_again_is_not() -> None:
    given(TWICE, CREATE, START_BUILD).when(
        FailStep(step="build", error=ERROR, retryable=False)
    ).then(StepAttemptFailed, StepFailed, RunFailed)


def test_each_iteration_has_its_own_attempts() -> None:
    first = (START_BUILD, FailStep(step="build"), START_BUILD, Ask(step="build"))
    again = (RedoStep(step="build", accept_unsafe=True), START_BUILD)
    given(TWICE, CREATE, *first, *again).when(FailStep(step="build")).then(
        StepAttemptFailed(step="build", iteration=2, attempt=3, error=Failure()),
        StepRetryScheduled(step="build", iteration=2, attempt=4),
    )


def test_the_same_failure_told_twice_records_nothing() -> None:
    told = FailStep(step="build", attempt=1, error=ERROR)
    given(TWICE, CREATE, START_BUILD, told).when(told).then_nothing()


def test_under_a_hold_the_retry_is_scheduled_and_waits() -> None:
    story = given(TWICE, CREATE, START_BUILD, PauseRun())
    story = story.when(FailStep(step="build"))
    story.then(StepAttemptFailed, StepRetryScheduled)
    assert story.run.state is RunState.PAUSED


def test_the_run_fails_when_the_last_attempt_has_ended() -> None:
    story = given(FORK, CREATE, *BOTH_RUN).when(LEFT_FAILS)
    story = story.then(StepAttemptFailed, StepFailed)
    assert story.run.state is RunState.RUNNING
    story.when(CompleteStep(step="right")).then(
        StepCompleted, RunFailed(step="left", attempt=1, error=ERROR, reason=REASON)
    )


REASON = "step left failed: TimeoutError: no answer"


def test_draining_cancels_what_is_queued() -> None:
    given(FORK, CREATE, StartStep(step="left")).when(LEFT_FAILS).then(
        StepAttemptFailed,
        StepFailed,
        StepCanceled(step="right", reason="step left failed: nothing new is started"),
        RunFailed,
    )


def test_draining_asks_nobody_any_more() -> None:
    story = given(BRANCHES, CREATE, START_BUILD, CompleteStep(step="build"))
    story = story.when(StartStep(step="scan")).when(FailStep(step="scan"))
    story.then(
        StepAttemptFailed,
        StepFailed,
        ApprovalWithdrawn(
            step="review", cause="step scan failed: nothing new is started"
        ),
        StepCanceled,
        RunFailed,
    )


def test_an_attempt_that_asks_people_while_the_run_drains_is_not_answered() -> None:
    story = given(FORK, CREATE, *BOTH_RUN, LEFT_FAILS).when(Ask(step="right"))
    story.then(ApprovalRequested, ApprovalWithdrawn, StepCanceled, RunFailed)


def test_while_a_run_drains_nothing_is_tried_again() -> None:
    two = workflow(task("left"), task("right", max_attempts=5))
    given(two, CREATE, *BOTH_RUN, LEFT_FAILS).when(FailStep(step="right")).then(
        StepAttemptFailed, StepFailed, RunFailed(step="left", **FAILED)
    )


FAILED = {"attempt": 1, "error": ERROR, "reason": REASON}


def test_a_failure_ends_a_held_run_too() -> None:
    story = given(FORK, CREATE, StartStep(step="left"), PauseRun()).when(LEFT_FAILS)
    story.then(StepAttemptFailed, StepFailed, StepCanceled, RunFailed)
    assert story.run.state is RunState.FAILED
    assert not story.run.held


def test_other_branches_go_on_where_the_workflow_says_so() -> None:
    lenient = workflow(
        task("left"),
        task("right"),
        task("more", "right"),
        task("after", "left", "right"),
        on_failure="continue",
    )
    story = given(lenient, CREATE, *BOTH_RUN, LEFT_FAILS)
    story = story.when(CompleteStep(step="right")).then(
        StepCompleted, StepQueued(step="more", attempt=1)
    )
    story = story.when(StartStep(step="more")).when(CompleteStep(step="more"))
    story.then(StepCompleted, RunFailed(step="left", **FAILED))
    assert story.run.steps["after"].state is StepState.NOT_STARTED


def test_the_first_failure_is_the_cause() -> None:
    story = given(LENIENT, CREATE, *BOTH_RUN).when(FailStep(step="right"))
    story.when(LEFT_FAILS).then(
        StepAttemptFailed,
        StepFailed,
        RunFailed(
            step="right",
            attempt=1,
            error=Failure(),
            reason="step right failed: Error",
        ),
    )


def test_one_attempt_is_all_there_is_unless_said_otherwise() -> None:
    given(ONE, CREATE, START_BUILD).when(FailStep(step="build")).then(
        StepAttemptFailed, StepFailed, RunFailed
    )
