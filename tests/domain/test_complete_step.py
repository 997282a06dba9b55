from __future__ import annotations

from domain.errors import RunOver, WrongState
from domain.run.commands import (
    CancelRun,
    CompleteStep,
    FailStep,
    RedoStep,
    RequestApproval,
    StartStep,
)
from domain.run.events import (
    ApprovalRequested,
    Content,
    Failure,
    RunCompleted,
    RunPaused,
    StepCompleted,
    StepQueued,
    StepReportDiscarded,
)
from domain.run.state import RunState, StepState
from tests.domain.workflows import BRANCHES, CHAIN, CREATE, FORK, ONE, REVIEWED
from tests.support.decider import given

START_BUILD = StartStep(step="build")


def test_the_next_step_is_queued() -> None:
    given(CHAIN, CREATE, START_BUILD).when(CompleteStep(step="build", output=7)).then(
        StepCompleted(step="build", attempt=1, output=Content(value=7)),
        StepQueued(step="deploy", attempt=1),
    )


def test_a_step_waits_until_all_it_needs_is_there() -> None:
    running = (StartStep(step="left"), StartStep(step="right"))
    story = given(FORK, CREATE, *running)
    story = story.when(CompleteStep(step="left")).then(StepCompleted)
    story.when(CompleteStep(step="right")).then(
        StepCompleted, StepQueued(step="after", attempt=1)
    )


def test_the_last_step_completes_the_run() -> None:
    story = given(ONE, CREATE, START_BUILD).when(CompleteStep(step="build"))
    story.then(StepCompleted(step="build", attempt=1), RunCompleted())
    assert story.run.state is RunState.COMPLETED
    assert story.run.duration_us == 5_000_000


def test_people_are_asked_about_the_outputs_it_needs() -> None:
    story = given(REVIEWED, CREATE, START_BUILD)
    story = story.when(CompleteStep(step="build", output={"image": "a1"}))
    story.then(StepCompleted, ApprovalRequested, RunPaused(cause="approval"))
    approval = story.run.steps["review"].open_approval
    assert approval is not None
    assert approval.subject == Content(value={"build": {"image": "a1"}})
    assert story.run.state is RunState.WAITING


def test_while_another_branch_goes_on_the_run_does_not_wait() -> None:
    story = given(BRANCHES, CREATE, START_BUILD).when(CompleteStep(step="build"))
    story.then(StepCompleted, StepQueued(step="scan", attempt=1), ApprovalRequested)
    assert story.run.state is RunState.RUNNING
    assert story.run.steps["review"].state is StepState.WAITING


def test_it_waits_as_soon_as_the_other_branch_has_ended() -> None:
    story = given(BRANCHES, CREATE, START_BUILD, CompleteStep(step="build"))
    story = story.when(StartStep(step="scan")).when(CompleteStep(step="scan"))
    story.then(StepCompleted, RunPaused(cause="approval"))


def test_its_start_must_have_been_told() -> None:
    given(ONE, CREATE).when(CompleteStep(step="build")).then_refused(
        WrongState, "it has not been started. Report its start first"
    )


def test_an_attempt_that_never_was_cannot_end() -> None:
    given(ONE, CREATE, START_BUILD).when(
        CompleteStep(step="build", attempt=2)
    ).then_refused(WrongState, "Attempt 2 .* its last attempt was 1")


def test_the_same_report_told_twice_records_nothing() -> None:
    told = CompleteStep(step="build", attempt=1, output={"n": [1, 2.5, None]})
    given(CHAIN, CREATE, START_BUILD, told).when(told).then_nothing()


def test_told_twice_without_a_number_it_is_still_the_same() -> None:
    told = CompleteStep(step="build", output=7)
    given(ONE, CREATE, START_BUILD, told).when(told).then_nothing()


def test_another_output_afterwards_is_discarded_and_kept() -> None:
    story = given(CHAIN, CREATE, START_BUILD, CompleteStep(step="build", output=1))
    story.when(CompleteStep(step="build", attempt=1, output=2)).then(
        StepReportDiscarded(
            step="build",
            attempt=1,
            outcome="completed",
            reason="attempt 1 had completed already",
            output=Content(value=2),
        )
    )


def test_a_failure_told_after_its_completion_is_discarded() -> None:
    error = Failure(type="TimeoutError", message="no answer")
    story = given(CHAIN, CREATE, START_BUILD, CompleteStep(step="build"))
    story.when(FailStep(step="build", attempt=1, error=error)).then(
        StepReportDiscarded(
            step="build",
            attempt=1,
            outcome="failed",
            reason="attempt 1 had completed already",
            error=error,
        )
    )


def test_an_attempt_that_a_redo_set_aside_reports_late() -> None:
    history = (START_BUILD, CompleteStep(step="build"), StartStep(step="deploy"))
    story = given(CHAIN, CREATE, *history, RedoStep(step="build"))
    late = CompleteStep(step="deploy", attempt=1, output="live")
    story = story.when(late).then(StepReportDiscarded)
    assert story.run.steps["deploy"].state is StepState.NOT_STARTED
    assert story.run.steps["deploy"].attempts[0].late == ("completed",)
    story.when(late).then_nothing()


def test_a_late_report_is_taken_after_the_end_too() -> None:
    story = given(ONE, CREATE, START_BUILD, CancelRun(force=True))
    story = story.when(CompleteStep(step="build")).then(StepReportDiscarded)
    assert story.run.state is RunState.CANCELED


def test_a_step_that_never_started_has_nothing_to_report_after_the_end() -> None:
    given(ONE, CREATE, CancelRun()).when(CompleteStep(step="build")).then_refused(
        RunOver, "is over"
    )


def test_completing_does_not_go_round_the_people_who_are_asked() -> None:
    asked = RequestApproval(step="build", output=1)
    story = given(ONE, CREATE, START_BUILD, asked)
    story.when(CompleteStep(step="build", output=1)).then_refused(
        WrongState, "'build' .* is waiting for approval"
    )
