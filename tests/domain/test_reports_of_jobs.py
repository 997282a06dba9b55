"""Reports by whoever has leased the job: carried out, discarded, or not theirs."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.errors import NotYourJob, UnknownStep
from domain.events import By
from domain.run.commands import (
    Approve,
    CancelRun,
    CompleteStep,
    FailStep,
    ObserveRun,
    PauseRun,
    RedoStep,
    RequestApproval,
)
from domain.run.context import Context
from domain.run.decisions import decide
from domain.run.events import (
    ApprovalRequested,
    Content,
    Failure,
    RunCompleted,
    RunFailed,
    RunPaused,
    StepAttemptFailed,
    StepCompleted,
    StepFailed,
    StepQueued,
    StepReportDiscarded,
    StepRetryScheduled,
)
from domain.run.job_events import JobFailed, JobSucceeded
from domain.run.own_commands import LoseJob
from domain.run.state import RunState, StepState
from domain.workflow.definition import Backoff
from tests.domain.leasing import FORKED_JOBS, JOBS, LEASE, ONE_JOB, OTHER, lease
from tests.domain.workflows import CREATE, ONE, task, workflow
from tests.support.decider import RUN_ID, START, given

DONE = CompleteStep(step="build", attempt=1, lease=LEASE, output="v1")
ERROR = Failure(type="TimeoutError", message="no answer")
FAILED = FailStep(step="build", attempt=1, lease=LEASE, error=ERROR)
ASKED = RequestApproval(step="build", attempt=1, lease=LEASE, output="v1")


def test_a_job_succeeds_and_its_step_completes() -> None:
    story = given(JOBS, CREATE, lease("build")).when(DONE)
    story.then(
        JobSucceeded(step="build", attempt=1),
        StepCompleted(step="build", attempt=1, output=Content(value="v1")),
        StepQueued(step="deploy", attempt=1),
    )
    assert [job.state for job in story.run.steps["build"].jobs] == ["succeeded"]
    assert [job.state for job in story.run.steps["deploy"].jobs] == ["queued"]


def test_a_job_can_succeed_while_the_run_waits_for_approval() -> None:
    story = given(JOBS, CREATE, lease("build")).when(ASKED)
    story.then(JobSucceeded(step="build", attempt=1), ApprovalRequested, RunPaused)
    step = story.run.steps["build"]
    assert (step.jobs[0].state, step.state) == ("succeeded", StepState.WAITING)
    assert story.run.state is RunState.WAITING


def test_a_job_can_fail_while_its_step_has_tries_left() -> None:
    twice = workflow(task("build", queue="default", max_attempts=2))
    story = given(twice, CREATE, lease("build")).when(FAILED)
    story.then(
        JobFailed(step="build", attempt=1),
        StepAttemptFailed(step="build", attempt=1, error=ERROR),
        StepRetryScheduled(step="build", attempt=2),
    )
    assert [job.state for job in story.run.steps["build"].jobs] == ["failed", "queued"]
    assert [job.attempt for job in story.run.steps["build"].jobs] == [1, 2]


def test_a_job_fails_for_good_with_its_step() -> None:
    given(ONE_JOB, CREATE, lease("build")).when(FAILED).then(
        JobFailed, StepAttemptFailed, StepFailed, RunFailed
    )


def test_each_further_try_waits_longer() -> None:
    backoff = Backoff(first_s=10, factor=3, most_s=25)
    often = workflow(task("build", queue="q", max_attempts=9, backoff=backoff))
    story = given(often, CREATE)
    for attempt, wait_s in ((1, 10), (2, 25), (3, 25)):
        story = story.when(lease("build", attempt))
        now = START + timedelta(seconds=story.run.version)
        told = FailStep(step="build", attempt=attempt, lease=LEASE)
        story = story.when(told).then(
            JobFailed,
            StepAttemptFailed,
            StepRetryScheduled(
                step="build",
                attempt=attempt + 1,
                available_at=now + timedelta(seconds=wait_s),
            ),
        )
        assert story.run.steps["build"].jobs[-1].available_at is not None


def test_the_same_report_again_records_nothing() -> None:
    for report in (DONE, FAILED, ASKED):
        story = given(JOBS, CREATE, lease("build"), report)
        story.when(report).then_nothing()


def test_a_report_without_the_attempt_is_known_by_its_lease() -> None:
    report = CompleteStep(step="build", lease=LEASE)
    given(ONE_JOB, CREATE, lease("build")).when(report).then(
        JobSucceeded, StepCompleted, RunCompleted
    )


def test_while_the_run_is_held_what_runs_may_end() -> None:
    story = given(JOBS, CREATE, lease("build"), PauseRun()).when(DONE)
    story.then(JobSucceeded, StepCompleted)
    assert story.run.state is RunState.PAUSED


def test_a_lease_of_another_attempt_is_not_yours() -> None:
    story = given(ONE_JOB, CREATE, lease("build"))
    wrong = CompleteStep(step="build", attempt=2, lease=LEASE)
    story.when(wrong).then_refused(NotYourJob, "not of attempt 2 of step 'build'")
    wrong = CompleteStep(step="build", attempt=1, lease=OTHER)
    story.when(wrong).then_refused(NotYourJob, "not of attempt 1")
    wrong = CompleteStep(step="build", lease=OTHER)
    story.when(wrong).then_refused(NotYourJob, "not of a job of step 'build'")


def test_a_lease_of_another_step_is_not_yours() -> None:
    story = given(FORKED_JOBS, CREATE, lease("left"), lease("right", as_=OTHER))
    wrong = CompleteStep(step="right", attempt=1, lease=LEASE)
    story.when(wrong).then_refused(NotYourJob, "not of attempt 1 of step 'right'")


def test_a_job_that_another_principal_leased_is_not_yours() -> None:
    story = given(ONE_JOB, CREATE, lease("build"))
    story.when(DONE, by="bob").then_refused(NotYourJob, "leased by ada: only they")


def test_the_token_counts_and_not_whom_it_speaks_for() -> None:
    run = given(ONE_JOB, CREATE, lease("build")).run
    for principal, theirs in (("ada", True), ("eve", False)):
        context = Context(By("bob", START), RUN_ID, principal)
        if theirs:
            assert decide(run, DONE, context)
        else:
            with pytest.raises(NotYourJob):
                decide(run, DONE, context)


def test_a_lease_belongs_to_steps_with_jobs() -> None:
    given(ONE, CREATE).when(DONE).then_refused(NotYourJob, "not of attempt 1")
    seen = ObserveRun(workflow="release", source="ci", external_id="9")
    given(ONE_JOB, seen).when(DONE).then_refused(NotYourJob, "only observed")
    there_is_none = CompleteStep(step="nowhere", attempt=1, lease=LEASE)
    given(ONE_JOB, CREATE).when(there_is_none).then_refused(UnknownStep, "nowhere")


LOST = LoseJob(step="build", lease=LEASE)
LATE = "attempt 1 was lost before: its worker was not heard of in time"


def test_a_report_after_the_loss_is_discarded_once() -> None:
    story = given(ONE_JOB, CREATE, lease("build"), LOST).when(DONE)
    story.then(
        StepReportDiscarded(
            step="build",
            attempt=1,
            outcome="completed",
            reason=LATE,
            output=Content(value="v1"),
        )
    )
    assert story.run.steps["build"].attempts[0].late == ("completed",)
    assert story.run.steps["build"].state is StepState.QUEUED
    story.when(DONE).then_nothing()
    story.when(FAILED).then(StepReportDiscarded)


def test_a_late_report_does_not_touch_the_next_attempt() -> None:
    next_one = lease("build", 2, as_=OTHER)
    story = given(ONE_JOB, CREATE, lease("build"), LOST, next_one)
    story = story.when(DONE).then(StepReportDiscarded)
    step = story.run.steps["build"]
    assert [attempt.outcome for attempt in step.attempts] == ["unknown", "running"]
    assert [job.state for job in step.jobs] == ["lost", "leased"]
    story.when(CompleteStep(step="build", attempt=2, lease=OTHER)).then(
        JobSucceeded, StepCompleted, RunCompleted
    )


def test_a_report_after_the_end_is_discarded() -> None:
    story = given(ONE_JOB, CREATE, lease("build"), CancelRun(force=True))
    story = story.when(DONE).then(StepReportDiscarded)
    assert story.run.state is RunState.CANCELED


def test_a_report_of_a_job_that_never_was_is_no_news_after_the_end() -> None:
    story = given(ONE_JOB, CREATE, CancelRun())
    story.when(DONE).then_refused(NotYourJob, "not of attempt 1")


def test_a_report_after_a_redo_is_of_an_attempt_set_aside() -> None:
    built = (lease("build"), DONE, lease("deploy", as_=OTHER))
    story = given(JOBS, CREATE, *built, RedoStep(step="build"))
    late = CompleteStep(step="deploy", attempt=1, lease=OTHER)
    story.when(late).then(
        StepReportDiscarded(
            step="deploy",
            attempt=1,
            outcome="completed",
            reason="attempt 1 was set aside when a step it was built on was done again",
        )
    )


def test_another_result_after_the_end_of_the_attempt_is_discarded() -> None:
    story = given(JOBS, CREATE, lease("build"), DONE)
    story.when(replace_output(DONE, "v2")).then(StepReportDiscarded)
    approved = given(JOBS, CREATE, lease("build"), ASKED, Approve(step="build"))
    approved.when(ASKED).then_nothing()
    approved.when(DONE).then(StepReportDiscarded)


def replace_output(report: CompleteStep, output: str) -> CompleteStep:
    return report.model_copy(update={"output": output})
