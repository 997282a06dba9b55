"""From a request to the command handler, and from its answer to the reply.

All commands of one request go to one run and are recorded together or not at all.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import re
from typing import TYPE_CHECKING
from uuid import UUID

import orjson
from pydantic import BaseModel

from command_api.parts import parts
from domain.ids import NamespaceName
from domain.requests import Answer as Handled
from domain.requests import Request
from infra.web.operations import Answer, Call, Header, Reply
from infra.web.problems import FieldError, Problem, invalid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from domain.commands import Command
    from infra.access import Principal

_KEY = re.compile(r"^[\x21-\x7e]{1,200}$")
_ETAG = re.compile(r'^(?:W/)?"?([1-9][0-9]{0,17})"?$')
_TRACE = re.compile(r"^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$")

KEY_HEADER = Header(
    "Idempotency-Key",
    "The same key with the same request is carried out once, however often it is "
    "sent; the answer then has repeated=true. Made by the service if it is absent, "
    "and returned in the answer's header of that name.",
    {"type": "string", "minLength": 1, "maxLength": 200, "pattern": r"^[\x21-\x7e]+$"},
)
HEADERS = (
    KEY_HEADER,
    Header(
        "If-Match",
        "The run's version that the caller has seen, in quotes. 412 if the run has "
        "moved on.",
        {"type": "string", "pattern": r'^(W/)?"?[1-9][0-9]{0,17}"?$'},
    ),
    Header(
        "traceparent",
        "W3C trace context; recorded with the events.",
        {"type": "string"},
    ),
    Header(
        "Runledger-Correlation-Id",
        "What belongs together, as the caller sees it; recorded with the events.",
        {"type": "string", "format": "uuid"},
    ),
    Header(
        "Runledger-Causation-Id",
        "Id of the event that led to this command; recorded with the events.",
        {"type": "string", "format": "uuid"},
    ),
)

REFUSED = (
    "refused",
    "run-over",
    "run-held",
    "run-observed",
    "run-exists",
    "wrong-state",
    "conflict",
)
"""What the rules may say to most commands."""

COMMON_PROBLEMS = (
    *REFUSED,
    "unknown-run",
    "unknown-workflow",
    "stale-version",
    "idempotency-key-reused",
    "too-large",
    "broken-history",
)

ANSWER_HEADERS = {
    "ETag": "The run's version, for If-Match.",
    "Idempotency-Key": "The key that this command was carried out under.",
    "Runledger-Position": "The log's position that a read model must reach to show it.",
    "Runledger-Version": "The run's version after the command.",
}


class NamespacePath(BaseModel):
    ns: NamespaceName


class RunPath(BaseModel):
    ns: NamespaceName
    run_id: UUID


class LinkedAnswer(BaseModel):
    """The other run of a retry."""

    run_id: UUID
    number: int
    version: int
    position: int


class CommandAnswer(BaseModel):
    """Where the run is after the command. What it looks like, the query API tells:
    give it version or position, and it waits until it can show them."""

    run_id: UUID
    workflow: str
    number: int
    version: int
    position: int
    state: str
    linked: LinkedAnswer | None = None
    repeated: bool = False
    """Carried out before, under the same key; nothing was done now."""


CREATED = Answer(CommandAnswer, "Recorded; there is a new run.", headers=ANSWER_HEADERS)
DONE = Answer(
    CommandAnswer,
    "Recorded, or nothing was to be recorded because it is so already.",
    headers=ANSWER_HEADERS,
)


def body_digest(method: str, path: str, body: bytes) -> bytes:
    """What a key stands for: using it for anything else is refused."""
    return hashlib.sha256(
        b"%s %s\n%s" % (method.encode(), path.encode(), body)
    ).digest()


_PROCESS = os.urandom(8).hex()
_count = itertools.count(1)


def a_key() -> str:
    """One that no other process makes; it need not be hard to guess."""
    return f"{_PROCESS}{next(_count):016x}"


def request_of(
    call: Call, namespace: str, run_id: UUID | None, commands: Sequence[Command]
) -> Request:
    """The whole request with what its headers say.

    Raises:
        Problem: a header does not fit.
    """
    found = call.headers
    principal = call.principal
    key = call.header(b"idempotency-key")
    if key is None:
        key = a_key()
    elif not _KEY.match(key):
        raise _bad("Idempotency-Key", "Takes 1 to 200 visible ASCII characters")
    if_match = None
    if b"if-match" in found:
        match = _ETAG.match(call.header(b"if-match") or "")
        if match is None:
            raise _bad("If-Match", 'Takes a version of the run in quotes: "7"')
        if_match = int(match[1])
    trace = call.header(b"traceparent")
    if trace is not None and not _TRACE.match(trace):
        trace = None  # as the standard has it: what cannot be read is left out
    return Request(
        namespace=namespace,
        run_id=run_id,
        commands=commands,
        principal=principal.name,
        actor=principal.name,
        key=key,
        body_digest=body_digest(call.scope["method"], call.scope["path"], call.sent),
        if_match=if_match,
        correlation_id=_uuid(call, b"runledger-correlation-id"),
        causation_id=_uuid(call, b"runledger-causation-id"),
        trace=trace,
        groups=principal.groups,
    )


def _uuid(call: Call, name: bytes) -> UUID | None:
    value = call.header(name)
    if value is None:
        return None
    try:
        return UUID(value)
    except ValueError:
        raise _bad(name.decode().title(), "Takes a UUID") from None


def _bad(header: str, detail: str) -> Problem:
    return invalid([FieldError(parameter=header, detail=detail)])


def allow(principal: Principal, command: Command) -> None:
    """For requests whose commands differ in what they take.

    Raises:
        Problem: ``forbidden``.
    """
    if command.role not in principal.actions:
        raise Problem(
            "forbidden",
            f"The command {getattr(command, 'type', '?')} takes the role "
            f"{command.role}; the token {principal.name!r} has "
            f"{', '.join(sorted(principal.roles))}: use another token.",
        )


async def carry_out(
    call: Call,
    namespace: str,
    run_id: UUID | None,
    commands: Sequence[Command],
    *,
    creates: bool = False,
) -> Reply:
    """Hand the commands over and tell how it went."""
    request = request_of(call, namespace, run_id, commands)
    here = parts(call)
    await here.actors.check(request.actor, run_id, commands)
    answer = await here.handler.handle(request)
    assert request.key is not None, "request_of makes one where none was sent"
    version = b"%d" % answer.version
    return Reply(
        orjson.dumps(told(answer)),
        201 if creates and not answer.repeated else 200,
        (
            (b"etag", b'"%s"' % version),
            (b"idempotency-key", request.key.encode()),
            (b"runledger-position", b"%d" % answer.position),
            (b"runledger-version", version),
        ),
    )


def told(answer: Handled) -> dict[str, object]:
    """The members of ``CommandAnswer``."""
    found: dict[str, object] = {
        "run_id": answer.run_id,
        "workflow": answer.workflow,
        "number": answer.number,
        "version": answer.version,
        "position": answer.position,
        "state": answer.state,
        "repeated": answer.repeated,
    }
    if answer.linked is not None:
        found["linked"] = {
            "run_id": answer.linked.run_id,
            "number": answer.linked.number,
            "version": answer.linked.version,
            "position": answer.linked.position,
        }
    return found
