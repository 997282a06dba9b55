from __future__ import annotations

import hypothesis
from hypothesis import settings
from hypothesis import strategies as st

from domain.errors import (
    NotAnApprover,
    Refused,
    RunObserved,
    RunOver,
    StaleDecision,
    WrongState,
)
from domain.run.approvers import delegates, in_place_of, places
from domain.run.commands import (
    Approve,
    CancelRun,
    CompleteStep,
    DelegateApproval,
    ObserveRun,
    PauseRun,
    RedoStep,
    Reject,
    RequestApproval,
    RunCommand,
    StartStep,
)
from domain.run.events import (
    ApprovalDecided,
    ApprovalDelegated,
    RunCompleted,
    RunContinued,
    StepCompleted,
)
from domain.workflow.policy import ApprovalPolicy
from tests.domain.workflows import CREATE, UNKNOWN_GRAPH, approval, task, workflow
from tests.support.decider import Story, given

APPROVE = Approve(step="review")
TWO = ApprovalPolicy(approvers=("ada", "bob"), required=2)


def asked(policy: ApprovalPolicy = TWO) -> Story:
    """dan has created the run, and built what is to be reviewed."""
    reviewed = workflow(task("build"), approval("review", "build", approval=policy))
    story = given(reviewed).when(CREATE, by="dan")
    story = story.when(StartStep(step="build"), by="dan")
    return story.when(CompleteStep(step="build"), by="dan")


def to(person: str, iteration: int | None = None) -> DelegateApproval:
    return DelegateApproval(step="review", to=person, iteration=iteration)


def decided_for(story: Story) -> str | None:
    (event,) = [each for each in story.events if isinstance(each, ApprovalDecided)]
    return event.on_behalf_of


def test_the_delegate_decides_in_the_place_of_the_other() -> None:
    story = asked().when(
        DelegateApproval(step="review", to="carl", comment="on holiday"), by="ada"
    )
    story.then(ApprovalDelegated(step="review", to="carl", comment="on holiday"))
    story = story.when(APPROVE, by="carl").then(ApprovalDecided)
    assert decided_for(story) == "ada"
    story = story.when(APPROVE, by="bob")
    story.then(ApprovalDecided, StepCompleted, RunContinued, RunCompleted)
    assert decided_for(story) is None


def test_who_has_handed_it_on_does_not_decide_any_more() -> None:
    story = asked().when(to("carl"), by="ada")
    story.when(APPROVE, by="ada").then_refused(
        NotAnApprover, "ada has carl decide in their place: carl may hand it back"
    )
    story.when(to("eve"), by="ada").then_refused(NotAnApprover, "carl decide in their")


def test_a_delegate_may_hand_it_back() -> None:
    story = asked().when(to("carl"), by="ada").when(to("ada"), by="carl")
    story.then(ApprovalDelegated)
    story.when(APPROVE, by="carl").then_refused(NotAnApprover, "carl may not decide")
    story = story.when(APPROVE, by="ada").then(ApprovalDecided)
    assert decided_for(story) is None


def test_a_delegate_may_hand_it_on_and_it_stays_the_first_ones_place() -> None:
    story = asked().when(to("carl"), by="ada").when(to("eve"), by="carl")
    approval = story.run.steps["review"].approvals[-1]
    assert delegates(approval) == ["eve"]
    assert in_place_of(approval, "eve") == "ada"
    story.when(APPROVE, by="carl").then_refused(NotAnApprover, "eve decide in their")
    story = story.when(APPROVE, by="eve").then(ApprovalDecided)
    assert decided_for(story) == "ada"


def test_what_was_handed_on_does_not_go_round_in_a_circle() -> None:
    story = asked().when(to("carl"), by="ada").when(to("eve"), by="carl")
    story.when(to("ada"), by="eve").then_refused(WrongState, "go in a circle")
    story.when(to("eve"), by="eve").then_refused(WrongState, "name somebody else")
    # The way back is the way it came.
    back = story.when(to("carl"), by="eve").when(to("ada"), by="carl")
    assert delegates(back.run.steps["review"].approvals[-1]) == []


def test_nobody_has_two_places() -> None:
    story = asked().when(to("carl"), by="ada")
    story.when(to("carl"), by="bob").then_refused(
        WrongState, "carl decides in the place of ada already, and only once"
    )
    story.when(to("bob"), by="carl").then_refused(
        WrongState, "bob may decide already, and decides only once"
    )
    story = story.when(APPROVE, by="carl")
    story.when(to("carl"), by="bob").then_refused(WrongState, "has decided already")


def test_only_who_may_decide_hands_it_on() -> None:
    asked().when(to("carl"), by="mallory").then_refused(
        NotAnApprover, "mallory may not decide .* 'ada', 'bob'"
    )
    story = asked().when(APPROVE, by="ada")
    story.when(to("carl"), by="ada").then_refused(NotAnApprover, "ada approved it at")


def test_a_member_of_a_group_hands_on_their_place_in_it() -> None:
    story = asked(ApprovalPolicy(groups=("legal",)))
    story = story.when(to("carl"), by="ada", groups={"legal"})
    story.when(APPROVE, by="ada", groups={"legal"}).then_refused(
        NotAnApprover, "ada has carl decide"
    )
    story = story.when(APPROVE, by="carl")
    assert decided_for(story) == "ada"


def test_delegates_do_not_decide_about_their_own_either() -> None:
    story = asked(TWO.model_copy(update={"not_own": True}))
    story.when(to("dan"), by="ada").then_refused(
        NotAnApprover, "dan created the run and reported the output of build"
    )
    # Nor does one hand on what one may not do.
    own = asked(ApprovalPolicy(approvers=("dan", "eve"), not_own=True))
    own.when(to("carl"), by="dan").then_refused(NotAnApprover, "dan created the run")


def test_told_again_it_records_nothing() -> None:
    asked().when(to("carl"), by="ada").when(to("carl"), by="ada").then_nothing()


def test_it_is_for_the_question_that_was_shown_alone() -> None:
    story = asked().when(to("carl"), by="ada")
    story = story.when(RedoStep(step="review"), by="bob")
    story.when(to("eve"), by="bob").then_refused(WrongState, "was withdrawn")
    story = story.when(StartStep(step="build")).when(CompleteStep(step="build"))
    story.when(to("eve", 1), by="bob").then_refused(StaleDecision, "at iteration 2")
    story.when(APPROVE, by="ada").then(ApprovalDecided)


def test_under_a_hold_it_is_handed_on_all_the_same() -> None:
    asked().when(PauseRun()).when(to("carl"), by="ada").then(ApprovalDelegated)


def test_a_run_that_is_over_has_nothing_to_hand_on() -> None:
    asked().when(CancelRun()).when(to("carl"), by="ada").then_refused(
        RunOver, "is over"
    )


def test_where_nothing_is_asked_nothing_is_handed_on() -> None:
    story = given(workflow(task("build")), CREATE)
    story.when(DelegateApproval(step="build", to="carl")).then_refused(
        WrongState, "Nothing is asked"
    )
    seen = ObserveRun(workflow="release", source="ci", external_id="9")
    observed = given(UNKNOWN_GRAPH, seen, RequestApproval(step="review"))
    observed.when(to("carl")).then_refused(RunObserved, "only observed")


PEOPLE = ("ada", "bob", "carl", "dan", "eve", "fay")
LEGAL = {"eve", "fay"}
ANYTHING = st.lists(
    st.tuples(
        st.sampled_from(PEOPLE),
        st.sampled_from(("approve", "reject", "delegate", "delegate")),
        st.sampled_from(PEOPLE),
    ),
    max_size=25,
)


@settings(max_examples=200, deadline=None)
@hypothesis.given(ANYTHING, st.booleans())
def test_whatever_people_do_each_place_is_in_one_pair_of_hands(
    done: list[tuple[str, str, str]], not_own: bool
) -> None:
    policy = ApprovalPolicy(
        approvers=("ada", "bob"),
        groups=("legal",),
        required=4,
        rejections=4,
        not_own=not_own,
    )
    story = asked(policy)
    for person, verb, other in done:
        commands: dict[str, RunCommand] = {
            "approve": APPROVE,
            "reject": Reject(step="review"),
            "delegate": to(other),
        }
        groups = {"legal"} if person in LEGAL else set[str]()
        after = story.when(commands[verb], by=person, groups=groups)
        assert after.refusal is None or isinstance(after.refusal, Refused)
        story = Story(after.run, [])
    approval = story.run.steps["review"].approvals[-1]
    held = places(approval)
    assert len(set(held.values())) == len(held), "somebody has two places"
    for person in held:
        seen = {person}
        while (person := held.get(person, "")) != "":
            assert person not in seen, "it went round in a circle"
            seen.add(person)
    deciders = [each.actor for each in approval.decisions]
    used = [each.on_behalf_of or each.actor for each in approval.decisions]
    assert len(set(deciders)) == len(deciders), "somebody has decided twice"
    assert len(set(used)) == len(used), "a place was used twice"
    assert set(used) <= {"ada", "bob"} | LEGAL
    assert not (not_own and "dan" in deciders)
