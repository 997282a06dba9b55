from __future__ import annotations

from datetime import timedelta

import pytest

from domain.errors import WrongState
from domain.run.commands import (
    CancelStep,
    CompleteStep,
    FailStep,
    NoteStep,
    ObserveRun,
    QueueStep,
    Reject,
    RequestApproval,
    StartStep,
)
from domain.run.events import (
    ApprovalDecided,
    ApprovalRequested,
    ApprovalWithdrawn,
    Content,
    Failure,
    RunContinued,
    RunPaused,
    RunQueued,
    RunStarted,
    StepAttemptFailed,
    StepCanceled,
    StepCompleted,
    StepFailed,
    StepNoted,
    StepQueued,
    StepRejected,
    StepReportDiscarded,
    StepStarted,
)
from domain.run.state import RunState, StepState
from tests.domain.workflows import UNKNOWN_GRAPH
from tests.support.decider import START, Story, given

SEEN = ObserveRun(workflow="release", source="ci", external_id="9")
START_BUILD = StartStep(step="build")
COMPLETE = CompleteStep(step="build")


@pytest.fixture
def seen() -> Story:
    return given(UNKNOWN_GRAPH, SEEN)


def test_what_is_planned_is_queued(seen: Story) -> None:
    story = seen.when(QueueStep(step="build"))
    story.then(StepQueued(step="build"), RunQueued())
    assert story.run.state is RunState.QUEUED


def test_what_is_planned_twice_is_on_record_twice(seen: Story) -> None:
    planned = QueueStep(step="build", occurred_at=START)
    story = seen.when(planned)
    story.when(planned).then_nothing()
    story.when(QueueStep(step="build", occurred_at=START + timedelta(hours=1))).then(
        StepNoted(step="build", transition="queued", note="it was queued before")
    )


def test_a_start_may_come_as_the_first_word_of_a_step(seen: Story) -> None:
    story = seen.when(START_BUILD)
    story.then(StepStarted(step="build", attempt=1), RunStarted())
    assert story.run.state is RunState.RUNNING


def test_between_two_steps_the_run_goes_on(seen: Story) -> None:
    story = seen.when(START_BUILD).when(COMPLETE)
    story = story.then(StepCompleted(step="build", attempt=1))
    assert story.run.state is RunState.RUNNING
    story.when(StartStep(step="test")).then(StepStarted(step="test", attempt=1))


def test_a_start_while_an_attempt_runs_opens_a_further_one(seen: Story) -> None:
    story = seen.when(START_BUILD).when(START_BUILD)
    story = story.then(StepStarted(step="build", attempt=2))
    first, second = story.run.steps["build"].attempts
    assert (first.outcome, first.ended_at, first.duration_us) == ("unknown", None, None)
    assert second.outcome == "running"


def test_the_same_start_told_twice_records_nothing(seen: Story) -> None:
    numbered = StartStep(step="build", attempt=3)
    seen.when(numbered).when(numbered).then_nothing()
    timed = StartStep(step="build", occurred_at=START)
    seen.when(timed).when(timed).then_nothing()


def test_a_start_after_completion_is_a_further_attempt(seen: Story) -> None:
    story = seen.when(START_BUILD).when(COMPLETE).when(START_BUILD)
    story.then(StepStarted(step="build", attempt=2))


def test_a_completion_without_a_start_makes_up_none(seen: Story) -> None:
    story = seen.when(CompleteStep(step="build", output=1))
    story.then(StepCompleted(step="build", attempt=1, output=Content(value=1)))
    attempt = story.run.steps["build"].attempts[0]
    assert (attempt.started_at, attempt.duration_us) == (None, None)
    assert story.run.started_at is None


def test_a_duration_without_a_start_is_kept_as_told(seen: Story) -> None:
    story = seen.when(CompleteStep(step="build", duration_us=1_500))
    assert story.run.steps["build"].duration_us == 1_500


def test_each_completion_is_an_attempt_unless_it_is_the_same_one(seen: Story) -> None:
    story = seen.when(COMPLETE).when(COMPLETE)
    story = story.then(StepCompleted(step="build", attempt=2))
    timed = CompleteStep(step="build", occurred_at=START)
    story.when(timed).when(timed).then_nothing()


def test_a_failure_is_told_and_the_source_says_what_follows(seen: Story) -> None:
    error = Failure(type="OOM")
    story = seen.when(START_BUILD).when(FailStep(step="build", error=error))
    story.then(
        StepAttemptFailed(step="build", attempt=1, error=error),
        StepFailed(step="build", attempt=1, error=error),
    )
    story.when(START_BUILD).then(StepStarted(step="build", attempt=2))


def test_a_late_end_of_an_attempt_makes_its_outcome_known(seen: Story) -> None:
    story = seen.when(START_BUILD).when(START_BUILD)
    late = CompleteStep(step="build", attempt=1)
    story = story.when(late).then(StepReportDiscarded)
    assert story.run.steps["build"].attempts[0].late == ("completed",)
    assert story.run.steps["build"].state is StepState.RUNNING
    story.when(late).then_nothing()


def test_a_start_told_after_the_end_is_kept_and_changes_nothing(seen: Story) -> None:
    late = StartStep(step="build", attempt=1)
    story = seen.when(COMPLETE).when(late).then(StepReportDiscarded)
    story.when(late).then_nothing()


def test_attempts_are_told_in_their_order(seen: Story) -> None:
    story = seen.when(StartStep(step="build", attempt=5))
    story.when(FailStep(step="build", attempt=3)).then_refused(
        WrongState, "Attempt 3 .* was never told of, and attempt 5 was"
    )


def test_waiting_is_told_and_ends_the_attempt_that_ran(seen: Story) -> None:
    ask = RequestApproval(step="build", output="v1")
    story = seen.when(START_BUILD).when(ask)
    story.then(ApprovalRequested, RunPaused(cause="approval"))
    assert story.run.steps["build"].attempts[0].outcome == "completed"
    story.when(CompleteStep(step="build")).then(
        StepCompleted(step="build", attempt=1, approved=True),
        RunContinued(cause="approval", state="running"),
    )


def test_a_wait_alone_makes_up_no_attempt(seen: Story) -> None:
    ask = RequestApproval(step="gate")
    story = seen.when(ask)
    story.then(ApprovalRequested, RunPaused)
    assert story.run.steps["gate"].attempts == ()
    story.when(ask).then_nothing()
    approved = story.when(CompleteStep(step="gate", output="yes"))
    approved.then(StepCompleted, RunContinued(cause="approval", state="created"))
    assert approved.run.steps["gate"].output == Content(value="yes")
    assert approved.run.steps["gate"].approvals[0].state == "approved"


def test_a_step_that_starts_again_is_not_asked_about_any_more(seen: Story) -> None:
    story = seen.when(START_BUILD).when(RequestApproval(step="build"))
    story.when(START_BUILD).then(
        ApprovalWithdrawn(step="build", cause="the source started the step again"),
        StepStarted(step="build", attempt=2),
        RunContinued(cause="approval", state="running"),
    )


def test_a_rejection_is_a_fact_in_any_state(seen: Story) -> None:
    rejected = Reject(step="build", comment="declined", actor="eve")
    for story in (
        seen,
        seen.when(QueueStep(step="build")),
        seen.when(START_BUILD),
        seen.when(START_BUILD).when(COMPLETE),
    ):
        found = story.when(rejected)
        assert found.run.steps["build"].state is StepState.REJECTED
        assert found.run.steps["build"].actor == "eve"
        found.when(rejected).then_nothing()


def test_a_rejection_decides_what_was_asked(seen: Story) -> None:
    story = seen.when(RequestApproval(step="gate"))
    story = story.when(Reject(step="gate", comment="no"))
    story.then(
        ApprovalDecided,
        StepRejected(step="gate", reason="no"),
        RunContinued(cause="approval", state="created"),
    )
    assert story.run.steps["gate"].approvals[0].state == "rejected"


def test_a_step_may_be_left_out(seen: Story) -> None:
    left_out = CancelStep(step="test", reason="skipped", occurred_at=START)
    story = seen.when(left_out).then(StepCanceled(step="test", reason="skipped"))
    story.when(left_out).then_nothing()
    story.when(CancelStep(step="test", reason="skipped again")).then(
        StepNoted(step="test", transition="canceled", note="skipped again")
    )


def test_a_note_changes_no_state(seen: Story) -> None:
    story = seen.when(NoteStep(step="build", transition="suspend", note="lunch"))
    story.then(StepNoted(step="build", transition="suspend", note="lunch"))
    assert story.run.steps["build"].state is StepState.NOT_STARTED


def test_planning_what_runs_is_only_noted(seen: Story) -> None:
    seen.when(START_BUILD).when(QueueStep(step="build")).then(
        StepNoted(step="build", transition="queued", note="while attempt 1 was running")
    )


def test_times_are_the_source_s(seen: Story) -> None:
    start = StartStep(step="build", occurred_at=START, actor="worker-1")
    end = CompleteStep(step="build", occurred_at=START + timedelta(seconds=90))
    attempt = seen.when(start).when(end).run.steps["build"].attempts[0]
    assert (attempt.actor, attempt.duration_us) == ("worker-1", 90_000_000)
