"""Workflows, their versions, and what is counted over their runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.run.commands import CancelRun, CompleteStep, FailStep, StartStep
from domain.workflow.definition import StepDefinition, WorkflowDefinition
from query_api.answers import Days, VersionList, WorkflowAnswer, WorkflowList
from query_api.workflows import RECENT

if TYPE_CHECKING:
    from tests.query_api.serving import Api
    from tests.query_api.world import World


def small(name: str, step: str = "go") -> WorkflowDefinition:
    return WorkflowDefinition(name=name, steps=(StepDefinition(name=step),))


def test_workflows_come_with_their_runs_by_state(world: World, api: Api) -> None:
    world.register()
    world.register(small("zoo"))
    for _ in range(3):
        world.create()
    bad = world.create()
    world.do(bad, StartStep(step="build"), FailStep(step="build"))
    world.project()
    answer = WorkflowList.model_validate(api.get("workflows"))
    deploy, zoo = answer.items
    assert (deploy.name, zoo.name) == ("deploy", "zoo")
    assert deploy.runs == {"queued": 3, "failed": 1}
    assert deploy.step_count == 4
    assert zoo.runs == {}


def test_pages_go_by_name(world: World, api: Api) -> None:
    names = [f"w {n}" for n in range(5)]
    for name in names:
        world.register(small(name))
    world.project()
    first = api.get("workflows", limit=3)
    second = api.get("workflows", limit=3, cursor=first["next"])
    assert [item["name"] for item in first["items"] + second["items"]] == names
    assert second["next"] is None


def test_each_shows_its_last_runs_newest_first(world: World, api: Api) -> None:
    world.register()
    world.register(small("zoo"))
    first = world.create("zoo")
    runs = [world.create() for _ in range(RECENT + 1)]
    world.do(runs[-1], CancelRun())
    world.do(first, StartStep(step="go"), CompleteStep(step="go"))
    world.project()
    deploy, zoo = WorkflowList.model_validate(api.get("workflows")).items
    assert [run.run_id for run in deploy.recent] == runs[:0:-1]
    newest, before = deploy.recent[:2]
    assert (newest.number, newest.state) == (RECENT + 1, "canceled")
    assert newest.duration_s == 1.0
    assert (before.state, before.duration_s) == ("queued", None)
    (only,) = zoo.recent
    assert (only.run_id, only.state) == (first, "completed")
    assert only.duration_s is not None


def test_a_part_of_the_name_finds_them(world: World, api: Api) -> None:
    for name in ("Nightly build", "build", "100 % sure", "Überprüfung"):
        world.register(small(name))
    world.project()

    def named(q: str, **params: object) -> list[str]:
        return [item["name"] for item in api.get("workflows", q=q, **params)["items"]]

    assert named("BUILD") == ["Nightly build", "build"]
    assert named("%") == ["100 % sure"]
    assert named("_") == []
    assert named("über") == ["Überprüfung"]
    first = api.get("workflows", q="build", limit=1)
    assert named("build", cursor=first["next"]) == ["build"]


def test_a_version_is_told_from_the_log(world: World, api: Api) -> None:
    world.register(small("w", "one"))
    world.register(small("w", "two"))
    # Nothing is projected yet, and both are there.
    newest = WorkflowAnswer.model_validate(api.get("workflows/w"))
    assert (newest.version, newest.newest_version) == (2, 2)
    assert newest.definition.steps[0].name == "two"
    assert newest.registered_by == "ada"
    first = WorkflowAnswer.model_validate(api.get("workflows/w", version=1))
    assert first.definition.steps[0].name == "one"
    for path, params in (("workflows/w", {"version": 3}), ("workflows/x", {})):
        problem = api.refused(path, 404, **params)
        assert problem["type"] == "urn:runledger:problem:unknown-workflow"


def test_versions_are_listed_newest_first(world: World, api: Api) -> None:
    definitions = [small("w", f"step {n}") for n in range(4)]
    definitions.append(WorkflowDefinition(name="w"))
    for definition in definitions:
        world.register(definition)
    world.register(small("other"))
    # Nothing is projected yet, and all are there.
    path = "workflows/w/versions"
    first = VersionList.model_validate(api.get(path, limit=3))
    assert [item.version for item in first.items] == [5, 4, 3]
    newest, before = first.items[:2]
    assert (newest.step_count, before.step_count) == (0, 1)
    assert before.digest == definitions[3].digest
    assert before.registered_by == "ada"
    one = api.get("workflows/w", version=4)
    assert before.registered_at == WorkflowAnswer.model_validate(one).registered_at
    second = api.get(path, limit=3, cursor=first.next)
    assert [item["version"] for item in second["items"]] == [2, 1]
    assert second["next"] is None
    problem = api.refused("workflows/nothing/versions", 404)
    assert problem["type"] == "urn:runledger:problem:unknown-workflow"


def test_days_are_summed_over_partitions(world: World, api: Api) -> None:
    world.register()
    runs = [world.create() for _ in range(10)]
    for run in runs[:4]:
        world.do(run, CancelRun())
    world.project()
    day = world.now.date().isoformat()
    answer = Days.model_validate(api.get("workflows/deploy/days", since=day, until=day))
    (only,) = answer.items
    assert (only.created, only.canceled, only.completed) == (10, 4, 0)
    empty = api.get("workflows/deploy/days", since="2020-01-01", until="2020-01-02")
    assert empty["items"] == []
    api.refused("workflows/deploy/days", 422, since="2000-01-01", until="2020-01-01")
    api.refused("workflows/nothing/days", 404)


def test_a_name_may_hold_more_than_letters(world: World, api: Api) -> None:
    name = "Überprüfung: 100 % & more?"
    world.register(small(name, "Schritt #1"))
    run = world.create(name)
    world.project()
    path = "workflows/%C3%9Cberpr%C3%BCfung%3A%20100%20%25%20%26%20more%3F"
    assert api.get(path)["name"] == name
    assert len(api.get(f"{path}/matrix")["runs"]) == 1
    assert api.get(f"runs/{run}/steps/Schritt%20%231")["step"] == "Schritt #1"
    assert len(api.get("runs", workflow=name)["items"]) == 1
