"""The matrix: cells aligned to the steps of all versions in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from domain.run.commands import (
    CompleteStep,
    FailStep,
    ObserveRun,
    RedoStep,
    StartStep,
)
from domain.workflow.definition import StepDefinition, WorkflowDefinition
from query_api.answers import Matrix
from query_api.matrix import merged

if TYPE_CHECKING:
    from tests.query_api.serving import Api
    from tests.query_api.world import World


def chain(name: str, *steps: str) -> WorkflowDefinition:
    return WorkflowDefinition(
        name=name, steps=tuple(StepDefinition(name=step) for step in steps)
    )


def test_a_column_says_how_each_step_is(world: World, api: Api) -> None:
    world.register()
    run = world.create()
    world.do(run, StartStep(step="build"), CompleteStep(step="build"))
    world.do(run, StartStep(step="test"), CompleteStep(step="test"))
    done = world.create()
    world.do(done, StartStep(step="build"), FailStep(step="build"))
    world.retry(done)
    position = world.project()
    matrix = Matrix.model_validate(api.get("workflows/deploy/matrix"))
    assert [step.name for step in matrix.steps] == ["build", "test", "review", "ship"]
    assert matrix.steps[2].kind == "approval"
    assert matrix.steps[2].needs == ["test"]
    assert matrix.position == position
    retry, failed, waiting = matrix.runs
    assert waiting.run_id == run
    assert (waiting.number, waiting.state) == (1, "waiting_for_approval")
    assert waiting.cells == "ccw."
    assert waiting.durations == [1.0, 1.0, None, None]
    assert waiting.attempts == [1, 1, 0, 0]
    assert waiting.flags == "0020"
    assert failed.cells[0] == "f"
    assert retry.retry_of == failed.run_id


def test_steps_of_all_versions_stand_in_one_order(world: World, api: Api) -> None:
    world.register(chain("w", "a", "old", "b", "c"))
    old = world.create("w")
    world.do(old, StartStep(step="old"), CompleteStep(step="old"))
    world.register(chain("w", "c", "a", "new", "b"))
    new = world.create("w")
    world.do(new, StartStep(step="new"))
    world.project()
    matrix = Matrix.model_validate(api.get("workflows/w/matrix"))
    assert [step.name for step in matrix.steps] == ["c", "a", "old", "new", "b"]
    latest, first = matrix.runs
    assert latest.run_id == new
    assert latest.cells == "qq rq"
    assert latest.attempts == [0, 0, 0, 1, 0]
    assert latest.flags == "00 00"
    assert first.cells == "qqc q"
    assert first.durations == [None, None, 1.0, None, None]
    assert (latest.version, first.version) == (2, 1)
    of_first = Matrix.model_validate(api.get("workflows/w/matrix", version=1))
    assert [step.name for step in of_first.steps] == ["a", "old", "b", "c"]
    assert [run.cells for run in of_first.runs] == ["qcqq"]


def test_an_observed_run_brings_its_own_steps(world: World, api: Api) -> None:
    world.register(WorkflowDefinition(name="w"))
    for steps in (("x", "y"), ("x", "z", "y")):
        run = world.create(
            "w", opening=ObserveRun(workflow="w", source="s", external_id=str(steps))
        )
        for step in steps:
            world.do(run, StartStep(step=step))
    world.project()
    matrix = Matrix.model_validate(api.get("workflows/w/matrix"))
    assert [step.name for step in matrix.steps] == ["x", "z", "y"]
    assert [run.cells for run in matrix.runs] == ["rrr", "r r"]


def test_a_redone_step_is_flagged(world: World, api: Api) -> None:
    world.register()
    run = world.create()
    world.do(run, StartStep(step="build"), CompleteStep(step="build"))
    world.do(run, RedoStep(step="build"))
    world.project()
    (column,) = api.get("workflows/deploy/matrix")["runs"]
    assert column["flags"][0] == "4"
    assert column["cells"][0] == "q"


def test_older_runs_are_a_page_away(world: World, api: Api) -> None:
    world.register()
    for _ in range(5):
        world.create()
    world.project()
    seen: list[int] = []
    before = None
    while True:
        page = api.get("workflows/deploy/matrix", runs=2, before=before)
        seen += [run["number"] for run in page["runs"]]
        before = page["next"]
        if before is None:
            break
    assert seen == [5, 4, 3, 2, 1]


def test_cells_alone_are_to_be_had(world: World, api: Api) -> None:
    world.register(chain("w", "a", "b"))
    first = world.create("w")
    world.do(first, StartStep(step="a"), CompleteStep(step="a"))
    world.register(chain("w", "b", "c", "a"))
    world.create("w")
    world.project()
    path = "workflows/w/matrix"
    whole = api.get(path)
    cells = Matrix.model_validate(api.get(path, detail="cells"))
    assert [run.cells for run in cells.runs] == ["qqq", "q c"]
    assert [(run.durations, run.attempts) for run in cells.runs] == [(None, None)] * 2
    for run in whole["runs"]:
        run["durations"] = run["attempts"] = None
    assert Matrix.model_validate(whole) == cells
    api.refused(path, 422, detail="some")


def test_single_runs_are_fetched_anew(world: World, api: Api) -> None:
    world.register()
    for _ in range(30):
        world.create()
    world.project()
    path = "workflows/deploy/matrix"

    def numbers(**params: object) -> list[int]:
        answer = api.get(path, **params)
        assert answer["next"] is None
        return [run["number"] for run in answer["runs"]]

    assert numbers(number=[3, 30, 7, 99]) == [30, 7, 3]
    assert numbers(number=list(range(1, 31))) == list(range(30, 0, -1))
    assert numbers(number=5, detail="cells", version=1) == [5]
    assert numbers(number=5, version=2) == []
    api.refused(path, 422, number=list(range(1, 202)))


def test_a_step_that_was_tried_again_is_flagged(world: World, api: Api) -> None:
    world.register()
    run = world.create()
    world.do(run, StartStep(step="build"), CompleteStep(step="build"))
    world.do(run, RedoStep(step="build"), StartStep(step="build"))
    world.project()
    (column,) = api.get("workflows/deploy/matrix", detail="cells")["runs"]
    assert column["flags"][0] == "c"


def test_a_workflow_without_runs_has_its_steps(world: World, api: Api) -> None:
    world.register()
    matrix = Matrix.model_validate(api.get("workflows/deploy/matrix"))
    assert len(matrix.steps) == 4
    assert matrix.runs == []
    problem = api.refused("workflows/nothing/matrix", 404)
    assert problem["type"] == "urn:runledger:problem:unknown-workflow"


@pytest.mark.parametrize(
    ("orders", "expected"),
    [
        ([], ""),
        (["abc"], "abc"),
        (["abc", "abc"], "abc"),
        (["ac", "abc"], "abc"),
        (["abc", "xabcy"], "xabcy"),
        (["abc", "cba"], "abc"),
        (["abc", "cxb"], "abcx"),
        (["ab", "axb", "ayb"], "ayxb"),
    ],
)
def test_an_extra_step_stands_after_its_predecessor(
    orders: list[str], expected: str
) -> None:
    assert "".join(merged(list(order) for order in orders)) == expected
