"""Runs that ran elsewhere, and reports about any run as a list of commands."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID  # noqa: TC003 - pydantic evaluates it

from pydantic import BaseModel, ConfigDict, Field

from command_api.carrying_out import (
    COMMON_PROBLEMS,
    CREATED,
    DONE,
    HEADERS,
    NamespacePath,
    RunPath,
    allow,
    carry_out,
)
from command_api.runs import RETRY_PROBLEMS
from domain.run.commands import ObserveRun, RunCommand
from infra.web.operations import Body, Call, Operation, Reply

MAX_COMMANDS = 10_000

Commands = Annotated[
    tuple[RunCommand, ...], Field(min_length=1, max_length=MAX_COMMANDS)
]


class ObservedRun(ObserveRun):
    """A run that is to be put on record. With its own ``run_id`` it can be repeated."""

    run_id: UUID | None = None
    """By default the service makes one."""


class Reports(BaseModel):
    """Commands to one run, in order: recorded all together or not at all."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    commands: Commands


async def observe_run(call: Call) -> Reply:
    path = call.path_as(NamespacePath)
    body = call.body_as(ObservedRun)
    # The very class: the rules match commands by it.
    command = ObserveRun.model_validate(body.model_dump(exclude={"run_id"}))
    return await carry_out(call, path.ns, body.run_id, (command,), creates=True)


async def report(call: Call) -> Reply:
    path = call.path_as(RunPath)
    commands = call.body_as(Reports).commands
    for command in commands:
        allow(call.principal, command)
    return await carry_out(call, path.ns, path.run_id, commands)


OPERATIONS = (
    Operation(
        "POST",
        "/v1/{ns}/observed-runs",
        observe_run,
        "Put a run on record that ran, or runs, elsewhere",
        action="worker",
        tag="observed runs",
        path_model=NamespacePath,
        headers=HEADERS,
        body=Body(ObservedRun, implied=("type",), required=True),
        answers={201: CREATED, 200: DONE},
        problems=COMMON_PROBLEMS,
    ),
    Operation(
        "POST",
        "/v1/{ns}/runs/{run_id}/commands",
        report,
        "Several commands to one run: all or none",
        # Each command has its own role besides.
        action="viewer",
        tag="observed runs",
        description=f"At most {MAX_COMMANDS} commands, each with its `type`. Each of "
        "them takes the role that its own operation takes.",
        path_model=RunPath,
        headers=HEADERS,
        body=Body(Reports, required=True),
        answers={200: DONE},
        problems=(
            *COMMON_PROBLEMS,
            *RETRY_PROBLEMS,
            "not-your-job",
            "not-an-approver",
            "stale-decision",
            "form-invalid",
            "schema-invalid",
        ),
    ),
)
