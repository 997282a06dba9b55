from __future__ import annotations

import pytest

from domain.errors import NotAnApprover, RunObserved, RunOver, StaleDecision, WrongState
from domain.run.commands import (
    Approve,
    CancelRun,
    CompleteStep,
    ContinueRun,
    ObserveRun,
    PauseRun,
    RedoStep,
    Reject,
    RequestApproval,
    StartStep,
)
from domain.run.events import (
    ApprovalDecided,
    ApprovalRequested,
    Content,
    RunCompleted,
    RunContinued,
    RunPaused,
    StepCompleted,
    StepQueued,
)
from domain.run.state import RunState, StepState
from domain.workflow.policy import ApprovalPolicy
from tests.domain.workflows import (
    BRANCHES,
    CREATE,
    ONE,
    REVIEWED,
    UNKNOWN_GRAPH,
    approval,
    task,
    workflow,
)
from tests.support.decider import Story, given

BUILT = (StartStep(step="build"), CompleteStep(step="build", output="v1"))
APPROVE = Approve(step="review", comment="looks fine", seen_version=7)
TWO_OF_THREE = workflow(
    task("build"),
    approval(
        "review",
        "build",
        approval=ApprovalPolicy(approvers=("ada", "bob", "eve"), required=2),
    ),
)


@pytest.fixture
def waiting() -> Story:
    return given(REVIEWED, CREATE, *BUILT)


def digest(story: Story, step: str = "review") -> str:
    return story.run.steps[step].approvals[-1].subject_digest


def test_the_run_goes_on(waiting: Story) -> None:
    story = waiting.when(APPROVE)
    story.then(
        ApprovalDecided(
            step="review",
            decision="approved",
            comment="looks fine",
            subject_digest=digest(waiting),
            seen_version=7,
        ),
        StepCompleted(step="review", approved=True),
        RunContinued(cause="approval", state="running"),
        StepQueued(step="deploy", attempt=1),
    )
    assert story.run.steps["review"].approvals[-1].state == "approved"
    assert story.run.state is RunState.RUNNING


def test_the_last_approval_completes_the_run() -> None:
    gate_last = workflow(task("build"), approval("review", "build"))
    given(gate_last, CREATE, *BUILT).when(APPROVE).then(
        ApprovalDecided, StepCompleted, RunContinued, RunCompleted()
    )


def test_one_approval_may_lead_to_the_next() -> None:
    twice = workflow(
        task("build"), approval("review", "build"), approval("release", "review")
    )
    story = given(twice, CREATE, *BUILT).when(APPROVE)
    story.then(
        ApprovalDecided,
        StepCompleted,
        RunContinued,
        ApprovalRequested,
        RunPaused(cause="approval"),
    )
    assert story.run.state is RunState.WAITING


def test_while_another_approval_is_open_the_run_waits_on() -> None:
    two = workflow(task("build"), approval("review", "build"), approval("law", "build"))
    story = given(two, CREATE, *BUILT).when(APPROVE)
    story.then(ApprovalDecided, StepCompleted)
    assert story.run.state is RunState.WAITING


def test_a_run_that_was_not_waiting_is_not_continued() -> None:
    story = given(BRANCHES, CREATE, *BUILT).when(APPROVE)
    story.then(ApprovalDecided, StepCompleted)
    assert story.run.state is RunState.RUNNING


def test_a_step_whose_output_is_approved_keeps_it() -> None:
    asked = RequestApproval(step="build", output="v1", summary="please look")
    story = given(ONE, CREATE, StartStep(step="build"), asked)
    assert story.run.steps["build"].state is StepState.WAITING
    story = story.when(Approve(step="build"))
    story.then(
        ApprovalDecided,
        StepCompleted(step="build", attempt=1, approved=True),
        RunContinued,
        RunCompleted,
    )
    assert story.run.steps["build"].output == Content(value="v1")


def test_as_many_must_agree_as_the_policy_says() -> None:
    story = given(TWO_OF_THREE, CREATE, *BUILT)
    story = story.when(Approve(step="review", actor="bob")).then(ApprovalDecided)
    assert story.run.state is RunState.WAITING
    story.when(Approve(step="review", actor="eve")).then(
        ApprovalDecided, StepCompleted, RunContinued, RunCompleted
    )


def test_nobody_counts_twice() -> None:
    bob = Approve(step="review", actor="bob")
    given(TWO_OF_THREE, CREATE, *BUILT, bob).when(bob).then_nothing()


def test_nobody_decides_both_ways() -> None:
    bob = Approve(step="review", actor="bob")
    given(TWO_OF_THREE, CREATE, *BUILT, bob).when(
        Reject(step="review", actor="bob")
    ).then_refused(WrongState, "bob has decided already .* approved at 2026-03-01")


def test_a_double_click_after_the_decision_records_nothing(waiting: Story) -> None:
    waiting.when(APPROVE).when(APPROVE).then_nothing()


def test_only_those_whom_the_policy_names_decide() -> None:
    given(TWO_OF_THREE, CREATE, *BUILT).when(
        Approve(step="review", actor="mallory")
    ).then_refused(NotAnApprover, "mallory may not decide .* 'ada', 'bob', 'eve'")


def test_what_the_person_was_shown_must_be_what_is_asked(waiting: Story) -> None:
    shown = digest(waiting)
    again = waiting.when(RedoStep(step="review", feedback="blue")).when(
        StartStep(step="build")
    )
    again = again.when(CompleteStep(step="build", output="v2"))
    again.when(Approve(step="review", iteration=1, subject_digest=shown)).then_refused(
        StaleDecision, "iteration 1, and it is now at iteration 2"
    )
    again.when(Approve(step="review", subject_digest=shown)).then_refused(
        StaleDecision, "iteration 2 is not what you were shown"
    )
    fresh = Approve(step="review", iteration=2, subject_digest=digest(again))
    again.when(fresh).then(ApprovalDecided, StepCompleted, RunContinued, StepQueued)


def test_another_iteration_has_another_digest(waiting: Story) -> None:
    again = waiting.when(RedoStep(step="review")).when(StartStep(step="build"))
    again = again.when(CompleteStep(step="build", output="v1"))
    assert digest(again) != digest(waiting)


def test_a_withdrawn_question_is_refused_with_the_cause(waiting: Story) -> None:
    waiting.when(RedoStep(step="build")).when(APPROVE).then_refused(
        WrongState, "was withdrawn: step build is done again"
    )


def test_a_question_that_others_decided_is_refused_with_their_names(
    waiting: Story,
) -> None:
    waiting.when(APPROVE).when(Approve(step="review", actor="bob")).then_refused(
        WrongState, "was approved by 'ada'"
    )


def test_where_nothing_is_asked_nothing_is_decided(waiting: Story) -> None:
    given(REVIEWED, CREATE).when(APPROVE).then_refused(
        WrongState, "Nothing is asked about step 'review': it is not started"
    )


def test_a_run_that_is_over_asks_nothing(waiting: Story) -> None:
    waiting.when(CancelRun()).when(APPROVE).then_refused(RunOver, "is over")


def test_under_a_hold_it_is_decided_and_what_follows_waits(waiting: Story) -> None:
    held = waiting.when(PauseRun()).when(APPROVE).then(ApprovalDecided, StepCompleted)
    assert held.run.state is RunState.PAUSED
    held.when(ContinueRun()).then(
        RunContinued(cause="operator", state="running"),
        StepQueued(step="deploy", attempt=1),
    )


def test_on_an_observed_run_nothing_is_approved() -> None:
    seen = ObserveRun(workflow="release", source="ci", external_id="9")
    asked = RequestApproval(step="gate")
    given(UNKNOWN_GRAPH, seen, asked).when(Approve(step="gate")).then_refused(
        RunObserved, "runs in ci and is only observed here"
    )
