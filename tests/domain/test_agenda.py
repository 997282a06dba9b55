"""The rows of a run's jobs and timers: what is put, what is dropped, and when."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from domain.events import By
from domain.run.agenda import (
    NOTHING,
    Agenda,
    LeasedJob,
    QueuedJob,
    Timer,
    agenda,
    whole_agenda,
)
from domain.run.commands import (
    Approve,
    CancelRun,
    CompleteStep,
    ContinueRun,
    FailStep,
    ObserveRun,
    PauseRun,
    QueueStep,
    RedoStep,
    StartStep,
)
from domain.run.own_commands import LoseJob, RemindApproval
from domain.run.state import Run
from domain.workflow.definition import ApprovalPolicy, Backoff
from tests.domain.leasing import JOBS, LEASE, ONE_JOB, lease
from tests.domain.workflows import CREATE, ONE, approval, task, workflow
from tests.support.decider import START, Story, given

if TYPE_CHECKING:
    from domain.run.decisions import AnyCommand
    from domain.workflow.definition import WorkflowDefinition

SECOND = 1_000_000
BUILD = QueuedJob("build", 1, 1, "default", (), 0)
LEASED = LeasedJob("build", 1, 1, "default", LEASE, "host-7", "ada", 30 * SECOND, False)
DONE = CompleteStep(step="build", attempt=1, lease=LEASE)


def change(story: Story, command: AnyCommand) -> Agenda:
    """How the rows change; each event of the story takes a second."""
    by = By("ada", START + timedelta(seconds=story.run.version))
    after = story.when(command)
    assert after.refusal is None, after.refusal
    return agenda(story.run, after.run, after.events, by)


def first(definition: WorkflowDefinition) -> Agenda:
    return change(Story(Run(definition), []), CREATE)


def test_what_is_queued_is_there_to_be_leased() -> None:
    assert first(JOBS) == Agenda(queued=(BUILD,))
    skilled = workflow(task("build", queue="default", requires=("gpu",)))
    assert first(skilled) == Agenda(queued=(BUILD._replace(requires=("gpu",)),))


def test_what_a_service_reports_has_no_job() -> None:
    assert first(ONE) == NOTHING


def test_a_leased_job_takes_the_place_of_the_queued_one() -> None:
    assert change(given(JOBS, CREATE), lease("build")) == Agenda(leased=(LEASED,))


def test_a_job_that_has_ended_goes_and_the_next_one_comes() -> None:
    story = given(JOBS, CREATE, lease("build"))
    deploy = BUILD._replace(step="deploy")
    assert change(story, DONE) == Agenda(queued=(deploy,), dropped_jobs=("build",))


def test_a_lost_job_is_replaced_by_the_next_attempts() -> None:
    story = given(ONE_JOB, CREATE, lease("build"))
    found = change(story, LoseJob(step="build", lease=LEASE))
    assert found == Agenda(queued=(BUILD._replace(attempt=2),))


def test_the_next_try_waits_as_long_as_it_is_to() -> None:
    slow = task("build", queue="default", max_attempts=2, backoff=Backoff(first_s=60))
    story = given(workflow(slow), CREATE, lease("build"))
    failed = FailStep(step="build", attempt=1, lease=LEASE)
    queued = BUILD._replace(attempt=2, wait_us=60 * SECOND)
    assert change(story, failed) == Agenda(queued=(queued,))
    held = story.when(failed).when(PauseRun())
    left = change(held, ContinueRun()).queued[0].wait_us
    assert 50 * SECOND < left < 60 * SECOND


def test_a_hold_takes_what_is_queued_away_and_gives_it_back() -> None:
    story = given(JOBS, CREATE)
    assert change(story, PauseRun()) == Agenda(dropped_jobs=("build",))
    held = story.when(PauseRun())
    assert change(held, ContinueRun()) == Agenda(queued=(BUILD,))


def test_a_hold_leaves_what_is_leased() -> None:
    story = given(JOBS, CREATE, lease("build"))
    assert change(story, PauseRun()) == NOTHING
    held = story.when(PauseRun())
    assert change(held, DONE) == Agenda(dropped_jobs=("build",))
    deploy = BUILD._replace(step="deploy")
    assert change(held.when(DONE), ContinueRun()) == Agenda(queued=(deploy,))


def test_a_cancel_is_passed_on_to_what_is_leased_and_drops_the_rest() -> None:
    both = workflow(task("build", queue="default"), task("more", queue="default"))
    story = given(both, CREATE, lease("build"))
    assert change(story, CancelRun()) == Agenda(
        leased=(LEASED._replace(canceling=True),), dropped_jobs=("more",)
    )
    asked = story.when(CancelRun())
    assert change(asked, CancelRun(force=True)) == Agenda(dropped_jobs=("build",))
    assert change(story, CancelRun(force=True)) == Agenda(
        dropped_jobs=("build", "more")
    )


def test_a_reset_drops_the_job_of_what_was_built_on_it() -> None:
    story = given(JOBS, CREATE, lease("build"), DONE)
    assert change(story, RedoStep(step="build")) == Agenda(
        queued=(BUILD._replace(iteration=2, attempt=2),), dropped_jobs=("deploy",)
    )


def test_an_attempt_has_as_long_as_its_step_allows() -> None:
    limited = workflow(task("build", timeout_s=1.5, max_attempts=2))
    story = given(limited, CREATE)
    assert change(story, StartStep(step="build")) == Agenda(
        timers=(Timer("step_timeout", "build", 1, 1, 1_500_000),)
    )
    running = story.when(StartStep(step="build"))
    assert change(running, FailStep(step="build")) == Agenda(
        dropped_timers=(("step_timeout", "build"),)
    )
    assert change(running, PauseRun()) == NOTHING


def test_a_run_has_as_long_as_its_workflow_allows() -> None:
    limited = ONE.model_copy(update={"timeout_s": 60})
    assert first(limited) == Agenda(
        timers=(Timer("run_timeout", "", 0, 0, 60_000_000),)
    )
    story = given(limited, CREATE)
    assert change(story, PauseRun()) == NOTHING
    assert change(story, CancelRun()) == Agenda(dropped_timers=(("run_timeout", ""),))


POLICY = ApprovalPolicy(expires_s=60, remind_s=20)


def test_people_are_reminded_until_their_time_is_over() -> None:
    asked = workflow(approval("review", approval=POLICY))
    expiry = Timer("approval_expiry", "review", 1, 0, 60 * SECOND)
    reminder = Timer("approval_reminder", "review", 1, 1, 20 * SECOND)
    assert first(asked) == Agenda(timers=(expiry, reminder))
    story = given(asked, CREATE)
    remind = RemindApproval(step="review", iteration=1, nth=1)
    assert change(story, remind) == Agenda(timers=(reminder._replace(nth=2),))
    assert change(story, Approve(step="review")) == Agenda(
        dropped_timers=(("approval_expiry", "review"), ("approval_reminder", "review"))
    )


def test_what_is_due_already_is_due_at_once() -> None:
    asked = workflow(approval("review", approval=POLICY))
    late = By("timers", START + timedelta(hours=1))
    run = given(asked, CREATE).run
    assert [timer.wait_us for timer in whole_agenda(run, late).timers] == [0, 0]


def test_an_observed_run_has_nothing_to_be_done() -> None:
    seen = ObserveRun(workflow="release", source="ci", external_id="9")
    story = given(JOBS.model_copy(update={"timeout_s": 60}), seen)
    assert change(story, QueueStep(step="build")) == NOTHING
    assert whole_agenda(story.run, By("ada", START)) == NOTHING


def test_from_scratch_it_is_all_that_stands() -> None:
    run = given(JOBS, CREATE, lease("build")).run
    assert whole_agenda(run, By("ada", START)) == Agenda(leased=(LEASED,))
    over = given(JOBS, CREATE, CancelRun()).run
    assert whole_agenda(over, By("ada", START)) == NOTHING
