"""Commands to a run as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast
from uuid import UUID  # noqa: TC003 - pydantic evaluates it

from command_api.carrying_out import (
    COMMON_PROBLEMS,
    CREATED,
    DONE,
    HEADERS,
    NamespacePath,
    RunPath,
    carry_out,
)
from domain.run.commands import (
    CancelRun,
    ContinueRun,
    CreateRun,
    PauseRun,
    RetryRun,
    StartRun,
)
from infra.web.operations import Body, Call, Operation, Reply

if TYPE_CHECKING:
    from domain.commands import Command
    from infra.access import Action


RETRY_PROBLEMS = (
    "run-not-over",
    "retry-open",
    "not-retriable",
    "unsafe-to-repeat",
    "unknown-step",
    "inputs-invalid",
)


class NewRun(CreateRun):
    """A run to be. With its own ``run_id`` a service knows it before it is made."""

    run_id: UUID | None = None
    """By default the service makes one."""


async def create_run(call: Call) -> Reply:
    path = call.path_as(NamespacePath)
    body = call.body_as(NewRun)
    # The very class: the rules match commands by it.
    command = CreateRun.model_construct(
        **{name: getattr(body, name) for name in CreateRun.model_fields}
    )
    return await carry_out(call, path.ns, body.run_id, (command,), creates=True)


def _operation(
    verb: str, model: type[Command], summary: str, description: str, *more: str
) -> Operation:
    creates = model is RetryRun

    async def endpoint(call: Call) -> Reply:
        path = call.path_as(RunPath)
        command = call.body_as(model)
        return await carry_out(call, path.ns, path.run_id, (command,), creates=creates)

    endpoint.__name__ = model.model_fields["type"].default
    return Operation(
        "POST",
        f"/v1/{{ns}}/runs/{{run_id}}/{verb}",
        endpoint,
        summary,
        action=cast("Action", model.role),
        tag="runs",
        description=description,
        path_model=RunPath,
        headers=HEADERS,
        body=Body(model, implied=("type",)),
        answers={201: CREATED, 200: DONE} if creates else {200: DONE},
        problems=(*COMMON_PROBLEMS, *more),
    )


OPERATIONS = (
    Operation(
        "POST",
        "/v1/{ns}/runs",
        create_run,
        "Create a run, and start it unless told otherwise",
        action="operator",
        tag="runs",
        path_model=NamespacePath,
        headers=HEADERS,
        body=Body(NewRun, implied=("type",), required=True),
        answers={201: CREATED, 200: DONE},
        problems=(*COMMON_PROBLEMS, "inputs-invalid"),
    ),
    _operation(
        "start", StartRun, "Start a run that was created without", "Queues its steps."
    ),
    _operation(
        "pause",
        PauseRun,
        "Hold a run",
        "Running attempts finish; nothing new is queued until it is continued.",
    ),
    _operation(
        "continue",
        ContinueRun,
        "End a hold",
        "What became due in the meantime goes on.",
    ),
    _operation(
        "cancel",
        CancelRun,
        "Cancel a run",
        "Steps that idle are canceled at once, running ones when they have ended; "
        "`force` waits for nobody.",
    ),
    _operation(
        "retry",
        RetryRun,
        "Run a finished run's unfinished part again, as a new run",
        "The answer is about the new run; `linked` is the finished one, which gets a "
        "link and is otherwise as it was. `inputs`, if given at all, replace the old "
        "run's. Where a step would run again that is not known to be safe to, "
        "`accept_unsafe` says that the caller knows.",
        *RETRY_PROBLEMS,
    ),
)
