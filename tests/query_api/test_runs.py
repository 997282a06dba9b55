"""Lists of runs: every filter, pages that are whole, cursors that are ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from domain.run.commands import (
    CompleteStep,
    FailStep,
    ObserveRun,
    PauseRun,
    StartStep,
)
from domain.run.events import Failure
from domain.workflow.definition import StepDefinition, WorkflowDefinition
from query_api.answers import RunList
from tests.query_api.world import SECOND

if TYPE_CHECKING:
    from domain.ids import RunId
    from tests.query_api.serving import Api
    from tests.query_api.world import World


def ids(answer: dict[str, list[dict[str, str]]]) -> list[str]:
    return [item["run_id"] for item in answer["items"]]


def failed(world: World) -> RunId:
    run = world.create()
    world.do(run, StartStep(step="build"))
    world.do(run, FailStep(step="build", error=Failure(type="E", message="no")))
    return run


def test_an_answer_is_as_it_is_described(world: World, api: Api) -> None:
    world.register()
    failed(world)
    position = world.project()
    answer = RunList.model_validate(api.get("runs"))
    assert answer.position == position
    assert not answer.stale
    (run,) = answer.items
    assert run.state == "failed"
    assert run.cause is not None
    assert run.cause.error is not None
    assert run.cause.error.message == "no"
    assert run.duration_s == 2.0


def test_every_filter_finds_its_runs_and_no_others(world: World, api: Api) -> None:
    world.register()
    other = WorkflowDefinition(name="other", steps=(StepDefinition(name="go"),))
    world.register(other)
    bad = failed(world)
    held = world.create(actor="bob")
    world.do(held, PauseRun(reason="wait"), actor="ada")
    noon = world.now
    later = world.create("other")
    observed = world.create(
        "other",
        opening=ObserveRun(workflow="other", source="jenkins", external_id="#7"),
    )
    retry = world.retry(bad)
    world.register(other)
    newer = world.create("other")
    world.project()
    every = [newer, retry, observed, later, held, bad]
    assert ids(api.get("runs")) == [str(run) for run in every]
    cases: list[tuple[dict[str, object], list[RunId]]] = [
        ({"workflow": "deploy"}, [retry, held, bad]),
        ({"state": "failed"}, [bad]),
        ({"state": ["failed", "paused"]}, [held, bad]),
        ({"actor": "bob"}, [held]),
        ({"created_after": (noon - SECOND / 2).isoformat()}, every[:4]),
        ({"created_before": noon.isoformat()}, [held, bad]),
        ({"retry_of": str(bad)}, [retry]),
        ({"observed": "true"}, [observed]),
        ({"external_id": "#7"}, [observed]),
        ({"number": "2", "workflow": "deploy"}, [held]),
        ({"workflow": "nothing"}, []),
        ({"version": "2"}, [newer]),
        ({"version": "1", "workflow": "other"}, [observed, later]),
        ({"retry": "true"}, [retry]),
        ({"retry": "false", "workflow": "deploy"}, [held, bad]),
    ]
    for params, expected in cases:
        assert ids(api.get("runs", **params)) == [str(run) for run in expected], params


def test_pages_are_whole_and_hold_nothing_twice_while_runs_come(
    world: World, api: Api
) -> None:
    world.register()
    before = [str(world.create()) for _ in range(23)]
    world.project()
    seen: list[str] = []
    cursor = None
    while True:
        page = api.get("runs", limit=5, cursor=cursor)
        assert len(page["items"]) <= 5
        seen += ids(page)
        world.create()
        world.project()
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == before[::-1]


def test_runs_of_one_moment_are_all_found(world: World, api: Api) -> None:
    world.register()
    moment = world.now
    expected = set()
    for _ in range(7):
        world.now = moment
        expected.add(str(world.create()))
    world.project()
    seen: list[str] = []
    cursor = None
    for _ in range(7):
        page = api.get("runs", limit=1, cursor=cursor)
        seen += ids(page)
        cursor = page["next"]
    assert cursor is None
    assert set(seen) == expected
    assert len(seen) == 7


@pytest.mark.parametrize(
    "cursor", ["nonsense", "eyJhIjoxfQ", "e30", "%00", "eyJuYW1lIjoiYSJ9", "a" * 1999]
)
def test_a_cursor_of_another_make_is_refused(empty: Api, cursor: str) -> None:
    problem = empty.refused("runs", 400, cursor=cursor)
    assert problem["type"] == "urn:runledger:problem:bad-cursor"


@pytest.mark.parametrize(
    "params",
    [
        {"limit": 0},
        {"limit": 501},
        {"state": "sleeping"},
        {"retry_of": "x"},
        {"created_after": "yesterday"},
        {"created_after": "2026-11-01T00:00:00"},
        {"observd": "true"},
        {"wait_s": 1000},
    ],
)
def test_what_does_not_fit_is_named(empty: Api, params: dict[str, object]) -> None:
    problem = empty.refused("runs", 422, **params)
    assert problem["errors"][0]["parameter"] == next(iter(params))


def test_another_namespace_is_closed(world: World, api: Api) -> None:
    world.register()
    run = world.create()
    world.project()
    stranger = world.token(namespace="other")
    api.client.headers["Authorization"] = f"Bearer {stranger}"
    for path in ("runs", f"runs/{run}", "events", "events/stream", "approvals"):
        problem = api.refused(path, 403)
        assert problem["type"] == "urn:runledger:problem:forbidden"
    # The id alone opens nothing: in its own namespace there is no such run.
    assert api.refused_at(f"/v1/other/runs/{run}", 404)["status"] == 404
    assert api.ask(f"/v1/other/runs/{run}/events")["items"] == []
    assert api.ask("/v1/other/events")["items"] == []


def test_a_finished_step_is_counted(world: World, api: Api) -> None:
    world.register()
    run = world.create()
    world.do(run, StartStep(step="build"), CompleteStep(step="build", output=1))
    world.project()
    (item,) = api.get("runs")["items"]
    assert item["step_counts"] == {"completed": 1, "queued": 1, "not_started": 2}
    assert item["active_steps"] == ["test"]
