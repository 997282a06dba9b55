"""WfFormat instances as observed runs."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from runledger.importing import wfformat
from runledger.importing.observed import Definition, ObservedRun, Unreadable

FOLDER = Path(__file__).parents[3] / "shared/data/wfinstances"


def instance(**changed: Any) -> dict[str, Any]:
    """``load`` needs ``extract``, and stands before it in the file."""
    return {
        "name": "etl",
        "schemaVersion": "1.5",
        "runtimeSystem": {"name": "Makeflow"},
        "workflow": {
            "specification": {
                "tasks": [
                    {"name": "l", "id": "load", "parents": ["extract"]},
                    {"name": "e", "id": "extract", "parents": []},
                ]
            },
            "execution": {
                "makespanInSeconds": 12.5,
                "executedAt": "2026-03-01T09:00:00+00:00",
                "tasks": [
                    {"id": "load", "runtimeInSeconds": 2.000001, "coreCount": 4},
                    {"id": "extract", "runtimeInSeconds": 0.054023},
                ],
            },
        },
        **changed,
    }


def read(
    told: dict[str, Any] | bytes, workflow: str | None = None
) -> tuple[Definition, ObservedRun]:
    content = told if isinstance(told, bytes) else json.dumps(told).encode()
    return wfformat.read(io.BytesIO(content), workflow)


def test_the_graph_is_the_workflow_in_topological_order() -> None:
    definition, _ = read(instance())
    assert definition.name == "etl"
    assert definition.steps == (("extract", ()), ("load", ("extract",)))
    assert read(instance(), "mine")[0].name == "mine"


def test_a_runtime_without_a_start_is_a_duration_and_no_start_is_made_up() -> None:
    _, run = read(instance())
    at = "2026-03-01T09:00:00+00:00"
    assert run.commands == [
        {
            "type": "complete_step",
            "step": "extract",
            "duration_us": 54_023,
            "occurred_at": at,
        },
        {
            "type": "complete_step",
            "step": "load",
            "output": {"coreCount": 4},
            "duration_us": 2_000_001,
            "occurred_at": at,
        },
        {
            "type": "end_run",
            "outcome": "completed",
            "duration_us": 12_500_000,
            "occurred_at": "2026-03-01T09:00:12.500000+00:00",
        },
    ]
    assert (run.source, run.external_id) == ("Makeflow", f"etl {at}")


def test_a_task_that_tells_its_start_has_one() -> None:
    told = instance()
    tasks = told["workflow"]["execution"]["tasks"]
    tasks[0]["executedAt"] = "2026-03-01T09:00:05+00:00"
    _, run = read(told)
    start = next(c for c in run.commands if c["type"] == "start_step")
    assert start == {
        "type": "start_step",
        "step": "load",
        "occurred_at": "2026-03-01T09:00:05+00:00",
    }
    done = next(c for c in run.commands if c.get("step") == "load" and c != start)
    assert done["occurred_at"] == "2026-03-01T09:00:07.000001+00:00"
    assert "duration_us" not in done


def test_without_a_time_the_content_tells_runs_apart() -> None:
    told = instance()
    del told["workflow"]["execution"]["executedAt"]
    first, second = read(told)[1], read(told | {"description": "other"})[1]
    assert first.external_id == read(told)[1].external_id != second.external_id
    assert all("occurred_at" not in command for command in first.commands)


def changed(path: str, value: Any) -> bytes:
    told: Any = instance()
    *folders, last = path.split(".")
    here = told
    for name in folders:
        here = here[int(name) if name.isdigit() else name]
    here[int(last) if last.isdigit() else last] = value
    return json.dumps(told).encode()


TASKS = "workflow.specification.tasks"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"name": \n oops', "line 2: this is not JSON"),
        (b"{}", "no schemaVersion"),
        (changed("schemaVersion", "1.3"), "WfFormat 1.3, and 1.5"),
        (changed(TASKS + ".0.parents", ["nobody"]), "'nobody', which is no task"),
        (changed(TASKS + ".1.parents", ["load"]), "in a circle"),
        (changed(TASKS + ".1.id", "load"), "two tasks have the id 'load'"),
        (changed("workflow.execution.tasks.0.id", "x"), "not specified"),
        (
            changed("workflow.execution.tasks.1.runtimeInSeconds", -1),
            "workflow.execution.tasks.1.runtimeInSeconds",
        ),
    ],
)
def test_a_bad_instance_says_what_and_where(content: bytes, said: str) -> None:
    with pytest.raises(Unreadable) as raised:
        read(content)
    assert said in raised.value.sentence("bad.json")


@pytest.mark.skipif(not FOLDER.is_dir(), reason="no shared data beside the repository")
def test_five_real_instances_are_five_runs_of_one_graph() -> None:
    found = [read(path.read_bytes()) for path in sorted(FOLDER.glob("*.json"))]
    assert len({definition for definition, _ in found}) == 1
    assert len({run.external_id for _, run in found}) == 5
    assert [len(definition.steps) for definition, _ in found] == [43] * 5
    for path, (_, run) in zip(sorted(FOLDER.glob("*.json")), found, strict=True):
        told = json.loads(path.read_text())["workflow"]["execution"]["tasks"]
        took = {c["step"]: c["duration_us"] for c in run.commands if "step" in c}
        assert took == {
            task["id"]: round(task["runtimeInSeconds"] * 1e6) for task in told
        }
