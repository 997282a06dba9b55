from __future__ import annotations

from domain.errors import WrongState
from domain.run.commands import (
    CancelRun,
    CompleteStep,
    ContinueRun,
    ObserveRun,
    PauseRun,
    QueueStep,
    StartStep,
)
from domain.run.events import RunStarted, StepStarted
from domain.run.job_events import JobLeased
from domain.run.state import RunState, StepState
from tests.domain.leasing import FORKED_JOBS, JOBS, LEASE, ONE_JOB, OTHER, lease
from tests.domain.workflows import CREATE, ONE
from tests.support.decider import START, given


def test_a_leased_job_starts_its_attempt() -> None:
    story = given(ONE_JOB, CREATE).when(lease("build"), by="bob")
    story.then(
        JobLeased(step="build", attempt=1, lease=LEASE, worker="host-7", lease_s=30),
        StepStarted(step="build", attempt=1),
        RunStarted(),
    )
    step = story.run.steps["build"]
    job = step.open_job
    assert job is not None
    assert (job.state, job.worker, job.principal) == ("leased", "host-7", "bob")
    assert (job.queue, job.queued_at, job.lease_s) == ("default", START, 30)
    assert (step.state, step.attempts[0].actor) == (StepState.RUNNING, "bob")
    assert story.run.state is RunState.RUNNING


def test_the_run_starts_only_once() -> None:
    story = given(FORKED_JOBS, CREATE, lease("left"))
    story.when(lease("right", as_=OTHER)).then(JobLeased, StepStarted)


def test_what_is_queued_has_a_job_and_nothing_else_has() -> None:
    run = given(JOBS, CREATE).run
    (job,) = run.steps["build"].jobs
    assert (job.state, job.iteration, job.attempt) == ("queued", 1, 1)
    assert run.steps["deploy"].jobs == ()
    assert given(ONE, CREATE).run.steps["build"].jobs == ()


def test_a_second_lease_of_one_job_does_nothing() -> None:
    story = given(ONE_JOB, CREATE, lease("build"))
    story.when(lease("build", as_=OTHER)).then_nothing()
    story.when(lease("build")).then_nothing()


def test_nothing_is_leased_while_the_run_is_held() -> None:
    story = given(ONE_JOB, CREATE, PauseRun())
    story.when(lease("build")).then_nothing()
    story.when(ContinueRun()).when(lease("build")).then(
        JobLeased, StepStarted, RunStarted
    )


def test_a_job_that_is_not_there_is_not_leased() -> None:
    story = given(JOBS, CREATE)
    story.when(lease("deploy")).then_nothing()
    story.when(lease("build", 2)).then_nothing()
    story.when(lease("build", iteration=2)).then_nothing()
    story.when(lease("nowhere")).then_nothing()
    story.when(CancelRun()).when(lease("build")).then_nothing()


def test_a_step_of_workers_is_started_by_nobody_else() -> None:
    given(ONE_JOB, CREATE).when(StartStep(step="build")).then_refused(
        WrongState, "from the queue 'default' leases its job"
    )


def test_a_step_of_workers_is_ended_by_nobody_else() -> None:
    given(ONE_JOB, CREATE, lease("build")).when(
        CompleteStep(step="build", attempt=1)
    ).then_refused(WrongState, "name the lease")


def test_an_observed_run_has_no_jobs() -> None:
    seen = ObserveRun(workflow="release", source="ci", external_id="9")
    story = given(ONE_JOB, seen, QueueStep(step="build"))
    assert story.run.steps["build"].jobs == ()
    story.when(lease("build")).then_nothing()
