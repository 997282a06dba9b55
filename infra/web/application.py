"""A Starlette application whose operations come first.

Starlette wraps every request in its error handling and searches its routes. Operations
answer all their errors themselves, so what the table has goes straight to it; the rest
(other routes, files, what is not there, the lifespan) goes Starlette's way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.routing import Match

from infra.web.cors import ExactOrigins
from infra.web.operations import problem_handlers
from infra.web.routing import Table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.types import ASGIApp, Receive, Scope, Send

    from infra.web.operations import Operation


class Application(Starlette):
    """``options`` are Starlette's own. ``origins``: pages that may send requests."""

    def __init__(
        self,
        operations: Iterable[Operation],
        *,
        origins: Iterable[str] = (),
        **options: Any,
    ) -> None:
        super().__init__(exception_handlers=problem_handlers(), **options)
        self.router.redirect_slashes = False
        self.table = Table(operations)
        self._first: ASGIApp = self._look_up
        if allowed := frozenset(origins):
            self._first = ExactOrigins(self._look_up, allowed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._first(scope, receive, send)

    async def _look_up(self, scope: Scope, receive: Receive, send: Send) -> None:
        match, found = self.table.matches(scope)
        if match is Match.FULL:
            scope.update(found)
            await self.table.handle(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)
