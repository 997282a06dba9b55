"""Cross-origin requests from exactly the pages that are named, nobody else's.

Pure ASGI around the whole app. A request without ``Origin`` (every service's) passes
as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.web import headers
from infra.web.operations import Reply, write
from infra.web.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

METHODS = "GET, POST, DELETE"
REQUEST_HEADERS = (
    "Authorization, Content-Type, Idempotency-Key, If-Match, Runledger-CSRF, "
    "Runledger-Correlation-Id, traceparent"
)
EXPOSED = "ETag, Idempotency-Key, Retry-After, Runledger-Position, Runledger-Version"


class ExactOrigins:
    """Middleware: ``Middleware(ExactOrigins, origins=...)``."""

    def __init__(self, app: ASGIApp, origins: Iterable[str]) -> None:
        self.app = app
        self.origins = frozenset(origin.encode() for origin in origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        origin = None
        if scope["type"] == "http":
            for name, value in scope["headers"]:
                if name == b"origin":
                    origin = value
                    break
        if origin is None:
            await self.app(scope, receive, send)
        elif scope["method"] == "OPTIONS":
            await self._preflight(origin, scope, send)
        else:
            await self._marked(origin, scope, receive, send)

    async def _preflight(self, origin: bytes, scope: Scope, send: Send) -> None:
        if origin not in self.origins:
            problem = Problem(
                "forbidden", "Pages of this origin may send nothing here."
            )
            await write(Reply.problem(problem, scope["path"]), scope, send)
            return
        allowed = headers.raw(
            {
                "Access-Control-Allow-Methods": METHODS,
                "Access-Control-Allow-Headers": REQUEST_HEADERS,
                "Access-Control-Max-Age": "600",
            }
        )
        await write(Reply(b"", 204, (*self._granted(origin), *allowed)), scope, send)

    async def _marked(
        self, origin: bytes, scope: Scope, receive: Receive, send: Send
    ) -> None:
        extra = [(b"vary", b"Origin")]
        if origin in self.origins:
            extra = [
                *self._granted(origin),
                (b"access-control-expose-headers", EXPOSED.encode()),
            ]

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *extra]
            await send(message)

        await self.app(scope, receive, marked)

    @staticmethod
    def _granted(origin: bytes) -> list[headers.Raw]:
        return [
            (b"access-control-allow-origin", origin),
            (b"access-control-allow-credentials", b"true"),
            (b"vary", b"Origin"),
        ]
