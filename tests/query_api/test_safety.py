"""Whether a retry or a redo is safe, as it is told before anybody clicks."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from domain.run.commands import (
    Approve,
    CancelRun,
    CompleteStep,
    FailStep,
    Reject,
    RetryRun,
    StartStep,
)
from domain.run.own_commands import LoseJob
from domain.workflow.definition import StepDefinition, WorkflowDefinition
from domain.workflow.policy import ApprovalPolicy
from query_api.answers import RedoSafety, RetrySafety, RunAnswer
from tests.query_api.world import DEPLOY

if TYPE_CHECKING:
    from domain.ids import RunId
    from tests.query_api.serving import Api
    from tests.query_api.world import World

PAYOUT = WorkflowDefinition(
    name="payout",
    on_failure="continue",
    steps=(
        StepDefinition(name="sum", queue="q", effects="none"),
        StepDefinition(name="pay", queue="q", needs=("sum",), effects="once"),
        StepDefinition(name="tell", needs=("pay",)),
        StepDefinition(name="file", needs=("sum",)),
    ),
)


def summed(world: World) -> RunId:
    world.register(PAYOUT)
    run = world.create("payout")
    lease = world.lease(run, "sum")
    world.do(run, CompleteStep(step="sum", attempt=1, lease=lease), actor="team")
    return run


def unpaid(world: World) -> RunId:
    """Its payment was lost, and nobody knows whether it was made."""
    run = summed(world)
    lease = world.lease(run, "pay")
    world.do(run, LoseJob(step="pay", lease=lease), actor="timers")
    world.do(run, StartStep(step="file"), CompleteStep(step="file"))
    assert world.runs[run].state == "failed"
    return run


def as_(world: World, api: Api, *roles: str) -> None:
    api.client.headers["Authorization"] = f"Bearer {world.token('viewer', *roles)}"


def verdicts(answer: RetrySafety | RedoSafety) -> dict[str, str]:
    return {one.step: one.verdict for one in answer.verdicts}


def test_a_retry_says_of_each_step_whether_it_is_safe(world: World, api: Api) -> None:
    run = unpaid(world)
    as_(world, api, "operator")
    safety = RetrySafety.model_validate(api.get(f"runs/{run}/retry-safety"))
    assert verdicts(safety) == {"pay": "unknown", "tell": "safe"}
    assert "its worker was not heard of in time" in " ".join(safety.verdicts[0].reasons)
    assert safety.must_accept
    assert safety.allowed
    assert {one.step for one in safety.carried} == {"sum", "file"}
    assert safety.carried[0].from_run == run
    assert safety.version == world.runs[run].version
    assert (safety.retry_from, safety.workflow_version) == ("failed", 1)


def test_where_it_begins_decides_what_runs_again(world: World, api: Api) -> None:
    run = unpaid(world)

    def asked(start: str) -> RetrySafety:
        answer = api.get(f"runs/{run}/retry-safety", **{"from": start})
        return RetrySafety.model_validate(answer)

    assert set(verdicts(asked("start"))) == {"sum", "pay", "tell", "file"}
    again = asked("step:file")
    assert set(verdicts(again)) == {"pay", "tell", "file"}
    assert [one.step for one in again.carried] == ["sum"]
    safe = api.refused(f"runs/{run}/retry-safety", 404, **{"from": "step:nothing"})
    assert safe["type"] == "urn:runledger:problem:unknown-step"
    api.refused(f"runs/{run}/retry-safety", 422, **{"from": "somewhere"})


def test_another_version_carries_what_is_defined_the_same(
    world: World, api: Api
) -> None:
    run = unpaid(world)
    *others, last = PAYOUT.steps
    changed = StepDefinition(name=last.name, needs=last.needs, effects="once")
    world.register(WorkflowDefinition(name="payout", steps=(*others, changed)))
    answer = api.get(f"runs/{run}/retry-safety", version=2)
    safety = RetrySafety.model_validate(answer)
    assert safety.workflow_version == 2
    assert [one.step for one in safety.carried] == ["sum"]
    # It completed, and now says that it must not do so twice.
    assert verdicts(safety)["file"] == "unsafe"
    api.refused(f"runs/{run}/retry-safety", 404, version=3)


def test_a_retry_that_is_not_allowed_says_why_and_is_judged_all_the_same(
    world: World, api: Api
) -> None:
    run = summed(world)
    as_(world, api, "operator")
    safety = RetrySafety.model_validate(api.get(f"runs/{run}/retry-safety"))
    assert (safety.allowed, safety.code) == (False, "run-not-over")
    assert verdicts(safety)["pay"] == "safe"
    as_(world, api)
    world.do(run, CancelRun(), actor="ada")
    safety = RetrySafety.model_validate(api.get(f"runs/{run}/retry-safety"))
    assert (safety.allowed, safety.code) == (False, "forbidden")
    assert safety.why_not == "This takes the role operator."
    api.refused(f"runs/{uuid.uuid4()}/retry-safety", 404)


def test_the_action_says_that_it_must_be_accepted(world: World, api: Api) -> None:
    run = unpaid(world)
    world.project()
    as_(world, api, "operator")

    def retry() -> Any:
        actions = api.get(f"runs/{run}")["actions"]
        return next(one for one in actions if one["command"] == "retry")

    assert retry()["allowed"]
    assert retry()["must_accept"]
    again = world.retry(run, RetryRun(accept_unsafe=True))
    world.project()
    answer = RunAnswer.model_validate(api.get(f"runs/{again}"))
    assert answer.carried == ["sum", "file"]
    assert {one.step: one.verdict for one in answer.verdicts}["pay"] == "unknown"
    assert answer.lineage.retry_of is not None
    assert answer.lineage.retry_of.state == "failed"


def test_a_retry_with_other_inputs_says_so(world: World, api: Api) -> None:
    run = unpaid(world)
    again = world.retry(run, RetryRun(accept_unsafe=True, inputs={"day": 2}))
    world.project()
    assert api.get(f"runs/{again}")["other_inputs"]
    assert not api.get(f"runs/{run}")["other_inputs"]
    assert api.get("runs", retry_of=str(run))["items"][0]["other_inputs"]


def test_a_redo_is_judged_with_all_that_is_built_on_the_step(
    world: World, api: Api
) -> None:
    run = summed(world)
    lease = world.lease(run, "pay")
    world.do(run, CompleteStep(step="pay", attempt=1, lease=lease), actor="team")
    as_(world, api, "approver")
    path = f"runs/{run}/steps/sum/redo-safety"
    safety = RedoSafety.model_validate(api.get(path))
    assert verdicts(safety) == {
        "sum": "safe",
        "pay": "unsafe",
        "tell": "safe",
        "file": "safe",
    }
    assert (safety.must_accept, safety.allowed, safety.redone) == (True, True, "sum")
    safety = RedoSafety.model_validate(api.get(f"runs/{run}/steps/file/redo-safety"))
    assert (safety.allowed, safety.code) == (False, "wrong-state")
    api.refused(f"runs/{run}/steps/nothing/redo-safety", 404)


def test_a_redo_of_an_approval_names_the_step_under_review(
    world: World, api: Api
) -> None:
    world.register(DEPLOY)
    run = world.create()
    for step in ("build", "test"):
        world.do(run, StartStep(step=step), CompleteStep(step=step))
    as_(world, api, "approver")
    answer = api.get(f"runs/{run}/steps/review/redo-safety")
    assert RedoSafety.model_validate(answer).redone == "test"


def test_a_failed_step_may_be_redone_while_other_branches_go_on(
    world: World, api: Api
) -> None:
    run = summed(world)
    lease = world.lease(run, "pay")
    failed = FailStep(step="pay", attempt=1, lease=lease, retryable=False)
    world.do(run, failed, actor="team")
    assert world.runs[run].state == "running"
    world.project()
    as_(world, api, "approver")
    pay = api.get(f"runs/{run}")["steps"][1]
    (redo,) = pay["actions"]
    assert (redo["command"], redo["allowed"]) == ("redo", True)
    world.do(run, StartStep(step="file"), CompleteStep(step="file"))
    world.project()
    ended = api.get(f"runs/{run}")
    assert ended["state"] == "failed"
    assert ended["steps"][1]["actions"] == []


def test_a_rejected_step_may_be_redone_while_other_branches_go_on(
    world: World, api: Api
) -> None:
    steps = (*DEPLOY.steps, StepDefinition(name="docs"))
    world.register(
        WorkflowDefinition(name="deploy", steps=steps, on_failure="continue")
    )
    run = world.create()
    for step in ("build", "test"):
        world.do(run, StartStep(step=step), CompleteStep(step=step))
    world.project()
    as_(world, api, "approver")
    offered = {one["command"] for one in api.get(f"runs/{run}")["steps"][2]["actions"]}
    assert offered >= {"approve", "reject", "redo"}
    world.do(run, Reject(step="review"), actor="bob")
    world.project()
    (redo,) = api.get(f"runs/{run}")["steps"][2]["actions"]
    assert (redo["command"], redo["allowed"]) == ("redo", True)


def test_what_is_left_to_fill_in_does_not_forbid_an_approval(
    world: World, api: Api
) -> None:
    form: dict[str, Any] = {"type": "object", "required": ["ticket"]}
    policy = ApprovalPolicy(form=form)
    review = StepDefinition(
        name="review", kind="approval", needs=("test",), approval=policy
    )
    steps = (*DEPLOY.steps[:2], review, DEPLOY.steps[3])
    world.register(WorkflowDefinition(name="deploy", steps=steps))
    run = world.create()
    for step in ("build", "test"):
        world.do(run, StartStep(step=step), CompleteStep(step=step))
    world.project()
    as_(world, api, "approver")
    actions = api.get(f"runs/{run}")["steps"][2]["actions"]
    assert next(one for one in actions if one["command"] == "approve")["allowed"]
    as_(world, api)
    actions = api.get(f"runs/{run}")["steps"][2]["actions"]
    approve = next(one for one in actions if one["command"] == "approve")
    assert (approve["allowed"], approve["code"]) == (False, "forbidden")
    world.do(run, Approve(step="review", form={"ticket": 1}), actor="bob")
