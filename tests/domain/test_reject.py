from __future__ import annotations

from domain.run.commands import (
    CompleteStep,
    ContinueRun,
    PauseRun,
    RedoStep,
    Reject,
    RequestApproval,
    StartStep,
)
from domain.run.events import (
    ApprovalDecided,
    RunCanceled,
    RunCancelRequested,
    RunContinued,
    RunFailed,
    StepCanceled,
    StepCompleted,
    StepQueued,
    StepRedoRequested,
    StepRejected,
    StepReset,
)
from domain.run.state import RunState, StepState
from domain.workflow.definition import ApprovalPolicy, OnReject, WorkflowDefinition
from tests.domain.workflows import (
    BRANCHES,
    CREATE,
    REVIEWED,
    approval,
    task,
    workflow,
)
from tests.support.decider import given

BUILT = (StartStep(step="build"), CompleteStep(step="build", output="v1"))
REJECT = Reject(step="review", comment="wrong colour")
WHY = "ada rejected step review: wrong colour"


def leading_to(action: OnReject) -> WorkflowDefinition:
    return workflow(
        task("plan"),
        task("build", "plan"),
        approval("review", "build", on_reject=action),
        task("deploy", "review"),
    )


PLANNED = (StartStep(step="plan"), CompleteStep(step="plan"), *BUILT)


def test_the_run_fails_and_says_who_and_why() -> None:
    story = given(REVIEWED, CREATE, *BUILT).when(REJECT)
    story.then(
        ApprovalDecided,
        StepRejected(step="review", reason="wrong colour"),
        RunFailed(step="review", attempt=None, reason=WHY),
    )
    step = story.run.steps["review"]
    assert (step.state, step.approvals[-1].state) == (StepState.REJECTED, "rejected")
    assert story.run.cause is not None
    assert story.run.cause.actor == "ada"


def test_one_rejection_decides_however_many_must_agree() -> None:
    policy = ApprovalPolicy(approvers=("ada", "bob"), required=2)
    two = workflow(task("build"), approval("review", "build", approval=policy))
    given(two, CREATE, *BUILT).when(REJECT).then(
        ApprovalDecided, StepRejected, RunFailed
    )


def test_it_drains_the_other_branch() -> None:
    story = given(BRANCHES, CREATE, *BUILT, StartStep(step="scan")).when(REJECT)
    story = story.then(ApprovalDecided, StepRejected)
    assert story.run.state is RunState.RUNNING
    story.when(CompleteStep(step="scan")).then(
        StepCompleted, RunFailed(step="review", attempt=None, reason=WHY)
    )


def test_it_may_cancel_the_run() -> None:
    story = given(leading_to(OnReject(action="cancel")), CREATE, *PLANNED)
    story.when(REJECT).then(
        ApprovalDecided,
        StepRejected,
        RunCancelRequested(reason=WHY),
        StepCanceled(step="deploy", reason=WHY),
        RunCanceled(reason=WHY),
    )


def test_it_may_send_back_the_step_under_review() -> None:
    story = given(leading_to(OnReject(action="redo")), CREATE, *PLANNED).when(REJECT)
    story.then(
        ApprovalDecided,
        StepRejected,
        StepRedoRequested,
        StepReset(step="review", iteration=2, because_of="build"),
        StepQueued(step="build", iteration=2, attempt=2),
        RunContinued(cause="approval", state="running"),
    )
    assert story.run.steps["build"].reason == "wrong colour"


def test_it_may_send_back_a_step_named() -> None:
    named = leading_to(OnReject(action="redo", step="plan"))
    story = given(named, CREATE, *PLANNED).when(REJECT)
    story.then(
        ApprovalDecided,
        StepRejected,
        StepRedoRequested,
        StepReset(step="build", iteration=2, because_of="plan"),
        StepReset(step="review", iteration=2, because_of="plan"),
        StepQueued(step="plan", iteration=2, attempt=2),
        RunContinued,
    )


def test_a_rejected_output_may_be_made_again() -> None:
    own = workflow(task("build", on_reject=OnReject(action="redo")))
    asked = RequestApproval(step="build", output=1)
    story = given(own, CREATE, StartStep(step="build"), asked)
    story.when(Reject(step="build", comment="again")).then(
        ApprovalDecided,
        StepRejected(step="build", attempt=1, reason="again"),
        StepRedoRequested,
        StepQueued(step="build", iteration=2, attempt=2),
        RunContinued,
    )


def test_other_branches_go_on_where_the_workflow_says_so() -> None:
    lenient = BRANCHES.model_copy(update={"on_failure": "continue"})
    story = given(lenient, CREATE, *BUILT).when(REJECT)
    story = story.then(ApprovalDecided, StepRejected)
    story = story.when(RedoStep(step="review", feedback="blue")).then(
        StepRedoRequested, StepReset, StepReset, StepQueued
    )
    assert story.run.steps["review"].state is StepState.NOT_STARTED


def test_under_a_hold_it_is_decided_and_what_follows_waits() -> None:
    held = given(REVIEWED, CREATE, *BUILT, PauseRun()).when(REJECT)
    held = held.then(ApprovalDecided, StepRejected)
    assert held.run.state is RunState.PAUSED
    held.when(ContinueRun()).then(
        RunContinued(cause="operator", state="running"),
        RunFailed(step="review", attempt=None, reason=WHY),
    )


def test_a_redo_that_a_rejection_leads_to_waits_for_the_hold_to_end() -> None:
    held = given(leading_to(OnReject(action="redo")), CREATE, *PLANNED, PauseRun())
    held.when(REJECT).then(ApprovalDecided, StepRejected).when(ContinueRun()).then(
        RunContinued, StepRedoRequested, StepReset, StepQueued
    )


def test_under_a_hold_a_rejection_may_still_be_made_good() -> None:
    held = given(REVIEWED, CREATE, *BUILT, PauseRun(), REJECT)
    story = held.when(RedoStep(step="review", feedback="blue"))
    story = story.then(StepRedoRequested, StepReset).when(ContinueRun())
    story.then(RunContinued, StepQueued(step="build", iteration=2, attempt=2))


def test_the_last_step_to_end_does_not_hurry_what_a_hold_keeps_back() -> None:
    rules = OnReject(action="redo")
    two = workflow(
        task("build"), approval("review", "build", on_reject=rules), task("scan")
    )
    running = (StartStep(step="scan"), *BUILT, PauseRun(), REJECT)
    story = given(two, CREATE, *running).when(CompleteStep(step="scan"))
    story = story.then(StepCompleted)
    assert story.run.state is RunState.PAUSED


def test_nor_does_it_cancel_a_held_run() -> None:
    two = workflow(
        task("build"),
        approval("review", "build", on_reject=OnReject(action="cancel")),
        task("scan"),
    )
    running = (StartStep(step="scan"), *BUILT, PauseRun(), REJECT)
    story = given(two, CREATE, *running).when(CompleteStep(step="scan"))
    story = story.then(StepCompleted)
    story.when(ContinueRun()).then(
        RunContinued(cause="operator", state="running"),
        RunCancelRequested(reason=WHY),
        RunCanceled(reason=WHY),
    )


def test_a_rejection_told_twice_records_nothing() -> None:
    given(REVIEWED, CREATE, *BUILT, REJECT).when(REJECT).then_nothing()
