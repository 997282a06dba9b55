from __future__ import annotations

from domain.errors import RunObserved, RunOver, WrongState
from domain.run.commands import (
    CancelRun,
    CompleteStep,
    ContinueRun,
    CreateRun,
    FailStep,
    ObserveRun,
    PauseRun,
    RedoStep,
    RequestApproval,
    StartStep,
)
from domain.run.events import (
    ApprovalRequested,
    ApprovalWithdrawn,
    RunCanceled,
    RunCancelRequested,
    StepAttemptFailed,
    StepCanceled,
    StepCompleted,
)
from domain.run.job_events import (
    JobCanceled,
    JobFailed,
    JobLost,
    JobSucceeded,
    StepAttemptLost,
)
from domain.run.own_commands import LoseJob
from domain.run.state import RunState, StepState
from tests.domain.leasing import (
    FORKED_JOBS,
    JOBS,
    LEASE,
    MIXED,
    ONE_JOB,
    OTHER,
    lease,
)
from tests.domain.workflows import (
    BRANCHES,
    CHAIN,
    CREATE,
    FORK,
    ONE,
    UNKNOWN_GRAPH,
    task,
    workflow,
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


LEASED = (lease("left"), CANCEL)
DONE = CompleteStep(step="left", attempt=1, lease=LEASE)


def test_a_worker_is_waited_for() -> None:
    story = given(FORKED_JOBS, CREATE, lease("left")).when(CANCEL)
    story.then(
        RunCancelRequested(reason="wrong tag"),
        JobCanceled(step="right", attempt=1, reason="wrong tag"),
        StepCanceled(step="right", reason="wrong tag"),
        StepCanceled(step="after", reason="wrong tag"),
    )
    assert story.run.state is RunState.RUNNING
    assert story.run.cancel_requested is not None
    assert story.run.steps["left"].state is StepState.RUNNING


def test_what_reports_itself_is_canceled_while_a_worker_is_waited_for() -> None:
    story = given(MIXED, CREATE, lease("job"), StartStep(step="reported")).when(CANCEL)
    story.then(
        RunCancelRequested,
        StepCanceled(step="reported", attempt=1, reason="wrong tag"),
    )


def test_a_step_that_completes_all_the_same_stays_completed() -> None:
    story = given(FORKED_JOBS, CREATE, *LEASED).when(DONE, by="ada")
    story.then(JobSucceeded, StepCompleted, RunCanceled(reason="wrong tag"))
    assert story.run.steps["left"].state is StepState.COMPLETED


def test_whoever_asked_is_the_cause_and_not_who_ended_last() -> None:
    story = given(FORKED_JOBS, CREATE, lease("left")).when(CANCEL, by="eve").when(DONE)
    assert story.run.state is RunState.CANCELED
    assert story.run.cause is not None
    assert (story.run.cause.actor, story.run.cause.reason) == ("eve", "wrong tag")


def test_what_fails_meanwhile_is_not_tried_again() -> None:
    often = workflow(task("build", queue="default", max_attempts=5))
    story = given(often, CREATE, lease("build"), CANCEL)
    story.when(FailStep(step="build", attempt=1, lease=LEASE)).then(
        JobFailed,
        StepAttemptFailed,
        StepCanceled(step="build", reason="wrong tag"),
        RunCanceled(reason="wrong tag"),
    )


def test_of_what_is_lost_meanwhile_the_outcome_is_unknown() -> None:
    story = given(FORKED_JOBS, CREATE, *LEASED)
    story.when(LoseJob(step="left", lease=LEASE)).then(
        JobLost,
        StepAttemptLost,
        StepCanceled(step="left", reason="wrong tag", outcome="unknown"),
        RunCanceled,
    )


def test_what_asks_people_meanwhile_is_not_answered() -> None:
    story = given(FORKED_JOBS, CREATE, *LEASED)
    story.when(RequestApproval(step="left", attempt=1, lease=LEASE)).then(
        JobSucceeded, ApprovalRequested, ApprovalWithdrawn, StepCanceled, RunCanceled
    )


def test_all_workers_are_waited_for() -> None:
    both = (lease("left"), lease("right", as_=OTHER), CANCEL)
    story = given(FORKED_JOBS, CREATE, *both).when(DONE)
    story = story.then(JobSucceeded, StepCompleted)
    story.when(CompleteStep(step="right", attempt=1, lease=OTHER)).then(
        JobSucceeded, StepCompleted, RunCanceled
    )


def test_asking_again_while_a_worker_is_waited_for_records_nothing() -> None:
    given(FORKED_JOBS, CREATE, *LEASED).when(CANCEL).then_nothing()


def test_force_waits_for_nobody() -> None:
    story = given(ONE_JOB, CREATE, lease("build")).when(CancelRun(force=True))
    story.then(
        RunCancelRequested(force=True),
        JobCanceled(step="build", attempt=1),
        StepCanceled(step="build", attempt=1, outcome="unknown"),
        RunCanceled(),
    )


def test_a_worker_that_ignores_it_is_left_behind_by_force() -> None:
    story = given(FORKED_JOBS, CREATE, *LEASED).when(CancelRun(force=True), by="eve")
    story.then(
        RunCancelRequested(reason="wrong tag", force=True),
        JobCanceled(step="left", attempt=1, reason="wrong tag"),
        StepCanceled(step="left", attempt=1, reason="wrong tag", outcome="unknown"),
        RunCanceled(reason="wrong tag"),
    )
    assert story.run.cause is not None
    assert story.run.cause.actor == "eve"


def test_nothing_new_begins_while_a_worker_is_waited_for() -> None:
    done = CompleteStep(step="build", attempt=1, lease=LEASE)
    story = given(JOBS, CREATE, lease("build"), done)
    story = story.when(lease("deploy", as_=OTHER)).when(CANCEL)
    story.when(RedoStep(step="build")).then_refused(
        WrongState, "is being canceled, as ada asked"
    )


def test_a_held_run_waits_for_its_workers_too() -> None:
    story = given(FORKED_JOBS, CREATE, lease("left"), PauseRun(), CANCEL)
    assert story.run.state is RunState.PAUSED
    story.when(DONE).then(JobSucceeded, StepCompleted, RunCanceled)
    assert story.when(ContinueRun()).run.state is RunState.RUNNING
