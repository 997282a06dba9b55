"""Tokens of a namespace, for its administrators."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from command_api.carrying_out import NamespacePath
from command_api.parts import parts
from domain.ids import Line, NamespaceName
from infra.access import Role, Token
from infra.web.operations import Answer, Body, Call, Operation, Reply
from infra.web.problems import Problem

Group = Annotated[Line, Field(min_length=1)]

YEAR_S = 366 * 24 * 3600


class TokenPath(BaseModel):
    ns: NamespaceName
    token_id: UUID


class NewToken(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Annotated[Line, Field(min_length=1)]
    """Who it speaks for: the actor of what is done with it."""
    roles: Annotated[list[Role], Field(min_length=1, max_length=6)]
    groups: Annotated[list[Group], Field(max_length=100)] = []
    """Groups of people that it belongs to: approvals may be asked of them."""
    expires_in_s: int | None = Field(default=None, ge=1, le=10 * YEAR_S)
    """By default it does not expire."""


class TokenAnswer(BaseModel):
    id: UUID
    namespace: str
    name: str
    roles: list[str]
    groups: list[str]
    created_at: datetime
    created_by: str
    expires_at: datetime | None
    revoked_at: datetime | None


class MadeToken(TokenAnswer):
    token: str
    """The secret. It is told here and never again."""


class Tokens(BaseModel):
    items: list[TokenAnswer]


async def list_tokens(call: Call) -> Reply:
    found = await parts(call).access.tokens(call.path_as(NamespacePath).ns)
    return Reply.json({"items": found})


async def create_token(call: Call) -> Reply:
    body = call.body_as(NewToken)
    lifetime = body.expires_in_s
    token, secret = await parts(call).access.create_token(
        namespace=call.path_as(NamespacePath).ns,
        name=body.name,
        roles=body.roles,
        groups=body.groups,
        created_by=call.principal.name,
        lifetime=None if lifetime is None else timedelta(seconds=lifetime),
    )
    return Reply.json(MadeToken(**_members(token), token=secret), 201)


async def revoke_token(call: Call) -> Reply:
    path = call.path_as(TokenPath)
    found = await parts(call).access.revoke_token(path.token_id, path.ns)
    if found is None:
        raise Problem(
            "not-found",
            f"There is no token {path.token_id} in this namespace: GET the list.",
        )
    call.state["authenticator"].forget()
    return Reply.json(found)


def _members(token: Token) -> dict[str, object]:
    return {name: getattr(token, name) for name in TokenAnswer.model_fields}


OPERATIONS = (
    Operation(
        "GET",
        "/v1/{ns}/tokens",
        list_tokens,
        "All tokens of the namespace, the newest first",
        action="admin",
        tag="tokens",
        path_model=NamespacePath,
        answers={200: Answer(Tokens, "All but their secrets.")},
    ),
    Operation(
        "POST",
        "/v1/{ns}/tokens",
        create_token,
        "Make a token",
        action="admin",
        tag="tokens",
        path_model=NamespacePath,
        body=Body(NewToken, required=True),
        answers={201: Answer(MadeToken, "Made; the secret is told here only.")},
    ),
    Operation(
        "DELETE",
        "/v1/{ns}/tokens/{token_id}",
        revoke_token,
        "Revoke a token, at once and for good",
        action="admin",
        tag="tokens",
        path_model=TokenPath,
        answers={200: Answer(TokenAnswer, "It is revoked; its sessions are over.")},
        problems=("not-found",),
    ),
)
