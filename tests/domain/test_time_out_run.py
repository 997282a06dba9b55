from __future__ import annotations

from domain.run.commands import (
    CancelRun,
    CompleteStep,
    CreateRun,
    PauseRun,
    StartStep,
)
from domain.run.events import (
    ApprovalWithdrawn,
    RunFailed,
    RunTimedOut,
    StepCanceled,
    StepReportDiscarded,
)
from domain.run.job_events import JobCanceled
from domain.run.own_commands import TimeOutRun
from domain.run.state import RunState, StepState
from tests.domain.leasing import FORKED_JOBS, LEASE, REVIEWED_JOBS, lease
from tests.domain.workflows import CREATE, ONE
from tests.support.decider import given

LIMIT = {"timeout_s": 7_200}
HURRIED = FORKED_JOBS.model_copy(update=LIMIT)
WHY = "the run took longer than 2 h"


def test_a_run_that_takes_too_long_fails_with_all_that_is_open() -> None:
    story = given(HURRIED, CREATE, lease("left")).when(TimeOutRun())
    story.then(
        RunTimedOut(timeout_s=7_200),
        JobCanceled(step="left", attempt=1, reason=WHY),
        StepCanceled(step="left", attempt=1, reason=WHY, outcome="unknown"),
        JobCanceled(step="right", attempt=1, reason=WHY),
        StepCanceled(step="right", reason=WHY),
        StepCanceled(step="after", reason=WHY),
        RunFailed(step=None, attempt=None, reason=WHY),
    )
    assert story.run.state is RunState.FAILED
    assert story.run.cause is not None
    assert story.run.cause.reason == WHY
    done = CompleteStep(step="left", attempt=1, lease=LEASE)
    story.when(done).then(StepReportDiscarded)


def test_nobody_is_asked_any_more() -> None:
    done = CompleteStep(step="build", attempt=1, lease=LEASE)
    hurried = REVIEWED_JOBS.model_copy(update=LIMIT)
    story = given(hurried, CREATE, lease("build"), done).when(TimeOutRun())
    story.then(RunTimedOut, ApprovalWithdrawn, StepCanceled, StepCanceled, RunFailed)
    assert story.run.steps["build"].state is StepState.COMPLETED


def test_a_hold_stops_no_clock() -> None:
    story = given(HURRIED, CREATE, PauseRun()).when(TimeOutRun())
    assert story.run.state is RunState.FAILED
    assert not story.run.held


def test_what_a_service_reports_is_given_up_too() -> None:
    hurried = ONE.model_copy(update=LIMIT)
    given(hurried, CREATE, StartStep(step="build")).when(TimeOutRun()).then(
        RunTimedOut,
        StepCanceled(step="build", attempt=1, reason=WHY, outcome="unknown"),
        RunFailed,
    )


def test_a_run_that_waits_for_its_workers_to_stop_fails_as_well() -> None:
    story = given(HURRIED, CREATE, lease("left"), CancelRun()).when(TimeOutRun())
    story.then(RunTimedOut, JobCanceled, StepCanceled, RunFailed)


def test_late_or_twice_it_does_nothing() -> None:
    story = given(HURRIED, CREATE).when(TimeOutRun())
    story.when(TimeOutRun()).then_nothing()
    given(HURRIED, CREATE, CancelRun()).when(TimeOutRun()).then_nothing()


def test_time_counts_from_being_queued_and_where_there_is_a_limit() -> None:
    later = CreateRun(workflow="release", start=False)
    given(HURRIED, later).when(TimeOutRun()).then_nothing()
    given(FORKED_JOBS, CREATE).when(TimeOutRun()).then_nothing()
