from __future__ import annotations

from datetime import UTC, datetime, timedelta

from domain.errors import RunHeld, RunOver, UnknownStep, WrongState
from domain.events import By
from domain.run.commands import (
    CancelRun,
    CompleteStep,
    CreateRun,
    FailStep,
    NoteStep,
    PauseRun,
    QueueStep,
    StartStep,
)
from domain.run.context import Context
from domain.run.decisions import decide
from domain.run.events import RunStarted, StepStarted
from domain.run.state import RunState, StepState
from domain.workflow.definition import Backoff
from tests.domain.workflows import CHAIN, CREATE, FORK, REVIEWED, task, workflow
from tests.support.decider import RUN_ID, START, given

START_BUILD = StartStep(step="build")


def test_the_first_step_starts_the_run() -> None:
    story = given(CHAIN, CREATE).when(START_BUILD)
    story.then(StepStarted(step="build", attempt=1), RunStarted())
    assert story.run.state is RunState.RUNNING
    assert story.run.steps["build"].state is StepState.RUNNING


def test_the_second_one_does_not_start_it_again() -> None:
    given(FORK, CREATE, StartStep(step="left")).when(StartStep(step="right")).then(
        StepStarted(step="right", attempt=1)
    )


def test_the_same_report_told_twice_records_nothing() -> None:
    told = StartStep(step="build", attempt=1, actor="worker-1")
    given(CHAIN, CREATE, told).when(told).then_nothing()


def test_an_attempt_belongs_to_who_started_it() -> None:
    first = StartStep(step="build", attempt=1, actor="worker-1")
    given(CHAIN, CREATE, first).when(
        StartStep(step="build", attempt=1, actor="worker-2")
    ).then_refused(WrongState, "Attempt 1 .* started by worker-1")


def test_one_attempt_runs_at_a_time() -> None:
    given(CHAIN, CREATE, START_BUILD).when(START_BUILD).then_refused(
        WrongState, "Attempt 1 of step 'build' is running since .*, started by ada"
    )


def test_the_attempt_named_must_be_the_next() -> None:
    given(CHAIN, CREATE).when(StartStep(step="build", attempt=2)).then_refused(
        WrongState, "next attempt of step 'build' is 1, not 2"
    )


def test_a_retry_is_the_next_attempt() -> None:
    twice = workflow(task("build", max_attempts=2))
    given(twice, CREATE, START_BUILD, FailStep(step="build")).when(
        StartStep(step="build", attempt=2)
    ).then(StepStarted(step="build", attempt=2))


def test_an_attempt_that_ended_is_not_started_again() -> None:
    told = StartStep(step="build", attempt=1)
    given(CHAIN, CREATE, told, CompleteStep(step="build")).when(told).then_refused(
        WrongState, "'build' of run #42 of release is completed: only a queued step"
    )


def test_a_step_waits_for_what_it_needs() -> None:
    given(CHAIN, CREATE).when(StartStep(step="deploy")).then_refused(
        WrongState, "needs 'build' to complete first"
    )


def test_a_step_waits_for_its_run_to_start() -> None:
    later = CreateRun(workflow="release", start=False)
    given(CHAIN, later).when(START_BUILD).then_refused(
        WrongState, "Start the run first"
    )


def test_nothing_starts_under_a_hold() -> None:
    given(CHAIN, CREATE, PauseRun()).when(START_BUILD).then_refused(
        RunHeld, "until the run is continued"
    )


def test_nothing_starts_after_the_end() -> None:
    given(CHAIN, CREATE, CancelRun()).when(START_BUILD).then_refused(
        RunOver, "To run it again, retry it"
    )


def test_an_approval_is_nothing_to_run() -> None:
    given(REVIEWED, CREATE).when(StartStep(step="review")).then_refused(
        WrongState, "people approve or reject it"
    )


def test_an_unknown_step_is_told_with_those_there_are() -> None:
    given(CHAIN, CREATE).when(StartStep(step="biuld")).then_refused(
        UnknownStep, "no step 'biuld'. It has: 'build', 'deploy'"
    )


def test_the_times_of_a_managed_run_are_ours() -> None:
    yesterday = datetime(2026, 2, 28, tzinfo=UTC)
    given(CHAIN, CREATE).when(
        StartStep(step="build", occurred_at=yesterday)
    ).then_refused(WrongState, "leave out occurred_at")


def test_what_only_an_observer_tells_is_refused() -> None:
    story = given(CHAIN, CREATE)
    story.when(QueueStep(step="build")).then_refused(WrongState, "'queue_step'")
    story.when(NoteStep(step="build", transition="seen")).then_refused(
        WrongState, "only an observed run takes 'note_step'"
    )


def test_what_failed_is_not_tried_again_before_its_time() -> None:
    slow = workflow(task("build", max_attempts=2, backoff=Backoff(first_s=60)))
    failed = (StartStep(step="build"), FailStep(step="build"))
    story = given(slow, CREATE, *failed)
    story.when(StartStep(step="build")).then_refused(
        WrongState, "not tried again before 2026-03-01 08:01:05 UTC"
    )
    later = Context(By("ada", START + timedelta(seconds=65)), RUN_ID)
    assert decide(story.run, StartStep(step="build"), later)
