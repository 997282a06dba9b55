from __future__ import annotations

from domain.errors import NotYourJob, WrongState
from domain.run.commands import CancelRun, CompleteStep, StopJob
from domain.run.events import RunCanceled, StepCanceled, StepReportDiscarded
from domain.run.job_events import JobCanceled
from domain.run.own_commands import LoseJob
from domain.run.state import RunState
from tests.domain.leasing import FORKED_JOBS, LEASE, ONE_JOB, OTHER, lease
from tests.domain.workflows import CREATE
from tests.support.decider import given

CANCEL = CancelRun(reason="wrong tag")
STOPPED = StopJob(step="build", attempt=1, lease=LEASE)


def test_a_worker_that_stops_ends_the_run_that_waited_for_it() -> None:
    story = given(ONE_JOB, CREATE, lease("build"), CANCEL).when(STOPPED)
    story.then(
        JobCanceled(step="build", attempt=1, reason="wrong tag"),
        StepCanceled(step="build", attempt=1, reason="wrong tag"),
        RunCanceled(reason="wrong tag"),
    )
    attempt = story.run.steps["build"].attempts[0]
    assert (attempt.outcome, attempt.ended_at is not None) == ("canceled", True)


def test_it_may_say_why() -> None:
    said = STOPPED.model_copy(update={"reason": "rolled back"})
    given(ONE_JOB, CREATE, lease("build"), CANCEL).when(said).then(
        JobCanceled(step="build", attempt=1, reason="rolled back"),
        StepCanceled(step="build", attempt=1, reason="rolled back"),
        RunCanceled(reason="wrong tag"),
    )


def test_the_run_waits_for_the_other_ones() -> None:
    both = (lease("left"), lease("right", as_=OTHER))
    story = given(FORKED_JOBS, CREATE, *both, CANCEL)
    story = story.when(StopJob(step="left", attempt=1, lease=LEASE))
    story.then(JobCanceled, StepCanceled)
    assert story.run.state is RunState.RUNNING
    story.when(StopJob(step="right", attempt=1, lease=OTHER)).then(
        JobCanceled, StepCanceled, RunCanceled
    )


def test_nobody_stops_unasked() -> None:
    given(ONE_JOB, CREATE, lease("build")).when(STOPPED).then_refused(
        WrongState, "Nobody asked to cancel .* release the job"
    )


def test_another_worker_s_job_is_not_stopped() -> None:
    story = given(ONE_JOB, CREATE, lease("build"), CANCEL)
    story.when(STOPPED, by="bob").then_refused(NotYourJob, "leased by ada")


def test_stopping_twice_records_nothing() -> None:
    given(ONE_JOB, CREATE, lease("build"), CANCEL, STOPPED).when(STOPPED).then_nothing()


def test_stopped_after_it_was_lost_it_is_discarded() -> None:
    lost = LoseJob(step="build", lease=LEASE)
    story = given(ONE_JOB, CREATE, lease("build"), CANCEL, lost).when(STOPPED)
    story.then(
        StepReportDiscarded(
            step="build",
            attempt=1,
            outcome="stopped",
            reason="attempt 1 was lost before: its worker was not heard of in time",
        )
    )
    story.when(STOPPED).then_nothing()


def test_done_after_it_has_stopped_it_is_discarded() -> None:
    done = CompleteStep(step="build", attempt=1, lease=LEASE)
    story = given(ONE_JOB, CREATE, lease("build"), CANCEL, STOPPED).when(done)
    story.then(StepReportDiscarded)
