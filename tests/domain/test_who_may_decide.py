"""People, groups, how many of them, and not one's own."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from domain.errors import NotAnApprover, StaleDecision, WrongState
from domain.run.commands import (
    Approve,
    CompleteStep,
    RedoStep,
    Reject,
    RequestApproval,
    StartStep,
)
from domain.run.events import (
    ApprovalDecided,
    RunCompleted,
    RunContinued,
    RunFailed,
    StepCompleted,
    StepQueued,
    StepRejected,
)
from domain.run.state import Barred
from domain.workflow.policy import ApprovalPolicy, OnReject
from tests.domain.test_retry_run import retry
from tests.domain.workflows import CREATE, approval, task, workflow
from tests.support.decider import Story, given

APPROVE = Approve(step="review")
REJECT = Reject(step="review", comment="wrong colour")
START = StartStep(step="build")


def asked(policy: ApprovalPolicy, **more: Any) -> Story:
    """ada has created the run, bob has built what is to be reviewed."""
    reviewed = workflow(
        task("build"), approval("review", "build", approval=policy, **more)
    )
    return built(given(reviewed, CREATE))


def built(story: Story, output: str = "v1") -> Story:
    return story.when(START, by="bob").when(
        CompleteStep(step="build", output=output), by="bob"
    )


def digest(story: Story) -> str:
    return story.run.steps["review"].approvals[-1].subject_digest


def test_a_member_of_a_group_decides_and_the_group_is_kept() -> None:
    story = asked(ApprovalPolicy(groups=("finance", "legal")))
    story = story.when(APPROVE, by="eve", groups={"legal", "chess"})
    story.then(
        ApprovalDecided(
            step="review",
            decision="approved",
            subject_digest=digest(story),
            groups=("legal",),
        ),
        StepCompleted,
        RunContinued,
        RunCompleted,
    )


def test_who_is_neither_named_nor_in_a_group_does_not_decide() -> None:
    story = asked(ApprovalPolicy(approvers=("ada",), groups=("legal",)))
    story.when(APPROVE, by="mallory", groups={"chess"}).then_refused(
        NotAnApprover, "mallory may not decide .* 'ada' and the group 'legal'"
    )
    story.when(APPROVE, by="ada").then(
        ApprovalDecided, StepCompleted, RunContinued, RunCompleted
    )


def test_two_of_three_and_neither_a_stale_decision_nor_an_author_counts() -> None:
    story = asked(
        ApprovalPolicy(approvers=("ada", "eve", "cy"), required=2, not_own=True)
    )
    shown = digest(story)
    story.when(APPROVE, by="ada").then_refused(NotAnApprover, "ada created the run")
    story = story.when(RedoStep(step="review", feedback="in blue"), by="dan")
    story = built(story, "v2")
    story.when(
        Approve(step="review", iteration=1, subject_digest=shown), by="eve"
    ).then_refused(
        StaleDecision, "iteration 2, since step build is done again, as dan asked: in b"
    )
    fresh = Approve(step="review", iteration=2, subject_digest=digest(story))
    story = story.when(fresh, by="eve").then(ApprovalDecided)
    story.when(fresh, by="cy").then(
        ApprovalDecided, StepCompleted, RunContinued, RunCompleted
    )


def test_a_stale_decision_is_told_what_is_asked_now() -> None:
    story = asked(ApprovalPolicy())
    story = built(story.when(RedoStep(step="review", feedback="in blue"), by="dan"))
    refusal = story.when(Approve(step="review", iteration=1)).refusal
    assert refusal is not None
    assert refusal.details["iteration"] == 2
    assert refusal.details["subject_digest"] == digest(story)
    redo = refusal.details["redo"]
    assert isinstance(redo, dict)
    assert (redo["step"], redo["by"], redo["feedback"]) == ("build", "dan", "in blue")


@pytest.mark.parametrize("person", ["ada", "bob"])
def test_nobody_decides_about_their_own(person: str) -> None:
    story = asked(ApprovalPolicy(not_own=True))
    story.when(APPROVE, by=person).then_refused(NotAnApprover, "about their own")
    story.when(REJECT, by=person).then_refused(NotAnApprover, "about their own")
    story.when(APPROVE, by="eve").then(
        ApprovalDecided, StepCompleted, RunContinued, RunCompleted
    )


def test_whoever_began_an_attempt_and_whoever_ended_it_are_its_authors() -> None:
    policy = ApprovalPolicy(not_own=True)
    story = given(workflow(task("build", approval=policy)), CREATE)
    story = story.when(START, by="bob")
    story = story.when(RequestApproval(step="build", output=1), by="carl")
    for person in ("bob", "carl"):
        story.when(Approve(step="build"), by=person).then_refused(
            NotAnApprover, f"{person} reported the output of build"
        )


def test_an_approval_of_several_steps_is_about_all_of_them() -> None:
    policy = ApprovalPolicy(not_own=True)
    gate = approval("gate", "first", "right", approval=policy)
    first = approval("first", "left")
    story = given(workflow(task("left"), task("right"), first, gate), CREATE)
    for step, person in (("left", "bob"), ("right", "carl")):
        story = story.when(StartStep(step=step), by=person)
        story = story.when(CompleteStep(step=step), by=person)
    story = story.when(Approve(step="first"), by="eve")
    assert story.run.steps["gate"].approvals[-1].barred == (
        Barred("ada", "created the run"),
        Barred("bob", "reported the output of left"),
        Barred("carl", "reported the output of right"),
    )


def test_the_author_of_a_redo_does_not_decide_about_what_came_of_it() -> None:
    story = asked(ApprovalPolicy(not_own=True))
    story = built(story.when(RedoStep(step="build", feedback="in blue"), by="eve"))
    story.when(APPROVE, by="eve").then_refused(NotAnApprover, "eve asked to redo build")
    # Nor is it theirs any more, once somebody else had it done once more.
    story = built(story.when(RedoStep(step="build"), by="dan"))
    story.when(APPROVE, by="eve").then(
        ApprovalDecided, StepCompleted, RunContinued, RunCompleted
    )


def test_whoever_rejects_may_decide_about_what_comes_of_it() -> None:
    """They have asked for nothing: it is the workflow that has it done again."""
    story = asked(ApprovalPolicy(not_own=True), on_reject=OnReject(action="redo"))
    story = built(story.when(REJECT, by="eve"))
    assert story.run.steps["review"].redos[-1].feedback == "wrong colour"
    story.when(APPROVE, by="eve").then(
        ApprovalDecided, StepCompleted, RunContinued, RunCompleted
    )
    story.when(Approve(step="review", iteration=1), by="dan").then_refused(
        StaleDecision, "since step build was rejected: wrong colour"
    )


def test_a_policy_that_does_not_ask_for_it_lets_authors_decide() -> None:
    asked(ApprovalPolicy()).when(APPROVE, by="bob").then(
        ApprovalDecided, StepCompleted, RunContinued, RunCompleted
    )


def test_two_rejections_are_needed_where_the_policy_says_so() -> None:
    policy = ApprovalPolicy(approvers=("ada", "bob", "eve"), required=2, rejections=2)
    story = asked(policy).when(REJECT, by="ada").then(ApprovalDecided)
    story.when(REJECT, by="ada").then_nothing()
    story.when(APPROVE, by="ada").then_refused(WrongState, "ada has decided already")
    story = story.when(APPROVE, by="bob").then(ApprovalDecided)
    story = story.when(Reject(step="review", comment="and too large"), by="eve")
    reason = "ada: wrong colour\neve: and too large"
    story.then(
        ApprovalDecided,
        StepRejected(step="review", reason=reason),
        RunFailed(
            step="review", attempt=None, reason=f"eve rejected step review: {reason}"
        ),
    )


def test_all_feedback_of_those_who_reject_goes_into_the_redo() -> None:
    policy = ApprovalPolicy(rejections=2)
    story = asked(policy, on_reject=OnReject(action="redo")).when(REJECT, by="ada")
    story = story.when(Reject(step="review", comment="and too large"), by="eve")
    (queued,) = [each for each in story.events if isinstance(each, StepQueued)]
    assert queued.iteration == 2
    feedback = story.run.steps["build"].redos[-1].feedback
    assert feedback == "ada: wrong colour\neve: and too large"


@pytest.mark.parametrize(
    "policy",
    [
        {"approvers": ["ada"], "required": 2},
        {"approvers": ["ada", "bob"], "rejections": 3},
        {"approvers": ["ada", "bob"], "required": 2, "rejections": 2},
    ],
)
def test_a_policy_by_which_nothing_may_follow_is_none(policy: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=r"only [12] may"):
        ApprovalPolicy.model_validate(policy)
    ApprovalPolicy.model_validate({**policy, "groups": ["ops"]})


def test_what_is_carried_into_a_retry_stays_its_authors_own() -> None:
    gate = approval("review", "build", approval=ApprovalPolicy(not_own=True))
    story = given(workflow(task("build"), gate), CREATE)
    story = story.when(START, by="carl").when(CompleteStep(step="build"), by="carl")
    run, *_ = retry(story.when(REJECT, by="eve"))
    assert run.steps["build"].output_by == ("carl",)
    assert run.steps["review"].approvals[-1].barred == (
        Barred("bob", "created the run"),
        Barred("carl", "brought about the output of build in the run that is retried"),
    )
