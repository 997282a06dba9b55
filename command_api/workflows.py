"""Registering workflow versions."""

from __future__ import annotations

import orjson
from pydantic import BaseModel

from command_api.carrying_out import (
    ANSWER_HEADERS,
    KEY_HEADER,
    NamespacePath,
    request_of,
)
from command_api.parts import parts
from domain.workflow.commands import RegisterWorkflow
from domain.workflow.definition import WorkflowDefinition
from infra.web.operations import Answer, Body, Call, Operation, Reply


class Registered(BaseModel):
    """The version that has this definition."""

    workflow: str
    version: int
    position: int
    repeated: bool = False
    """The newest version was this one already; nothing was done."""


async def register_workflow(call: Call) -> Reply:
    path = call.path_as(NamespacePath)
    command = RegisterWorkflow(definition=call.body_as(WorkflowDefinition))
    request = request_of(call, path.ns, None, (command,))
    answer = await parts(call).handler.handle(request)
    version = b"%d" % answer.version
    assert request.key is not None, "request_of makes one where none was sent"
    return Reply(
        orjson.dumps(
            {
                "workflow": answer.workflow,
                "version": answer.version,
                "position": answer.position,
                "repeated": answer.repeated,
            }
        ),
        200 if answer.repeated else 201,
        (
            (b"etag", b'"%s"' % version),
            (b"idempotency-key", request.key.encode()),
            (b"runledger-position", b"%d" % answer.position),
            (b"runledger-version", version),
        ),
    )


OPERATIONS = (
    Operation(
        "POST",
        "/v1/{ns}/workflows",
        register_workflow,
        "Make a definition the workflow's newest version",
        action="worker",
        tag="workflows",
        description="The same as the newest version changes nothing.",
        path_model=NamespacePath,
        headers=(KEY_HEADER,),
        body=Body(WorkflowDefinition, required=True),
        answers={
            201: Answer(Registered, "There is a new version.", headers=ANSWER_HEADERS),
            200: Answer(
                Registered, "It is the newest already.", headers=ANSWER_HEADERS
            ),
        },
        problems=(
            "idempotency-key-reused",
            "conflict",
            "too-large",
            "schema-invalid",
        ),
    ),
)
