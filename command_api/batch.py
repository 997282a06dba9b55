"""Many runs' commands in one request: an answer for each run."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import orjson
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from command_api.carrying_out import (
    CommandAnswer,
    NamespacePath,
    a_key,
    allow,
    request_of,
    told,
)
from command_api.observed import Commands
from command_api.parts import parts
from domain.run.commands import Opening
from infra.web import problems
from infra.web.operations import MIB, Answer, Body, Call, Operation, Reply

if TYPE_CHECKING:
    from domain.requests import Answer as Handled
    from domain.requests import Request

BATCH_LIMIT = 8 * MIB
MAX_ITEMS = 1_000


class Item(BaseModel):
    """One run's commands: recorded all together or not at all."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: (
        Annotated[
            str,
            StringConstraints(min_length=1, max_length=200, pattern=r"^[\x21-\x7e]+$"),
        ]
        | None
    ) = None
    """Idempotency key of the item. Made by the service if it is absent."""
    run_id: UUID | None = None
    """May be left out where the first command makes the run."""
    if_match: int | None = Field(default=None, ge=1)
    commands: Commands


class Batch(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    items: Annotated[tuple[Item, ...], Field(min_length=1, max_length=MAX_ITEMS)]


class ItemAnswer(BaseModel):
    """What the item alone would have been answered."""

    status: int
    key: str
    answer: CommandAnswer | None = None
    problem: problems.ProblemDocument | None = None


class BatchAnswer(BaseModel):
    items: list[ItemAnswer]
    """In the order of the request's."""
    position: int
    """The last one that this batch has reached."""


async def batch(call: Call) -> Reply:
    path = call.path_as(NamespacePath)
    items = call.body_as(Batch).items
    requests: list[Request] = []
    outcomes: list[Handled | Exception | None] = []
    for item in items:
        try:
            for command in item.commands:
                allow(call.principal, command)
            await parts(call).actors.check(
                call.principal.name, item.run_id, item.commands
            )
        except problems.Problem as refused:
            outcomes.append(refused)
        else:
            outcomes.append(None)
            requests.append(_request(call, path.ns, item))
    handled = iter(await parts(call).handler.handle_batch(requests))
    results = [next(handled) if one is None else one for one in outcomes]
    keys = iter(requests)
    answers: list[dict[str, object]] = []
    position = 0
    for item, first, result in zip(items, outcomes, results, strict=True):
        key = next(keys).key if first is None else item.key or ""
        if isinstance(result, Exception):
            problem = problems.of(result)
            answers.append(
                {
                    "status": problem.status,
                    "key": key,
                    "problem": problem.document(call.scope["path"]),
                }
            )
            continue
        assert result is not None
        created = isinstance(item.commands[0], Opening) and not result.repeated
        position = max(position, result.position)
        answers.append(
            {"status": 201 if created else 200, "key": key, "answer": told(result)}
        )
    return Reply(
        orjson.dumps({"items": answers, "position": position}, default=str),
        200,
        ((b"runledger-position", b"%d" % position),),
    )


def _request(call: Call, namespace: str, item: Item) -> Request:
    content = item.model_dump_json(exclude={"key"}).encode()
    digest = hashlib.sha256(b"POST batch\n" + content).digest()
    return request_of(call, namespace, item.run_id, item.commands)._replace(
        key=item.key or a_key(), if_match=item.if_match, body_digest=digest
    )


_LIMITS = (
    f"At most {MAX_ITEMS} items and {BATCH_LIMIT} bytes. Each item is one run and is "
    "recorded as a whole or not at all; items of the same run are carried out in their "
    "order. One that is refused does not keep the others. A body that does not fit is "
    "refused as a whole, before anything is done."
)

OPERATIONS = (
    Operation(
        "POST",
        "/v1/{ns}/batch",
        batch,
        "Commands to many runs, an answer for each",
        # Each command has its own role besides.
        action="viewer",
        tag="batch",
        description=_LIMITS,
        path_model=NamespacePath,
        body=Body(Batch, limit=BATCH_LIMIT, required=True),
        answers={
            200: Answer(
                BatchAnswer,
                "An answer or a problem per item, in order.",
                headers={"Runledger-Position": "The last one that it has reached."},
            )
        },
    ),
)
