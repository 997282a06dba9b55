"""WfFormat 1.5 instances (wfcommons.org): one file is one run of its workflow."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, BaseModel, Field, ValidationError

from runledger.importing.observed import (
    Definition,
    ObservedRun,
    Unreadable,
    one_line,
    step_name,
)

if TYPE_CHECKING:
    from runledger.importing.observed import Command, Content

MICROSECONDS = 1_000_000

Aware = Annotated[
    datetime,
    AfterValidator(lambda at: at if at.tzinfo else at.replace(tzinfo=UTC)),
]
Seconds = Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)]


class Task(BaseModel):
    """A task as specified."""

    id: str
    name: str = ""
    parents: tuple[str, ...] = ()


class Execution(BaseModel, extra="allow"):
    """A task as executed; whatever else the file says of it becomes its output."""

    id: str
    runtime_s: Seconds | None = Field(default=None, alias="runtimeInSeconds")
    executed_at: Aware | None = Field(default=None, alias="executedAt")

    @property
    def duration_us(self) -> int | None:
        if self.runtime_s is None:
            return None
        return round(self.runtime_s * MICROSECONDS)


class Specification(BaseModel):
    tasks: tuple[Task, ...]


class Executed(BaseModel):
    makespan_s: Seconds | None = Field(default=None, alias="makespanInSeconds")
    executed_at: Aware | None = Field(default=None, alias="executedAt")
    tasks: tuple[Execution, ...]
    machines: list[dict[str, Any]] = []


class Workflow(BaseModel):
    specification: Specification
    execution: Executed


class Instance(BaseModel):
    """What we read of the file."""

    name: str
    description: str = ""
    created_at: str | None = Field(default=None, alias="createdAt")
    schema_version: str = Field(alias="schemaVersion")
    runtime_system: dict[str, Any] = Field(default={}, alias="runtimeSystem")
    workflow: Workflow


def read(content: Content, workflow: str | None) -> tuple[Definition, ObservedRun]:
    """The definition and the one run of an instance.

    Raises:
        Unreadable: it is no JSON, no WfFormat 1.5, or contradicts itself.
    """
    text = content.read()
    instance = _parse(text)
    ordered = _topological(instance.workflow.specification.tasks)
    definition = Definition(
        step_name(workflow or instance.name),
        tuple((step_name(t.id), tuple(map(step_name, t.parents))) for t in ordered),
        instance.description,
    )
    execution = instance.workflow.execution
    at = execution.executed_at
    run = ObservedRun(
        source=one_line(str(instance.runtime_system.get("name") or "wfformat")),
        external_id=_external_id(instance, text),
        commands=_commands(execution, [task.id for task in ordered]),
        outcome="completed",
        occurred_at=None if at is None else at.isoformat(),
        inputs=_inputs(instance),
        entries=Counter({("task", "complete_step"): len(execution.tasks)}),
        place=f"instance {instance.name!r}",
    )
    end: Command = {"type": "end_run", "outcome": "completed"}
    if execution.makespan_s is not None:
        end["duration_us"] = round(execution.makespan_s * MICROSECONDS)
        if at is not None:
            at += timedelta(microseconds=end["duration_us"])
    if at is not None:
        end["occurred_at"] = at.isoformat()
    run.commands.append(end)
    return definition, run


def _parse(text: bytes) -> Instance:
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        raise Unreadable(
            f"this is not JSON ({error.msg.lower()})",
            place=f"line {error.lineno}",
            advice="get the file again",
        ) from error
    except (UnicodeDecodeError, RecursionError) as error:
        raise Unreadable("this is not JSON", advice="get the file again") from error
    version = found.get("schemaVersion") if isinstance(found, dict) else None
    if not isinstance(version, str):
        raise Unreadable(
            "this is JSON, but no WfFormat instance (it has no schemaVersion)",
            advice="import instances of wfcommons.org",
        )
    if version != "1.5":
        raise Unreadable(
            f"this is WfFormat {one_line(version, 20)}, and 1.5 is what is read",
            advice="convert it with the wfcommons package",
        )
    try:
        return Instance.model_validate(found)
    except ValidationError as error:
        first = error.errors()[0]
        raise Unreadable(
            first["msg"].lower(),
            place=".".join(str(part) for part in first["loc"]),
            advice="compare it with the WfFormat 1.5 schema",
        ) from error


def _topological(tasks: tuple[Task, ...]) -> list[Task]:
    """Each task after those it needs; in file order where the graph leaves it open."""
    known = Counter(task.id for task in tasks)
    for task in tasks:
        if known[task.id] > 1:
            raise Unreadable(f"two tasks have the id {task.id!r}", advice="rename one")
        for parent in task.parents:
            if parent not in known:
                raise Unreadable(
                    f"task {task.id!r} needs {parent!r}, which is no task",
                    advice="add it or leave it out of the parents",
                )
    done: set[str] = set()
    ordered: list[Task] = []
    left = list(tasks)
    while left:
        ready = [task for task in left if done.issuperset(task.parents)]
        if not ready:
            raise Unreadable(
                f"tasks need each other in a circle ({left[0].id!r} among them)",
                advice="mend the parents",
            )
        ordered += ready
        done.update(task.id for task in ready)
        left = [task for task in left if task.id not in done]
    return ordered


def _commands(execution: Executed, order: list[str]) -> list[Command]:
    """Reports in the order they happened; without times in the order of the graph."""
    places = {task: place for place, task in enumerate(order)}
    found: list[tuple[datetime, int, Command]] = []
    begin = execution.executed_at or datetime.min.replace(tzinfo=UTC)
    for task in execution.tasks:
        if task.id not in places:
            raise Unreadable(
                f"task {task.id!r} was executed but is not specified",
                advice="add it to workflow.specification.tasks",
            )
        step, place = step_name(task.id), places[task.id]
        done: Command = {"type": "complete_step", "step": step}
        if task.model_extra:
            done["output"] = task.model_extra
        ended = task.executed_at or begin
        if task.executed_at is not None and task.duration_us is not None:
            start = {"type": "start_step", "step": step}
            start["occurred_at"] = task.executed_at.isoformat()
            found.append((task.executed_at, place, start))
            ended += timedelta(microseconds=task.duration_us)
        elif task.duration_us is not None:
            done["duration_us"] = task.duration_us
        if ended is not begin or execution.executed_at is not None:
            done["occurred_at"] = ended.isoformat()
        found.append((ended, place, done))
    return [command for _, _, command in sorted(found, key=lambda it: it[:2])]


def _external_id(instance: Instance, text: bytes) -> str:
    """Name and time of the execution; without a time what the file contains."""
    at = instance.workflow.execution.executed_at
    told = hashlib.sha256(text).hexdigest() if at is None else at.isoformat()
    return f"{one_line(instance.name, 100)} {told}"


def _inputs(instance: Instance) -> dict[str, Any]:
    told = {
        "created_at": instance.created_at,
        "runtime_system": instance.runtime_system,
        "machines": instance.workflow.execution.machines,
    }
    return {key: value for key, value in told.items() if value}
