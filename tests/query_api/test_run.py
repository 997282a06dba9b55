"""One run: what is told of it, now and as it was, and what may be done."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from domain.run.commands import (
    Approve,
    CancelRun,
    CompleteStep,
    CreateRun,
    EndRun,
    FailStep,
    ObserveRun,
    PauseRun,
    RedoStep,
    Reject,
    StartStep,
)
from domain.run.events import Failure
from query_api.answers import RunAnswer, StepAnswer
from tests.query_api.serving import served
from tests.query_api.world import DEPLOY, SECOND

if TYPE_CHECKING:
    from domain.ids import RunId
    from tests.query_api.serving import Api
    from tests.query_api.world import World

BUILT = (StartStep(step="build"), CompleteStep(step="build", output={"image": "a:1"}))
TESTED = (StartStep(step="test"), CompleteStep(step="test", output=[1, 2]))


def waiting_run(world: World) -> RunId:
    world.register()
    run = world.create(opening=CreateRun(workflow="deploy", inputs={"to": "prod"}))
    world.do(run, *BUILT, *TESTED)
    return run


def action(answer: dict[str, Any], command: str) -> dict[str, Any]:
    (found,) = (one for one in answer["actions"] if one["command"] == command)
    return dict(found)


def test_a_run_is_told_as_it_is_described(world: World, api: Api) -> None:
    run = waiting_run(world)
    position = world.project()
    told = api.get(f"runs/{run}")
    answer = RunAnswer.model_validate(told)
    assert answer.position == position
    assert answer.state == "waiting_for_approval"
    assert answer.inputs is not None
    assert answer.inputs.value == {"to": "prod"}
    assert [step.step for step in answer.steps] == [s.name for s in DEPLOY.steps]
    build, _, review, ship = answer.steps
    assert build.output is not None
    assert build.output.value == {"image": "a:1"}
    assert build.attempts[0].duration_s == 1.0
    assert review.approvals[0].state == "open"
    assert ship.needs == ["review"]
    assert ship.effects == "once"
    assert "review waits for approval since 2026-11-01 12:00" in answer.explanation
    assert "any approver may decide" in answer.explanation


def test_its_version_is_its_etag(world: World, api: Api) -> None:
    run = waiting_run(world)
    world.project()
    response = api.client.get(f"/v1/default/runs/{run}")
    assert response.headers["etag"] == f'"{response.json()["version"]}"'


def test_every_past_version_is_the_fold_up_to_it(world: World, api: Api) -> None:
    """What the log says of the present is what the read tables say."""
    run = waiting_run(world)
    world.do(run, Reject(step="review", comment="not on a Friday"), actor="bob")
    version = world.runs[run].version
    world.project()
    now = api.get(f"runs/{run}")
    past = api.get(f"runs/{run}", at_version=version)
    assert past["as_of"]["version"] == version
    assert past.pop("as_of") != now.pop("as_of")
    for each in (now, past):
        # What may be done is asked of the present alone.
        del each["actions"], each["position"]
    assert past == now
    states = [
        api.get(f"runs/{run}", at_version=n)["state"] for n in range(1, version + 1)
    ]
    assert states[0] == "created"
    assert states[-1] == "failed"
    assert "waiting_for_approval" in states


def test_log_and_tables_tell_the_same_of_every_kind_of_run(
    world: World, api: Api
) -> None:
    world.register()
    failed = world.create()
    world.do(failed, *BUILT, StartStep(step="test"))
    world.do(failed, FailStep(step="test", error=Failure(message="flaky")))
    retried = world.retry(failed)  # with a step that it carries
    redone = world.create()
    world.do(redone, *BUILT, *TESTED)
    world.do(redone, RedoStep(step="build", feedback="smaller"), *BUILT[:1])
    held = world.create()
    world.do(held, *BUILT, PauseRun(reason="freeze"))
    canceled = world.create()
    world.do(canceled, *BUILT[:1], CancelRun(reason="no"))
    observed = world.create(
        opening=ObserveRun(workflow="deploy", source="s", external_id="1")
    )
    world.do(observed, CompleteStep(step="build", duration_us=1_500_000))
    world.do(observed, EndRun(outcome="failed", reason="power cut"))
    world.project()
    for run in (failed, retried, redone, held, canceled, observed):
        now = api.get(f"runs/{run}")
        past = api.get(f"runs/{run}", at_version=now["version"])
        for each in (now, past):
            for own in ("actions", "position", "as_of"):
                del each[own]
            for step in each["steps"]:
                del step["actions"]
        assert past == now
    assert api.get(f"runs/{retried}")["steps"][0]["carried_from"] == str(failed)
    (build, *_) = api.get(f"runs/{observed}")["steps"]
    assert (build["duration_s"], build["started_at"]) == (1.5, None)


def test_a_moment_is_told_by_the_clock_of_the_log(world: World, api: Api) -> None:
    run = waiting_run(world)
    world.project()
    events = api.get(f"runs/{run}/events", after=0)["items"]
    for event in events:
        told = api.get(f"runs/{run}", at=event["recorded_at"])
        # All events of one transaction were recorded at one moment.
        assert told["as_of"]["version"] >= event["version"]
        assert told["as_of"]["recorded_at"] == event["recorded_at"]
    begin = "2020-01-01T00:00:00Z"
    assert "no such run yet" in api.refused(f"runs/{run}", 404, at=begin)["detail"]


def test_an_observed_run_is_told_by_the_clock_of_its_source(
    world: World, api: Api
) -> None:
    world.register()
    long_ago = world.now.replace(year=2020)

    def at(seconds: int) -> dict[str, Any]:
        return {"occurred_at": long_ago + seconds * SECOND}

    run = world.create(
        opening=ObserveRun(
            workflow="deploy", source="jenkins", external_id="7", **at(0)
        )
    )
    world.do(
        run,
        StartStep(step="build", **at(10)),
        CompleteStep(step="build", **at(30)),
        StartStep(step="test", **at(20)),  # told late: its source's clock steps back
        EndRun(outcome="completed", **at(40)),
    )
    world.project()

    def told(seconds: float) -> dict[str, str]:
        moment = (long_ago + seconds * SECOND).isoformat()
        answer = api.get(f"runs/{run}", at=moment)
        return {step["step"]: step["state"] for step in answer["steps"]}

    assert told(15)["build"] == "running"
    assert told(25) == told(15)  # the step that started at 20 was told after 30
    assert told(30)["build"] == "completed"
    assert told(30)["test"] == "running"
    assert api.get(f"runs/{run}")["state"] == "completed"
    assert "It runs elsewhere" in api.get(f"runs/{run}")["explanation"]


def test_two_points_in_time_are_one_too_many(empty: Api) -> None:
    empty.refused(f"runs/{uuid.uuid4()}", 422, at_version=1, at="2026-01-01T00:00:00Z")


def test_a_run_too_new_for_the_tables_is_told_from_the_log(
    world: World, api: Api
) -> None:
    run = waiting_run(world)
    answer = RunAnswer.model_validate(api.get(f"runs/{run}"))
    assert answer.state == "waiting_for_approval"
    assert answer.position == world.position


def test_a_run_that_this_version_cannot_fold_is_still_shown(
    world: World, api: Api
) -> None:
    """While a deployment goes on, projectors may understand more than this process."""
    run = waiting_run(world)
    world.project()
    expected = api.get(f"runs/{run}")
    world.execute(
        "ALTER TABLE ledger.runledger_events DISABLE TRIGGER append_only;"
        " UPDATE ledger.runledger_events SET topic = 'run.step.improved'"
        " WHERE topic = 'run.step.started'"
    )
    with served(world) as newcomer:  # that has not folded the run before
        answer = RunAnswer.model_validate(newcomer.get(f"runs/{run}"))
        assert answer.actions == []
        assert answer.explanation == expected["explanation"]
        assert [step.state for step in answer.steps] == [
            step["state"] for step in expected["steps"]
        ]
        problem = newcomer.refused(f"runs/{run}", 503, at_version=6)
        assert "its event list can still be read" in problem["detail"]
        assert len(newcomer.get(f"runs/{run}/events")["items"]) == answer.version


def test_an_unknown_run_is_unknown(world: World, api: Api) -> None:
    world.register()
    for path in (f"runs/{uuid.uuid4()}", "workflows/deploy/runs/9"):
        problem = api.refused(path, 404)
        assert problem["type"] == "urn:runledger:problem:unknown-run"
    assert api.refused("runs/42", 422)["errors"][0]["parameter"] == "run_id"


def test_a_run_is_found_by_its_number(world: World, api: Api) -> None:
    run = waiting_run(world)
    world.project()
    assert api.get("workflows/deploy/runs/1") == api.get(f"runs/{run}")


def test_retries_name_each_other(world: World, api: Api) -> None:
    world.register()
    first = world.create()
    world.do(first, *BUILT, StartStep(step="test"))
    world.do(first, FailStep(step="test", error=Failure(message="flaky\nvery")))
    second = world.retry(first)
    world.project()
    old, new = api.get(f"runs/{first}"), api.get(f"runs/{second}")
    assert old["lineage"]["retries"][0]["run_id"] == str(second)
    assert old["lineage"]["retries"][0]["number"] == 2
    assert new["lineage"]["retry_of"]["run_id"] == str(first)
    assert new["lineage"]["retry_of"]["state"] == "failed"
    assert new["lineage"]["root"]["run_id"] == str(first)
    assert "step test (attempt 1) did not succeed: Error: flaky." in old["explanation"]
    carried = new["steps"][0]
    assert carried["carried_from"] == str(first)
    assert carried["explanation"].startswith("Carried over from run")


def test_what_may_be_done_is_what_the_rules_say(world: World, api: Api) -> None:
    run = waiting_run(world)
    world.project()
    operator = world.token("operator", "approver")
    api.client.headers["Authorization"] = f"Bearer {operator}"
    answer = api.get(f"runs/{run}")
    assert action(answer, "cancel")["allowed"]
    assert action(answer, "pause")["allowed"]
    assert not action(answer, "start")["allowed"]
    assert action(answer, "retry")["code"] == "run-not-over"
    review = answer["steps"][2]
    assert action(review, "approve")["allowed"]
    assert action(review, "reject")["allowed"]
    step = StepAnswer.model_validate(api.get(f"runs/{run}/steps/build"))
    (redo,) = step.actions
    assert redo.command == "redo"
    assert redo.allowed
    assert {one.step for one in redo.verdicts} >= {"build", "test"}


def test_a_finished_run_may_be_retried_and_nothing_else(world: World, api: Api) -> None:
    run = waiting_run(world)
    world.do(run, CancelRun(reason="wrong image"), actor="ada")
    world.project()
    operator = world.token("operator")
    api.client.headers["Authorization"] = f"Bearer {operator}"
    answer = api.get(f"runs/{run}")
    assert answer["explanation"].startswith("Canceled by ada at 2026-11-01")
    assert "(wrong image)" in answer["explanation"]
    retry = action(answer, "retry")
    assert retry["allowed"]
    assert {one["step"] for one in retry["verdicts"]} == {"review", "ship"}
    for command in ("start", "pause", "continue", "cancel"):
        refused = action(answer, command)
        assert not refused["allowed"]
        assert refused["why_not"]
    again = world.retry(run)
    world.project()
    refused = action(api.get(f"runs/{run}"), "retry")
    assert refused["code"] == "retry-open"
    assert f"#{world.runs[again].number}" in refused["why_not"]


def test_a_run_that_moves_on_is_told_as_it_then_is(world: World, api: Api) -> None:
    """Folded runs are kept: each answer builds on the one before."""
    run = waiting_run(world)
    world.project()
    approver = world.token("approver")
    api.client.headers["Authorization"] = f"Bearer {approver}"
    assert action(api.get(f"runs/{run}")["steps"][2], "approve")["allowed"]
    world.do(run, Approve(step="review"), actor="bob")
    # The log has it, the tables do not: what is told is of one version.
    before = api.get(f"runs/{run}")
    assert action(before["steps"][2], "approve")["allowed"]
    world.project()
    after = api.get(f"runs/{run}")
    assert after["steps"][2]["actions"] == []
    assert after["inputs"] == before["inputs"]
    assert api.get(f"runs/{run}/steps/review")["actions"][0]["command"] == "redo"
    world.do(run, StartStep(step="ship"), CompleteStep(step="ship"))
    world.project()
    assert action(api.get(f"runs/{run}"), "retry")["code"] == "not-retriable"


def test_a_viewer_may_do_nothing(world: World, api: Api) -> None:
    run = waiting_run(world)
    world.project()
    answer = api.get(f"runs/{run}")
    assert not any(one["allowed"] for one in answer["actions"])
    assert action(answer, "cancel")["code"] == "forbidden"


def test_a_hold_says_who_and_why(world: World, api: Api) -> None:
    run = waiting_run(world)
    world.do(run, PauseRun(reason="freeze"), actor="ada")
    world.project()
    answer = api.get(f"runs/{run}")
    assert answer["state"] == "paused"
    assert answer["explanation"].startswith("Held by ada since 2026-11-01")
    assert "(freeze)" in answer["explanation"]


def test_a_step_tells_all_its_iterations(world: World, api: Api) -> None:
    run = waiting_run(world)
    world.do(run, RedoStep(step="build", feedback="smaller"), actor="bob")
    world.do(run, StartStep(step="build"))
    world.project()
    step = StepAnswer.model_validate(api.get(f"runs/{run}/steps/build"))
    assert [one.iteration for one in step.attempts] == [1, 2]
    assert step.iteration == 2
    assert step.explanation.startswith("Attempt 2 is run by worker-1 since")
    review = StepAnswer.model_validate(api.get(f"runs/{run}/steps/review"))
    assert review.approvals[0].state == "withdrawn"
    assert review.approvals[0].closed_because
    before = api.get(f"runs/{run}/steps/build", at_version=5)
    assert before["iteration"] == 1
    assert before["as_of"]["version"] == 5
    api.refused(f"runs/{run}/steps/nothing", 404)


def test_a_completed_run_says_so(world: World, api: Api) -> None:
    run = waiting_run(world)
    world.do(run, Approve(step="review"), actor="bob")
    world.do(run, StartStep(step="ship"), CompleteStep(step="ship"))
    world.project()
    answer = api.get(f"runs/{run}")
    assert answer["state"] == "completed"
    assert answer["explanation"].startswith("Completed at 2026-11-01")
    assert answer["steps"][2]["approvals"][0]["decisions"][0]["actor"] == "bob"
