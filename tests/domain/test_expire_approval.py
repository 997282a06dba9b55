"""What time does to a question: it expires, and people are reminded of it."""

from __future__ import annotations

from typing import Any

import pytest

from domain.errors import WrongState
from domain.run.commands import (
    Approve,
    CancelRun,
    CompleteStep,
    ContinueRun,
    ObserveRun,
    PauseRun,
    RedoStep,
    RequestApproval,
    StartStep,
)
from domain.run.events import (
    ApprovalDecided,
    ApprovalExpired,
    ApprovalReminded,
    RunCanceled,
    RunCancelRequested,
    RunCompleted,
    RunContinued,
    RunFailed,
    StepCanceled,
    StepCompleted,
    StepQueued,
    StepRedoRequested,
    StepRejected,
    StepReset,
)
from domain.run.own_commands import ExpireApproval, RemindApproval
from domain.run.state import RunState
from domain.workflow.policy import ApprovalPolicy, OnReject
from tests.domain.workflows import CREATE, UNKNOWN_GRAPH, approval, task, workflow
from tests.support.decider import Story, given

BUILT = (StartStep(step="build"), CompleteStep(step="build", output="v1"))
REJECTING = ApprovalPolicy(expires_s=5_400, required=2)
APPROVING = ApprovalPolicy(expires_s=60, on_expiry="approve")
EXPIRE = ExpireApproval(step="review", iteration=1)
WHY = "nobody decided within 1 h 30 min"


def asked(policy: ApprovalPolicy, **more: Any) -> Story:
    gate = approval("review", "build", approval=policy, **more)
    steps = (task("build"), gate, task("deploy", "review"))
    return given(workflow(*steps), CREATE, *BUILT)


def expired(story: Story) -> Story:
    return story.when(EXPIRE, by="timers")


def test_no_answer_counts_as_no() -> None:
    story = expired(asked(REJECTING))
    story.then(
        ApprovalExpired(step="review", counts_as="reject"),
        StepRejected(step="review", reason=WHY),
        RunFailed(
            step="review", attempt=None, reason=f"step review was rejected: {WHY}"
        ),
    )
    closed = story.run.steps["review"].approvals[-1]
    assert (closed.state, closed.expired, closed.closed_because) == (
        "rejected",
        True,
        WHY,
    )


def test_where_the_policy_says_so_no_answer_counts_as_yes() -> None:
    story = expired(asked(APPROVING))
    story.then(
        ApprovalExpired(step="review", counts_as="approve"),
        StepCompleted(step="review", approved=True),
        RunContinued(cause="approval", state="running"),
        StepQueued(step="deploy", attempt=1),
    )
    closed = story.run.steps["review"].approvals[-1]
    assert (closed.state, closed.closed_because) == ("approved", "it expired")


def test_too_few_answers_are_no_answer() -> None:
    story = asked(REJECTING).when(Approve(step="review"), by="eve")
    expired(story).then(
        ApprovalExpired,
        StepRejected(step="review", reason="too few decided within 1 h 30 min"),
        RunFailed,
    )


def test_it_leads_to_what_a_rejection_leads_to() -> None:
    redone = asked(REJECTING, on_reject=OnReject(action="redo"))
    story = expired(redone).then(
        ApprovalExpired,
        StepRejected,
        StepRedoRequested,
        StepReset,
        StepQueued,
        RunContinued,
    )
    assert story.run.steps["build"].redos[-1].after_rejection
    canceled = asked(REJECTING, on_reject=OnReject(action="cancel"))
    reason = f"step review was rejected: {WHY}"
    expired(canceled).then(
        ApprovalExpired,
        StepRejected,
        RunCancelRequested(reason=reason),
        StepCanceled,
        RunCanceled(reason=reason),
    )


@pytest.mark.parametrize(
    ("policy", "what", "then"),
    [(REJECTING, StepRejected, RunFailed), (APPROVING, StepCompleted, StepQueued)],
)
def test_under_a_hold_it_expires_and_what_follows_waits(
    policy: ApprovalPolicy, what: Any, then: Any
) -> None:
    held = expired(asked(policy).when(PauseRun())).then(ApprovalExpired, what)
    assert held.run.state is RunState.PAUSED
    held.when(ContinueRun()).then(RunContinued, then)


def test_an_output_that_waits_for_approval_expires_too() -> None:
    story = given(workflow(task("build", approval=APPROVING)), CREATE)
    story = story.when(StartStep(step="build"))
    story = story.when(RequestApproval(step="build", output=1))
    story.when(ExpireApproval(step="build", iteration=1)).then(
        ApprovalExpired,
        StepCompleted(step="build", attempt=1, approved=True),
        RunContinued,
        RunCompleted,
    )


def test_a_decision_after_that_is_refused() -> None:
    expired(asked(APPROVING)).when(Approve(step="review")).then_refused(
        WrongState, "iteration 1, expired, and so it was approved"
    )


def test_late_or_told_twice_it_does_nothing() -> None:
    expired(expired(asked(APPROVING))).then_nothing()
    decided = asked(APPROVING).when(Approve(step="review"))
    expired(decided).then_nothing()
    again = asked(APPROVING).when(RedoStep(step="build"))
    for command in BUILT:
        again = again.when(command)
    expired(again).then_nothing()
    expired(asked(APPROVING).when(CancelRun())).then_nothing()
    nothing = ExpireApproval(step="nothing", iteration=1)
    asked(APPROVING).when(nothing).then_nothing()


def test_what_does_not_expire_is_left_alone() -> None:
    expired(asked(ApprovalPolicy())).then_nothing()
    seen = ObserveRun(workflow="release", source="ci", external_id="9")
    there = RequestApproval(step="review", policy=APPROVING)
    expired(given(UNKNOWN_GRAPH, seen, there)).then_nothing()


def remind(nth: int) -> RemindApproval:
    return RemindApproval(step="review", iteration=1, nth=nth)


def test_a_reminder_is_recorded_and_nothing_else_changes() -> None:
    story = asked(ApprovalPolicy(remind_s=60, required=2))
    before = story.run
    story = story.when(remind(1)).then(ApprovalReminded(step="review", nth=1))
    assert story.run.state is before.state
    assert story.run.steps["review"].approvals[-1].reminders == 1
    story = story.when(Approve(step="review")).then(ApprovalDecided)
    story.when(remind(2)).then(ApprovalReminded(step="review", nth=2))


def test_the_same_reminder_is_not_recorded_twice() -> None:
    story = asked(ApprovalPolicy(remind_s=60)).when(remind(1))
    story.when(remind(1)).then_nothing()
    story.when(remind(3)).then_nothing()


def test_nobody_is_reminded_of_what_is_decided() -> None:
    decided = asked(ApprovalPolicy(remind_s=60)).when(Approve(step="review"))
    decided.when(remind(1)).then_nothing()
