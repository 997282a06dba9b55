from __future__ import annotations

from datetime import timedelta

from domain.errors import NotYourJob
from domain.run.commands import (
    CancelRun,
    CompleteStep,
    FailStep,
    PauseRun,
    ReleaseJob,
)
from domain.run.events import (
    RunCanceled,
    RunFailed,
    StepAttemptFailed,
    StepCanceled,
    StepReportDiscarded,
    StepRetryScheduled,
)
from domain.run.job_events import JobFailed, JobReleased, StepRequeued
from domain.run.own_commands import LoseJob
from domain.run.state import RunState, StepState
from tests.domain.leasing import FORKED_JOBS, LEASE, ONE_JOB, OTHER, PAY, lease
from tests.domain.workflows import CREATE, task, workflow
from tests.support.decider import START, given

GIVE_BACK = ReleaseJob(step="build", attempt=1, lease=LEASE, reason="shutting down")


def test_a_job_that_is_given_back_is_queued_again() -> None:
    story = given(ONE_JOB, CREATE, lease("build")).when(GIVE_BACK)
    story.then(
        JobReleased(step="build", attempt=1, reason="shutting down"),
        StepRequeued(step="build", attempt=2, reason="shutting down"),
    )
    step = story.run.steps["build"]
    assert step.state is StepState.QUEUED
    assert [attempt.outcome for attempt in step.attempts] == ["released"]
    assert [(job.state, job.attempt) for job in step.jobs] == [
        ("released", 1),
        ("queued", 2),
    ]
    assert story.run.state is RunState.RUNNING


def test_also_what_may_be_done_once() -> None:
    """Whoever gives it back says that it is not done: nothing is unknown."""
    given(PAY, CREATE, lease("pay")).when(
        ReleaseJob(step="pay", attempt=1, lease=LEASE)
    ).then(JobReleased, StepRequeued)


def test_it_may_ask_for_a_pause() -> None:
    story = given(ONE_JOB, CREATE, lease("build"))
    at = START + timedelta(seconds=story.run.version + 90)
    story = story.when(GIVE_BACK.model_copy(update={"delay_s": 90}))
    story.then(
        JobReleased,
        StepRequeued(step="build", attempt=2, available_at=at, reason="shutting down"),
    )
    assert story.run.steps["build"].jobs[-1].available_at == at


def test_it_costs_no_attempt() -> None:
    twice = workflow(task("build", queue="default", max_attempts=2))
    story = given(
        twice, CREATE, lease("build"), GIVE_BACK, lease("build", 2, as_=OTHER)
    )
    story.when(FailStep(step="build", attempt=2, lease=OTHER)).then(
        JobFailed, StepAttemptFailed, StepRetryScheduled(step="build", attempt=3)
    )


def test_giving_back_twice_records_nothing() -> None:
    given(ONE_JOB, CREATE, lease("build"), GIVE_BACK).when(GIVE_BACK).then_nothing()


def test_what_is_another_worker_s_is_not_given_back() -> None:
    story = given(ONE_JOB, CREATE, lease("build"))
    story.when(GIVE_BACK, by="bob").then_refused(NotYourJob, "leased by ada")
    other = ReleaseJob(step="build", attempt=1, lease=OTHER)
    story.when(other).then_refused(NotYourJob, "not of attempt 1")


def test_given_back_after_it_was_lost_it_is_discarded_once() -> None:
    lost = LoseJob(step="build", lease=LEASE)
    story = given(ONE_JOB, CREATE, lease("build"), lost).when(GIVE_BACK)
    story.then(
        StepReportDiscarded(
            step="build",
            attempt=1,
            outcome="released",
            reason="attempt 1 was lost before: its worker was not heard of in time",
        )
    )
    story.when(GIVE_BACK).then_nothing()


def test_given_back_after_it_was_done_it_is_discarded() -> None:
    done = CompleteStep(step="build", attempt=1, lease=LEASE)
    given(ONE_JOB, CREATE, lease("build"), done).when(GIVE_BACK).then(
        StepReportDiscarded(
            step="build",
            attempt=1,
            outcome="released",
            reason="attempt 1 had completed already",
        )
    )


def test_done_after_it_was_given_back_it_is_discarded() -> None:
    done = CompleteStep(step="build", attempt=1, lease=LEASE)
    story = given(ONE_JOB, CREATE, lease("build"), GIVE_BACK).when(done)
    story.then(
        StepReportDiscarded(
            step="build",
            attempt=1,
            outcome="completed",
            reason="attempt 1 was given back before",
        )
    )


def test_under_a_hold_it_is_queued_and_waits() -> None:
    story = given(ONE_JOB, CREATE, lease("build"), PauseRun()).when(GIVE_BACK)
    story.then(JobReleased, StepRequeued)
    story.when(lease("build", 2, as_=OTHER)).then_nothing()


def test_of_a_run_that_is_to_be_canceled_it_is_not_queued_again() -> None:
    story = given(ONE_JOB, CREATE, lease("build"), CancelRun()).when(GIVE_BACK)
    story.then(
        JobReleased(step="build", attempt=1, reason="shutting down"),
        StepCanceled(step="build", attempt=1, reason="shutting down"),
        RunCanceled(),
    )
    attempt = story.run.steps["build"].attempts[0]
    assert (attempt.outcome, attempt.ended_at is not None) == ("released", True)
    story.when(GIVE_BACK).then_nothing()


def test_while_a_run_drains_it_is_not_queued_again() -> None:
    both = (lease("left", as_=OTHER), lease("right"))
    fails = FailStep(step="left", attempt=1, lease=OTHER)
    story = given(FORKED_JOBS, CREATE, *both, fails)
    story.when(ReleaseJob(step="right", attempt=1, lease=LEASE)).then(
        JobReleased,
        StepCanceled(
            step="right",
            attempt=1,
            reason="its worker gave it back, and nothing new is started",
        ),
        RunFailed,
    )
