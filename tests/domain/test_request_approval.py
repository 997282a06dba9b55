from __future__ import annotations

from domain.errors import WrongState
from domain.run.commands import (
    CompleteStep,
    ContinueRun,
    PauseRun,
    RequestApproval,
    StartStep,
)
from domain.run.events import (
    ApprovalRequested,
    Content,
    RunContinued,
    RunPaused,
    StepReportDiscarded,
)
from domain.run.state import RunState, StepState
from domain.run.subjects import subject_digest
from domain.workflow.policy import ApprovalPolicy
from tests.domain.workflows import CREATE, FORK, ONE, REVIEWED, task, workflow
from tests.support.decider import given

START = StartStep(step="build")
ASK = RequestApproval(step="build", output={"n": 1}, summary="look")
BOB = ApprovalPolicy(approvers=("bob",))


def test_the_attempt_is_done_and_the_run_is_not() -> None:
    story = given(ONE, CREATE, START).when(ASK)
    subject = Content(value={"n": 1})
    story.then(
        ApprovalRequested(
            step="build",
            attempt=1,
            policy=ApprovalPolicy(),
            subject=subject,
            summary="look",
            subject_digest=subject_digest(subject, "look", 1),
        ),
        RunPaused(cause="approval"),
    )
    step = story.run.steps["build"]
    assert (step.state, step.attempts[0].outcome) == (StepState.WAITING, "completed")
    assert step.output == subject
    assert story.run.state is RunState.WAITING


def test_while_something_runs_the_run_does_not_wait() -> None:
    story = given(FORK, CREATE, StartStep(step="left"), StartStep(step="right"))
    story = story.when(RequestApproval(step="left")).then(ApprovalRequested)
    assert story.run.state is RunState.RUNNING
    story.when(RequestApproval(step="right")).then(ApprovalRequested, RunPaused)


def test_the_policy_asked_for_goes_before_the_step_s_own() -> None:
    eve = ApprovalPolicy(approvers=("eve",))
    named = workflow(task("build", approval=BOB))
    own = given(named, CREATE, START).when(ASK)
    assert own.run.steps["build"].approvals[0].policy == BOB
    asked = given(named, CREATE, START).when(ASK.model_copy(update={"policy": eve}))
    assert asked.run.steps["build"].approvals[0].policy == eve


def test_asking_twice_records_nothing() -> None:
    given(ONE, CREATE, START, ASK).when(ASK).then_nothing()


def test_asking_about_something_else_afterwards_is_discarded() -> None:
    other = RequestApproval(step="build", attempt=1, output=2)
    given(ONE, CREATE, START, ASK).when(other).then(StepReportDiscarded)


def test_an_approval_step_asks_by_itself() -> None:
    done = (START, CompleteStep(step="build"))
    given(REVIEWED, CREATE, *done).when(RequestApproval(step="review")).then_refused(
        WrongState, "people approve or reject it"
    )


def test_under_a_hold_it_may_ask_and_the_run_stays_held() -> None:
    story = given(ONE, CREATE, START, PauseRun()).when(ASK).then(ApprovalRequested)
    assert story.run.state is RunState.PAUSED
    story = story.when(ContinueRun())
    story.then(RunContinued(cause="operator", state="waiting_for_approval"))
    assert story.run.waiting
