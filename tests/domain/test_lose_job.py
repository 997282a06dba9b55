from __future__ import annotations

from domain.run.commands import (
    CancelRun,
    CompleteStep,
    FailStep,
    PauseRun,
    RedoStep,
    RequestApproval,
)
from domain.run.events import (
    Failure,
    RunFailed,
    StepAttemptFailed,
    StepFailed,
    StepRetryScheduled,
)
from domain.run.job_events import JobFailed, JobLost, StepAttemptLost
from domain.run.own_commands import LoseJob
from domain.run.state import RunState, StepState
from tests.domain.leasing import (
    FORKED_JOBS,
    JOBS,
    LEASE,
    ONE_JOB,
    OTHER,
    PAY,
    lease,
)
from tests.domain.workflows import CREATE, task, workflow
from tests.support.decider import given

LOSE = LoseJob(step="build", lease=LEASE)
LOST = Failure(type="Lost", message="its worker was not heard of in time")


def test_a_lost_job_leaves_its_attempt_unknown_and_the_step_is_tried_again() -> None:
    story = given(ONE_JOB, CREATE, lease("build")).when(LOSE)
    story.then(
        JobLost(step="build", attempt=1),
        StepAttemptLost(step="build", attempt=1),
        StepRetryScheduled(step="build", attempt=2),
    )
    step = story.run.steps["build"]
    assert [job.state for job in step.jobs] == ["lost", "queued"]
    attempt = step.attempts[0]
    assert (attempt.outcome, attempt.ended_at, attempt.error) == ("unknown", None, LOST)
    assert story.run.state is RunState.RUNNING


def test_what_may_be_done_once_is_not_tried_again_by_itself() -> None:
    story = given(PAY, CREATE, lease("pay")).when(LoseJob(step="pay", lease=LEASE))
    story.then(
        JobLost(step="pay", attempt=1),
        StepAttemptLost(step="pay", attempt=1),
        StepFailed(step="pay", attempt=1, error=LOST, outcome="unknown"),
        RunFailed(step="pay", attempt=1, error=LOST, reason=f"step pay failed: {SAID}"),
    )
    assert story.run.steps["pay"].attempts[0].outcome == "unknown"


SAID = "Lost: its worker was not heard of in time"


def test_a_loss_costs_no_attempt() -> None:
    again = (lease("build"), LOSE, lease("build", 2, as_=OTHER))
    story = given(ONE_JOB, CREATE, *again)
    assert story.run.steps["build"].state is StepState.RUNNING
    twice = workflow(task("build", queue="default", max_attempts=2))
    failed = FailStep(step="build", attempt=2, lease=OTHER)
    given(twice, CREATE, *again).when(failed).then(
        JobFailed, StepAttemptFailed, StepRetryScheduled(step="build", attempt=3)
    )


def test_a_job_that_kills_its_workers_does_not_do_so_for_ever() -> None:
    frail = workflow(task("build", queue="default", max_losses=2))
    story = given(frail, CREATE)
    for attempt in (1, 2):
        story = story.when(lease("build", attempt)).when(LOSE)
        story.then(JobLost, StepAttemptLost, StepRetryScheduled)
    story = story.when(lease("build", 3)).when(LOSE)
    story.then(
        JobLost,
        StepAttemptLost,
        StepFailed(step="build", attempt=3, error=LOST, outcome="unknown"),
        RunFailed,
    )


def test_each_iteration_may_lose_as_many() -> None:
    once = workflow(task("build", queue="default", max_losses=1))
    first = (lease("build"), LOSE, lease("build", 2, as_=OTHER))
    done = RequestApproval(step="build", attempt=2, lease=OTHER)
    story = given(once, CREATE, *first, done, RedoStep(step="build"))
    story = story.when(lease("build", 3, iteration=2)).when(LOSE)
    story.then(
        JobLost(step="build", iteration=2, attempt=3),
        StepAttemptLost(step="build", iteration=2, attempt=3),
        StepRetryScheduled(step="build", iteration=2, attempt=4),
    )


def test_a_lease_that_runs_out_after_the_report_does_nothing() -> None:
    done = CompleteStep(step="build", attempt=1, lease=LEASE)
    given(JOBS, CREATE, lease("build"), done).when(LOSE).then_nothing()


def test_a_loss_told_twice_does_nothing() -> None:
    story = given(ONE_JOB, CREATE, lease("build"), LOSE)
    story.when(LOSE).then_nothing()
    story.when(lease("build", 2, as_=OTHER)).when(LOSE).then_nothing()


def test_only_a_lease_is_lost() -> None:
    story = given(ONE_JOB, CREATE)
    story.when(LOSE).then_nothing()
    story.when(LoseJob(step="nowhere", lease=LEASE)).then_nothing()


def test_under_a_hold_the_next_try_waits() -> None:
    story = given(ONE_JOB, CREATE, lease("build"), PauseRun()).when(LOSE)
    story.then(JobLost, StepAttemptLost, StepRetryScheduled)
    assert story.run.state is RunState.PAUSED


def test_while_a_run_drains_what_is_lost_is_not_tried_again() -> None:
    both = (lease("left"), lease("right", as_=OTHER))
    fails = FailStep(step="left", attempt=1, lease=LEASE)
    story = given(FORKED_JOBS, CREATE, *both, fails)
    story.when(LoseJob(step="right", lease=OTHER)).then(
        JobLost,
        StepAttemptLost,
        StepFailed(step="right", attempt=1, error=LOST, outcome="unknown"),
        RunFailed(
            step="left", attempt=1, error=Failure(), reason="step left failed: Error"
        ),
    )


def test_after_the_end_of_the_run_nothing_is_lost() -> None:
    over = given(ONE_JOB, CREATE, lease("build"), CancelRun(force=True))
    over.when(LOSE).then_nothing()
