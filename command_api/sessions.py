"""Signing in with a browser: a token, or the code of a link that is good once, is
exchanged for a cookie that no script can read."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

from command_api.parts import parts
from infra.access import csrf_of
from infra.web import headers
from infra.web.authentication import (
    Authenticator,
    session_cookie,
    unauthenticated,
)
from infra.web.operations import Answer, Body, Call, Operation, Reply
from infra.web.problems import FieldError, Problem, invalid

if TYPE_CHECKING:
    from infra.access import Principal

LIFETIME = timedelta(hours=12)


class SignIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    token: Annotated[str, StringConstraints(max_length=200)] | None = None
    """Or in the header Authorization."""
    code: Annotated[str, StringConstraints(max_length=200)] | None = None
    """In its place: the one of a link, ``#code=...``. Good once."""


class Session(BaseModel):
    """Who one is, what one may do, and what commands must carry."""

    name: str
    namespace: str
    roles: list[str]
    groups: list[str]
    """Of people, that one belongs to."""
    actions: list[str]
    """What the roles come to: operations name the one they take."""
    expires_at: datetime | None
    csrf: str | None
    """For the header Runledger-CSRF of every command sent with the cookie. Null for a
    caller with a token, who needs none."""


def _told(principal: Principal, expires_at: datetime | None, csrf: str | None) -> Reply:
    return Reply.json(
        Session(
            name=principal.name,
            namespace=principal.namespace,
            roles=sorted(principal.roles),
            groups=sorted(principal.groups),
            actions=sorted(principal.actions),
            expires_at=expires_at,
            csrf=csrf,
        )
    )


async def sign_in(call: Call) -> Reply:
    authenticator: Authenticator = call.state["authenticator"]
    origin = call.header(b"origin")
    if origin is not None and origin not in authenticator.origins:
        # Nobody else's page may sign a person in, as somebody of its choice.
        raise Problem("csrf", "Pages of this origin may not sign anybody in.")
    principal = await _who(call, authenticator, call.body_as(SignIn))
    secret, expires_at = await parts(call).access.open_session(
        principal.token_id, LIFETIME
    )
    reply = _told(principal, expires_at, csrf_of(secret.encode()))
    age = int(LIFETIME.total_seconds())
    return reply._replace(status=201, headers=(_cookie(call, secret, age),))


async def _who(call: Call, authenticator: Authenticator, sent: SignIn) -> Principal:
    match sent:
        case SignIn(token=str(), code=str()):
            both = "Send a token or a code, not both"
            raise invalid([FieldError(pointer="#/code", detail=both)])
        case SignIn(token=str(token)):
            return await authenticator.by_secret(token.encode(), session=False)
        case SignIn(code=str(code)):
            principal = await parts(call).access.by_code(code.encode())
            if principal is None:
                raise unauthenticated(
                    "This link signs nobody in: each works once, and not for long. "
                    "Ask for another: runledger-server link.",
                    invalid=True,
                )
            return principal
    return await authenticator.principal(
        {b"authorization": call.headers.get(b"authorization", b"Bearer ")}
    )


async def show_session(call: Call) -> Reply:
    principal = call.principal
    return _told(principal, principal.expires_at, principal.csrf)


async def sign_out(call: Call) -> Reply:
    name = session_cookie(parts(call).settings)
    secret = headers.cookie(call.headers.get(b"cookie"), name)
    if secret is not None:
        await parts(call).access.close_session(secret.encode())
        authenticator: Authenticator = call.state["authenticator"]
        authenticator.forget()  # here at once; elsewhere as soon as it is heard
    return Reply(b"", 204, (_cookie(call, "", 0),))


def _cookie(call: Call, value: str, age: int) -> headers.Raw:
    settings = parts(call).settings
    named = (settings.cors_origin, settings.command_public_url)
    secure = "; Secure" if any(url.startswith("https:") for url in named) else ""
    text = (
        f"{session_cookie(settings)}={value}; Path=/; Max-Age={age}; "
        f"HttpOnly; SameSite=Strict{secure}"
    )
    return b"set-cookie", text.encode()


OPERATIONS = (
    Operation(
        "POST",
        "/session",
        sign_in,
        "Sign in: a token, or a link's code, for a session's cookie",
        action=None,
        tag="sessions",
        description="For browsers. The cookie is HttpOnly and SameSite=Strict; the "
        "answer has what every command must carry in the header Runledger-CSRF.",
        body=Body(SignIn),
        answers={
            201: Answer(
                Session, "Signed in.", headers={"Set-Cookie": "The session's cookie."}
            )
        },
        problems=("unauthenticated", "csrf", "unavailable"),
    ),
    Operation(
        "GET",
        "/session",
        show_session,
        "Who am I, and what may I do",
        action="viewer",
        tag="sessions",
        answers={200: Answer(Session, "The caller.")},
    ),
    Operation(
        "DELETE",
        "/session",
        sign_out,
        "Sign out",
        action="viewer",
        tag="sessions",
        answers={
            204: Answer(
                description="The session is over.",
                headers={"Set-Cookie": "Removes the cookie."},
            )
        },
    ),
)
