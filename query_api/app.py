"""The query API: a Starlette application that only reads. Here its parts are wired."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from infra.access import Access
from infra.event_store.log import LogReader
from infra.web import health, openapi
from infra.web.application import Application
from infra.web.authentication import Authenticator, allowed_origins, session_cookie
from query_api import asyncapi, readiness
from query_api.assets import Dashboard
from query_api.definitions import Definitions, RunNames
from query_api.event_shapes import EventShapes
from query_api.history import History
from query_api.live import feed
from query_api.operations import OPERATIONS
from query_api.reading import reading
from query_api.sources import Sources
from query_api.waiting import waiting

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.applications import Starlette

    from infra.settings import Settings
    from infra.web.operations import Operation

DESCRIPTION = """\
What there is to know of workflow runs: now, as it was, and as it happens.

Every answer names the `position` of the log up to which it has everything. Whoever has
just sent a command passes on what it answered, as `min_position` (or, for one run,
`min_version`): the answer then waits for it, for `wait_s` at most, and says `stale`
where it did not come (or is a 503, with `strict`). Times are UTC, durations seconds.
"""


def create_app(settings: Settings) -> Application:
    """The application; it connects when its lifespan starts."""
    operations = _operations(settings)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[dict[str, Any]]:
        url = settings.database_url
        async with reading(url) as source:
            names, definitions = RunNames(source), Definitions(source)
            shapes = EventShapes(names)
            authenticator = Authenticator(
                Access(source.pool),
                url,
                cookie=session_cookie(settings),
                origins=allowed_origins(settings),
            )
            async with (
                authenticator,
                waiting(source, url) as waits,
                feed(source, shapes, url) as follows,
            ):
                loop = asyncio.get_running_loop()
                # For the server's signal handler: a stream would hold up its stop.
                app.state.end_streams = partial(loop.call_soon_threadsafe, follows.end)
                yield {
                    "authenticator": authenticator,
                    "sources": Sources(
                        reading=source,
                        waiting=waits,
                        definitions=definitions,
                        names=names,
                        shapes=shapes,
                        history=History(LogReader(source.pool), definitions),
                        feed=follows,
                    ),
                }

    return Application(operations, routes=[Dashboard(settings)], lifespan=lifespan)


def document(settings: Settings) -> dict[str, Any]:
    """The OpenAPI document."""
    return openapi.document(
        _described(settings),
        title="Runledger query API",
        description=DESCRIPTION,
        version=_version(),
        cookie=session_cookie(settings),
    )


def _operations(settings: Settings) -> tuple[Operation, ...]:
    return (*_described(settings), openapi.served(lambda: document(settings)))


def _described(settings: Settings) -> tuple[Operation, ...]:
    return (
        *OPERATIONS,
        *health.operations(readiness.REQUIRED, readiness.FACTS),
        _asyncapi(settings),
    )


def _asyncapi(settings: Settings) -> Operation:
    return openapi.served(
        lambda: asyncapi.document(host=settings.bootstrap, version=_version()),
        "/asyncapi.json",
        "What Kafka carries",
        "AsyncAPI 3.0.",
    )


def _version() -> str:
    try:
        return version("runledger-server")
    except PackageNotFoundError:
        return "0"
