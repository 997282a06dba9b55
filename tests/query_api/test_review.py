"""All that a reviewer needs to see, in one answer."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from domain.run.commands import (
    Approve,
    CompleteStep,
    CreateRun,
    DelegateApproval,
    RedoStep,
    Reject,
    RequestApproval,
    StartStep,
)
from domain.workflow.definition import StepDefinition, WorkflowDefinition
from domain.workflow.policy import ApprovalPolicy, OnReject
from query_api.answers import Review

if TYPE_CHECKING:
    from domain.ids import RunId
    from tests.query_api.serving import Api
    from tests.query_api.world import World

FORM: dict[str, Any] = {"type": "object", "required": ["amount"]}
PAPER = WorkflowDefinition(
    name="paper",
    steps=(
        StepDefinition(
            name="draft",
            description="The text",
            on_reject=OnReject(action="redo"),
            approval=ApprovalPolicy(
                groups=("desk",), required=2, not_own=True, form=FORM, expires_s=60
            ),
        ),
        StepDefinition(name="print", needs=("draft",)),
        StepDefinition(name="sign", kind="approval", needs=("print",)),
    ),
)


def drafted(world: World, run: RunId, text: str, summary: str) -> None:
    asked = RequestApproval(step="draft", output=text, summary=summary)
    world.do(run, StartStep(step="draft"), asked, actor="bob")


def review(api: Api, run: RunId, step: str = "draft", **params: Any) -> dict[str, Any]:
    answer: dict[str, Any] = api.get(f"runs/{run}/steps/{step}/approval", **params)
    Review.model_validate(answer)
    return answer


def begun(world: World) -> RunId:
    world.register(PAPER)
    opening = CreateRun(workflow="paper", inputs={"title": "On rules"})
    run = world.create("paper", opening=opening)
    drafted(world, run, "first", "Please read")
    return run


def test_it_shows_what_is_asked_by_which_policy(world: World, api: Api) -> None:
    run = begun(world)
    found = review(api, run)
    assert found["subject"]["value"] == "first"
    assert found["summary"] == "Please read"
    assert found["inputs"]["value"] == {"title": "On rules"}
    asked = world.runs[run].steps["draft"].approvals[-1]
    assert found["subject_digest"] == asked.subject_digest
    assert (found["groups"], found["required"], found["not_own"]) == (["desk"], 2, True)
    assert (found["form"], found["expires_s"]) == (FORM, 60)
    assert (found["about"], found["description"]) == (["draft"], "The text")
    assert (found["on_reject"], found["redoes"]) == ("redo", "draft")
    assert [one["person"] for one in found["barred"]] == ["ada", "bob"]
    assert (found["run_state"], found["version"]) == ("waiting_for_approval", 7)
    assert found["earlier"] == []


def test_it_shows_earlier_iterations_with_feedback_and_decisions(
    world: World, api: Api
) -> None:
    run = begun(world)
    reject = Reject(step="draft", comment="too short")
    world.do(run, reject, actor="cy", groups=("desk",))
    drafted(world, run, "second", "Longer now")
    world.do(run, RedoStep(step="draft", feedback="in blue"), actor="dan")
    drafted(world, run, "third", "Blue now")
    agree = Approve(step="draft", comment="good", form={"amount": 1})
    world.do(run, agree, actor="cy", groups=("desk",))
    found = review(api, run)
    assert (found["iteration"], found["subject"]["value"]) == (3, "third")
    assert found["redo"]["by"] == "dan"
    assert found["redo"]["feedback"] == "in blue"
    (decision,) = found["decisions"]
    assert (decision["form"], decision["groups"]) == ({"amount": 1}, ["desk"])
    first, second = found["earlier"]
    assert (first["state"], first["subject"]["value"]) == ("rejected", "first")
    assert first["decisions"][0]["comment"] == "too short"
    assert first["sent_back"]["feedback"] == "too short"
    assert first["sent_back"]["after_rejection"]
    assert (second["state"], second["summary"]) == ("withdrawn", "Longer now")
    assert second["sent_back"]["by"] == "dan"
    # Each of them can be looked at as it was asked.
    old = review(api, run, iteration=2)
    assert (old["subject"]["value"], len(old["earlier"])) == ("second", 1)
    assert old["standing"]["why_not"] == "it is withdrawn"


def test_it_tells_the_caller_where_they_stand(world: World, api: Api) -> None:
    run = begun(world)
    world.do(
        run, DelegateApproval(step="draft", to="eve"), actor="cy", groups=("desk",)
    )
    for name, groups, may, why in (
        ("dan", ("desk",), True, None),
        ("dan", (), False, "its policy names the group 'desk'"),
        ("eve", (), True, None),
        ("bob", ("desk",), False, "bob reported the output of draft"),
        ("cy", ("desk",), False, "cy has eve decide in their place"),
    ):
        token = world.token("approver", name=name, groups=groups)
        api.client.headers["Authorization"] = f"Bearer {token}"
        found = review(api, run)["standing"]
        assert (found["person"], found["may_decide"]) == (name, may)
        assert (found["why_not"] or "").startswith(why or "")
        assert found["in_place_of"] == ("cy" if name == "eve" else None)


def test_of_an_approval_step_the_subject_is_what_it_needs(
    world: World, api: Api
) -> None:
    world.register(
        WorkflowDefinition(
            name="gate",
            steps=(
                StepDefinition(name="left"),
                StepDefinition(name="sign", kind="approval", needs=("left",)),
            ),
        )
    )
    run = world.create("gate")
    world.do(run, StartStep(step="left"), CompleteStep(step="left", output=7))
    found = review(api, run, "sign")
    assert found["subject"]["value"] == {"left": 7}
    assert (found["about"], found["attempt"]) == (["left"], None)
    assert found["standing"]["why_not"] == "it takes the role approver"


def test_where_nothing_is_asked_there_is_nothing_to_review(
    world: World, api: Api
) -> None:
    run = begun(world)
    asked_nothing = api.refused(f"runs/{run}/steps/sign/approval", 404)
    assert "has asked people nothing" in asked_nothing["detail"]
    api.refused(f"runs/{run}/steps/draft/approval", 404, iteration=2)
    api.refused(f"runs/{run}/steps/nothing/approval", 404)
    api.refused(f"runs/{uuid.uuid4()}/steps/draft/approval", 404)
