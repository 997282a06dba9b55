"""The workflows that the tests of the rules tell their stories about."""

from __future__ import annotations

from typing import Any

from domain.run.commands import CreateRun
from domain.workflow.definition import StepDefinition, WorkflowDefinition

CREATE = CreateRun(workflow="release")


def task(name: str, *needs: str, **more: Any) -> StepDefinition:
    return StepDefinition(name=name, needs=needs, **more)


def approval(name: str, *needs: str, **more: Any) -> StepDefinition:
    return StepDefinition(name=name, kind="approval", needs=needs, **more)


def workflow(*steps: StepDefinition, **more: Any) -> WorkflowDefinition:
    return WorkflowDefinition(name="release", steps=steps, **more)


ONE = workflow(task("build"))
CHAIN = workflow(task("build"), task("deploy", "build"))
REVIEWED = workflow(
    task("build"), approval("review", "build"), task("deploy", "review")
)
BRANCHES = workflow(
    task("build"),
    approval("review", "build"),
    task("scan", "build"),
    task("deploy", "review", "scan"),
)
"""One branch waits for people while the other one runs."""
FORK = workflow(task("left"), task("right"), task("after", "left", "right"))
LENIENT = FORK.model_copy(update={"on_failure": "continue"})
UNKNOWN_GRAPH = workflow()
