"""Reports and decisions about one step of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast
from uuid import UUID

from pydantic import BaseModel

from command_api.carrying_out import (
    COMMON_PROBLEMS,
    DONE,
    HEADERS,
    carry_out,
)
from domain.ids import Name, NamespaceName
from domain.run.commands import (
    Approve,
    CompleteStep,
    DelegateApproval,
    FailStep,
    RedoStep,
    Reject,
    RequestApproval,
    StartStep,
)
from infra.web.operations import Body, Call, Operation, Reply

if TYPE_CHECKING:
    from domain.commands import Command
    from infra.access import Action


class StepPath(BaseModel):
    ns: NamespaceName
    run_id: UUID
    step: Name


def _operation(
    verb: str,
    model: type[Command],
    summary: str,
    description: str,
    *more: str,
    required: bool = False,
) -> Operation:
    async def endpoint(call: Call) -> Reply:
        path = call.path_as(StepPath)
        return await carry_out(call, path.ns, path.run_id, (call.body_as(model),))

    endpoint.__name__ = model.model_fields["type"].default
    return Operation(
        "POST",
        f"/v1/{{ns}}/runs/{{run_id}}/steps/{{step}}/{verb}",
        endpoint,
        summary,
        action=cast("Action", model.role),
        tag="steps",
        description=description,
        path_model=StepPath,
        headers=HEADERS,
        body=Body(model, required=required, in_path=("step",), implied=("type",)),
        answers={200: DONE},
        problems=(*COMMON_PROBLEMS, "unknown-step", *more),
    )


_REPORTER = (
    "`actor` and `occurred_at` are for observed runs; in a run of ours the caller did "
    "it, now."
)

OPERATIONS = (
    _operation("start", StartStep, "Report that an attempt has started", _REPORTER),
    _operation(
        "complete",
        CompleteStep,
        "Report that the attempt has succeeded",
        f"Steps that needed it are queued. {_REPORTER}",
        "not-your-job",
    ),
    _operation(
        "fail",
        FailStep,
        "Report that the attempt has failed",
        f"Another one is queued while the step may have more. {_REPORTER}",
        "not-your-job",
    ),
    _operation(
        "request-approval",
        RequestApproval,
        "Report success, and ask people about the output",
        f"The attempt is over; the step waits for their decision. {_REPORTER}",
        "not-your-job",
        "schema-invalid",
    ),
    _operation(
        "approve",
        Approve,
        "Agree",
        "Name the iteration and the digest of what was shown, so that an answer to "
        "something else is not taken. `form` is what the policy's form asks for.",
        "not-an-approver",
        "stale-decision",
        "form-invalid",
    ),
    _operation(
        "reject",
        Reject,
        "Disagree",
        "Once as many disagree as the policy says. What follows, the step's definition "
        "tells (`on_reject`).",
        "not-an-approver",
        "stale-decision",
        "form-invalid",
    ),
    _operation(
        "delegate",
        DelegateApproval,
        "Have somebody else decide in one's place",
        "The caller no longer decides then, unless the other one hands it back, by "
        "delegating it to them. Nobody takes two places.",
        "not-an-approver",
        "stale-decision",
        required=True,
    ),
    _operation(
        "redo",
        RedoStep,
        "Ask for another iteration of a step",
        "All that was built on it is reset. On an approval step it redoes the step "
        "whose output is under review. Where a step would run again that is not known "
        "to be safe to, `accept_unsafe` says that the caller knows.",
        "not-an-approver",
        "unsafe-to-repeat",
    ),
)
