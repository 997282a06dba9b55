"""An operation of an API: one entry says all of it, for the routes and the document.

    async def show_run(call: Call) -> Reply:
        path = call.path_as(RunPath)
        ...
        return Reply.json(answer)

    OPERATIONS = (
        Operation(
            "GET", "/v1/{ns}/runs/{run_id}", show_run, "A run as it is now",
            action="viewer", path_model=RunPath, query=AsOf,
            answers={200: Answer(RunAnswer)}, problems=("unknown-run",),
        ),
    )

    app = Starlette(routes=[Table(OPERATIONS)], lifespan=..., exception_handlers=
        problem_handlers())

In this order: who asks (401), may they (403), do the parameters fit (422), does the
body (413, 400, 422); then the handler. It takes what was validated from the call, and
raises domain errors and ``Problem``; nothing catches them but here. The lifespan's
state holds an ``Authenticator`` under ``"authenticator"``. This is the way of every
command, so it does no more than it must: no Request, no Response, no middleware.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast
from urllib.parse import parse_qsl

import orjson
from pydantic import BaseModel, ValidationError
from starlette.responses import Response

from infra.web import bodies, compression, problems
from infra.web.authentication import CSRF_HEADER, Authenticator
from infra.web.headers import API, JSON, PROBLEM, Raw, raw
from infra.web.problems import FieldError, Problem

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import Receive, Scope, Send

    from infra.access import Action, Principal

MIB = 1024 * 1024
COMMAND_LIMIT = MIB
"""Bytes of a body, unless its operation says otherwise."""

M = TypeVar("M", bound=BaseModel)


class Reply(NamedTuple):
    """A whole answer."""

    body: bytes
    status: int = 200
    headers: tuple[Raw, ...] = ()
    """Further ones, lower case."""
    content_type: Raw = JSON
    common: tuple[Raw, ...] = API
    """What every answer carries; something else for what is to be shown as a page."""

    @classmethod
    def json(
        cls, value: object, status: int = 200, extra: tuple[Raw, ...] = ()
    ) -> Reply:
        """``value`` as JSON: models, dataclasses, times (UTC with Z), ids."""
        return cls(
            orjson.dumps(value, default=_plain, option=orjson.OPT_UTC_Z), status, extra
        )

    @classmethod
    def problem(cls, problem: Problem, instance: str) -> Reply:
        return cls(
            problem.body(instance),
            problem.status,
            tuple(raw(problem.headers)),
            PROBLEM,
        )


def _plain(value: object) -> object:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="python")
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} is no JSON.")


class Call:
    """A request that has passed all checks of its operation."""

    __slots__ = (
        "body",
        "headers",
        "path",
        "principal",
        "query",
        "receive",
        "scope",
        "sent",
    )

    def __init__(
        self,
        scope: Scope,
        principal: Principal | None,
        path: object,
        query: object,
        sent: bytes,
        body: object,
        receive: Receive | None = None,
    ) -> None:
        self.scope = scope
        self.headers: dict[bytes, bytes] = scope["headers_by_name"]
        self.principal = cast("Principal", principal)
        """Who asks. None only where the operation's action is None."""
        self.path = path
        self.query = query
        self.sent = sent
        """The body as it came."""
        self.body = body
        """The body as its model, or as parsed where the model is made later."""
        self.receive = receive
        """Tells of a client that hangs up while it waits, once the body is read."""

    @property
    def state(self) -> Mapping[str, Any]:
        """What the lifespan yielded."""
        return cast("Mapping[str, Any]", self.scope["state"])

    def path_as(self, model: type[M]) -> M:
        assert isinstance(self.path, model)
        return self.path

    def query_as(self, model: type[M]) -> M:
        assert isinstance(self.query, model)
        return self.query

    def body_as(self, model: type[M]) -> M:
        assert isinstance(self.body, model)
        return self.body

    def header(self, name: bytes) -> str | None:
        """A request's header by its lower-case name."""
        value = self.headers.get(name)
        return None if value is None else value.decode("latin-1")


Handler = Callable[[Call], Awaitable[Reply | Response]]
"""A Response of Starlette's is for streams; everything else is a Reply."""


@dataclass(frozen=True)
class Header:
    """A request header an operation takes. The handler reads it: ``call.header``."""

    name: str
    description: str
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "string"})
    required: bool = False


@dataclass(frozen=True)
class Body:
    """What an operation takes. ``in_path``: fields that its path names instead."""

    model: type[BaseModel]
    limit: int = COMMAND_LIMIT
    in_path: tuple[str, ...] = ()
    implied: tuple[str, ...] = ()
    """Fields left out because the address says them (a command's ``type``)."""
    required: bool = False
    description: str = ""
    take: Callable[[bytes], BaseModel] | None = None
    """Makes the model of the body in a way of its own, or raises ``Problem``."""


@dataclass(frozen=True)
class Answer:
    model: type[BaseModel] | None = None
    description: str = "Done."
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    """Name to description."""


@dataclass(frozen=True)
class Operation:
    """One method at one path. ``action`` None: open to everybody."""

    method: str
    path: str
    handler: Handler
    summary: str
    action: Action | None
    tag: str = ""
    description: str = ""
    path_model: type[BaseModel] | None = None
    """Fields named as in the path. None: nothing but ``ns``, if that."""
    query: type[BaseModel] | None = None
    headers: tuple[Header, ...] = ()
    body: Body | None = None
    answers: Mapping[int, Answer] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    """Codes beside those that every operation of its kind may answer with."""

    @property
    def id(self) -> str:
        return getattr(self.handler, "__name__", self.summary)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            reply = await self._answer(scope, receive)
        except bodies.Disconnected:
            return
        except Exception as error:  # the one place: nothing leaves as a traceback
            reply = Reply.problem(problems.of(error), scope["path"])
        if isinstance(reply, Reply):
            await write(reply, scope, send)
        else:
            for name, value in API:
                reply.headers.setdefault(name.decode(), value.decode())
            await reply(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive) -> Reply | Response:
        found = scope["headers_by_name"] = dict(scope["headers"])
        values = scope["path_params"]
        principal = None
        if self.action is not None:
            principal = await self._authorize(scope, found, values.get("ns"))
        path: object = values
        if self.path_model is not None:
            try:
                path = self.path_model.model_validate(values)
            except ValidationError as error:
                raise problems.of_parameters(error) from None
        query = None if self.query is None else _query(self.query, scope)
        if self.body is None:
            return await self.handler(Call(scope, principal, path, query, b"", None))
        sent = await bodies.read(receive, found, self.body.limit)
        if self.body.take is not None:
            body = self.body.take(sent)
        else:
            body = _body(self.body, sent, bodies.parse(sent), values)
        return await self.handler(
            Call(scope, principal, path, query, sent, body, receive)
        )

    async def _authorize(
        self, scope: Scope, found: dict[bytes, bytes], namespace: str | None
    ) -> Principal:
        authenticator: Authenticator = scope["state"]["authenticator"]
        principal = authenticator.remembered(found)
        if principal is None:
            principal = await authenticator.principal(found)
        if namespace is not None and namespace != principal.namespace:
            raise Problem(
                "forbidden",
                f"This token is for the namespace {principal.namespace!r}: use one "
                "for the namespace in the address.",
            )
        if self.action not in principal.actions:
            raise Problem(
                "forbidden",
                f"This takes the role {self.action}; the token {principal.name!r} has "
                f"{', '.join(sorted(principal.roles))}: use another token.",
            )
        if principal.csrf is not None and scope["method"] not in ("GET", "HEAD"):
            check_csrf(principal.csrf, found, authenticator.origins)
        return principal


def check_csrf(
    expected: str, found: Mapping[bytes, bytes], origins: frozenset[str]
) -> None:
    """A cookie goes with every request; only our own page knows the header's value."""
    origin = found.get(b"origin")
    if origin is not None and origin.decode("latin-1") not in origins:
        raise Problem("csrf", "Commands from pages of this origin are not taken.")
    if not hmac.compare_digest(found.get(CSRF_HEADER, b""), expected.encode()):
        raise Problem(
            "csrf",
            "Send the header Runledger-CSRF with the value that GET /session of the "
            "command API tells.",
        )


def _query(model: type[BaseModel], scope: Scope) -> BaseModel:
    """The query string as its model: a list field collects, another stands once."""
    values: dict[str, Any] = {}
    for name, value in parse_qsl(
        scope["query_string"].decode("latin-1"), keep_blank_values=True
    ):
        if "\0" in value:
            raise problems.invalid(
                [FieldError(parameter=name, detail="Contains a NUL character")]
            )
        if name in many_valued(model):
            values.setdefault(name, []).append(value)
        elif name in values:
            raise problems.invalid(
                [FieldError(parameter=name, detail="Stands more than once")]
            )
        else:
            values[name] = value
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise problems.of_parameters(error) from None


_MANY: dict[type[BaseModel], frozenset[str]] = {}


def many_valued(model: type[BaseModel]) -> frozenset[str]:
    """The fields that are lists: their parameters may stand more than once."""
    if (known := _MANY.get(model)) is None:
        schema = model.model_json_schema()["properties"]
        known = _MANY[model] = frozenset(
            name
            for name, one in schema.items()
            if one.get("type") == "array"
            or any(part.get("type") == "array" for part in one.get("anyOf", ()))
        )
    return known


def _body(spec: Body, sent: bytes, data: object, path: Mapping[str, str]) -> BaseModel:
    """``data``, which is ``sent`` as parsed, as its model.

    From JSON and strict: what lies in the log is what was sent, so "1" or true is
    no 1.
    """
    if spec.in_path or spec.implied:
        if not isinstance(data, dict):
            raise Problem("invalid", "The body must be a JSON object.")
        for name in (*spec.in_path, *spec.implied):
            if name in data:
                raise problems.invalid(
                    [FieldError(pointer=f"#/{name}", detail="The address says it")]
                )
        if spec.in_path:
            for name in spec.in_path:
                data[name] = path[name]
            sent = b""
    try:
        return spec.model.model_validate_json(sent or orjson.dumps(data), strict=True)
    except ValidationError as error:
        raise problems.of_validation(error, data) from None


async def write(reply: Reply, scope: Scope, send: Send) -> None:
    body = reply.body
    coded: tuple[Raw, ...] = ()
    if len(body) > compression.OVER_BYTES:
        coded = (compression.VARY,)
        accepted = dict(scope["headers"]).get(b"accept-encoding", b"")
        if compression.accepts_gzip(accepted):
            coded = (compression.VARY, compression.GZIP)
            body = await compression.compressed(body)
    await send(
        {
            "type": "http.response.start",
            "status": reply.status,
            "headers": [
                reply.content_type,
                (b"content-length", b"%d" % len(body)),
                *reply.common,
                *coded,
                *reply.headers,
            ],
        }
    )
    if scope["method"] == "HEAD":
        body = b""
    await send({"type": "http.response.body", "body": body})


def problem_handlers() -> dict[Any, Any]:
    """For the app: what Starlette itself raises becomes a problem document too."""

    async def handle(request: Request, error: Exception) -> Response:
        problem = problems.of(error)
        return Response(
            problem.body(request.url.path),
            problem.status,
            {
                **{name.decode(): value.decode() for name, value in API},
                **problem.headers,
            },
            problems.MEDIA_TYPE,
        )

    return dict.fromkeys((404, 405, Exception), handle)
