from __future__ import annotations

from datetime import timedelta

from domain.run.commands import (
    CancelRun,
    CompleteStep,
    FailStep,
    PauseRun,
    StartStep,
)
from domain.run.events import (
    Failure,
    RunCanceled,
    RunFailed,
    StepCanceled,
    StepFailed,
    StepReportDiscarded,
    StepRetryScheduled,
    StepTimedOut,
)
from domain.run.job_events import JobCanceled
from domain.run.own_commands import TimeOutStep
from domain.run.state import RunState
from domain.workflow.definition import Backoff, WorkflowDefinition
from tests.domain.leasing import LEASE, ONE_JOB, OTHER, lease
from tests.domain.workflows import CREATE, ONE, task, workflow
from tests.support.decider import START, given


def limited(**more: object) -> WorkflowDefinition:
    return workflow(task("build", queue="default", timeout_s=90, **more))


TOO_LONG = TimeOutStep(step="build", iteration=1, attempt=1)
ERROR = Failure(type="TimedOut", message="it took longer than 1 min 30 s")


def test_an_attempt_that_takes_too_long_is_given_up() -> None:
    story = given(limited(), CREATE, lease("build")).when(TOO_LONG)
    story.then(
        JobCanceled(step="build", attempt=1, reason="it took longer than 1 min 30 s"),
        StepTimedOut(step="build", attempt=1, timeout_s=90),
        StepFailed(step="build", attempt=1, error=ERROR, outcome="unknown"),
        RunFailed,
    )
    attempt = story.run.steps["build"].attempts[0]
    assert (attempt.outcome, attempt.error) == ("unknown", ERROR)
    assert attempt.ended_at is None


def test_it_is_tried_again_while_it_has_attempts_left() -> None:
    twice = limited(max_attempts=2, backoff=Backoff(first_s=10))
    story = given(twice, CREATE, lease("build"))
    at = START + timedelta(seconds=story.run.version + 10)
    story = story.when(TOO_LONG)
    story.then(
        JobCanceled,
        StepTimedOut,
        StepRetryScheduled(step="build", attempt=2, available_at=at),
    )
    again = story.when(lease("build", 2, as_=OTHER))
    again.when(TimeOutStep(step="build", iteration=1, attempt=2)).then(
        JobCanceled, StepTimedOut, StepFailed, RunFailed
    )


def test_what_may_be_done_once_is_not_tried_again_by_itself() -> None:
    once = limited(max_attempts=5, effects="once")
    given(once, CREATE, lease("build")).when(TOO_LONG).then(
        JobCanceled, StepTimedOut, StepFailed, RunFailed
    )


def test_a_step_that_a_service_reports_takes_too_long_as_well() -> None:
    reported = workflow(task("build", timeout_s=5, max_attempts=2))
    story = given(reported, CREATE, StartStep(step="build")).when(TOO_LONG)
    story.then(StepTimedOut(step="build", attempt=1, timeout_s=5), StepRetryScheduled)
    done = CompleteStep(step="build", attempt=1)
    story.when(done).then(
        StepReportDiscarded(
            step="build",
            attempt=1,
            outcome="completed",
            reason="attempt 1 was given up before: it took too long",
        )
    )


def test_a_late_report_is_discarded() -> None:
    twice = limited(max_attempts=2)
    story = given(twice, CREATE, lease("build"), TOO_LONG)
    failed = FailStep(step="build", attempt=1, lease=LEASE)
    story.when(failed).then(StepReportDiscarded)


def test_a_hold_stops_no_clock() -> None:
    story = given(limited(max_attempts=2), CREATE, lease("build"), PauseRun())
    story = story.when(TOO_LONG).then(JobCanceled, StepTimedOut, StepRetryScheduled)
    assert story.run.state is RunState.PAUSED


def test_a_worker_that_ignores_a_cancel_is_not_waited_for_longer_than_that() -> None:
    story = given(limited(), CREATE, lease("build"), CancelRun(reason="wrong tag"))
    story.when(TOO_LONG).then(
        JobCanceled,
        StepTimedOut,
        StepCanceled(step="build", reason="wrong tag", outcome="unknown"),
        RunCanceled(reason="wrong tag"),
    )


def test_late_or_twice_it_does_nothing() -> None:
    story = given(limited(max_attempts=3), CREATE, lease("build"))
    done = CompleteStep(step="build", attempt=1, lease=LEASE)
    story.when(done).when(TOO_LONG).then_nothing()
    story = story.when(TOO_LONG)
    story.when(TOO_LONG).then_nothing()
    story.when(lease("build", 2, as_=OTHER)).when(TOO_LONG).then_nothing()


def test_of_what_is_not_running_or_has_no_limit_it_does_nothing() -> None:
    given(limited(), CREATE).when(TOO_LONG).then_nothing()
    given(ONE_JOB, CREATE, lease("build")).when(TOO_LONG).then_nothing()
    nowhere = TimeOutStep(step="nowhere", iteration=1, attempt=1)
    given(ONE, CREATE).when(nowhere).then_nothing()
