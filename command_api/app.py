"""The command API's application: its operations, and the parts behind them."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

from command_api import (
    batch,
    bulk,
    jobs,
    logs,
    observed,
    parked,
    readiness,
    runs,
    sessions,
    steps,
    tokens,
    workflows,
)
from command_api.actors import Actors
from command_api.attendance import Attendance
from command_api.dispatch import Dispatcher
from command_api.forgetting import forget_old_keys
from command_api.leasing import Leasing
from command_api.log_authors import Authors
from command_api.parts import Parts
from domain.handling import CommandHandler
from infra.access import Access
from infra.event_store.catalogue import StoredCatalogue
from infra.event_store.log import EventStore
from infra.event_store.numbers import RunNumbers
from infra.event_store.writer import Writer
from infra.jobs.hearing import hear
from infra.jobs.queue import JobQueue
from infra.logs.attempts import Limits
from infra.logs.writer import LogWriter
from infra.postgres import JOBS_CHANNEL
from infra.postgres_async import pool
from infra.web import openapi
from infra.web.application import Application
from infra.web.authentication import Authenticator, allowed_origins, session_cookie

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.applications import Starlette

    from infra.settings import Settings
    from infra.web.operations import Operation

VERSION = "1"

DESCRIPTION = """\
Everything that changes something: services and workers report, people decide.

Each command is carried out once per `Idempotency-Key`; its answer names the run's
`version` and the log's `position`, which the query API can be told to wait for. Errors
are problem documents (RFC 9457): branch on the code that `type` ends in. A command that
the rules refuse (409) is kept with its reason; one that is malformed or not allowed to
its caller leaves nothing behind.
"""

OPERATIONS: tuple[Operation, ...] = (
    *steps.OPERATIONS,
    *runs.OPERATIONS,
    *observed.OPERATIONS,
    *jobs.OPERATIONS,
    *batch.OPERATIONS,
    *bulk.OPERATIONS,
    *workflows.OPERATIONS,
    *parked.OPERATIONS,
    *logs.OPERATIONS,
    *sessions.OPERATIONS,
    *tokens.OPERATIONS,
)


def create_app(settings: Settings) -> Application:
    """The application. Its lifespan connects, and ends when all that waits is done."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[dict[str, object]]:
        url = settings.database_url
        async with AsyncExitStack() as stack:
            connections = await stack.enter_async_context(
                pool(url, name="command-api", max_size=8, timeout=5.0)
            )
            for_jobs = await stack.enter_async_context(
                pool(url, name="jobs", max_size=4, timeout=5.0, durable=False)
            )
            queue = JobQueue(for_jobs)
            dispatcher = Dispatcher(queue)
            writer = await stack.enter_async_context(
                Writer(url, on_agendas=dispatcher.committed)
            )
            dispatcher.own_session = lambda: writer.notifier.backend
            await stack.enter_async_context(dispatcher)
            app.state.end_streams = dispatcher.close
            hearing = asyncio.create_task(
                hear(url, [JOBS_CHANNEL], dispatcher.heard, name="jobs-listener")
            )
            stack.callback(hearing.cancel)
            numbers = await stack.enter_async_context(RunNumbers(url))
            log = EventStore(connections, writer)
            access = Access(connections)
            authenticator = await stack.enter_async_context(
                Authenticator(
                    access,
                    url,
                    cookie=session_cookie(settings),
                    origins=allowed_origins(settings),
                )
            )
            forgetting = asyncio.create_task(forget_old_keys(connections))
            stack.callback(forgetting.cancel)
            catalogue = StoredCatalogue(log)
            handler = CommandHandler(log, numbers, catalogue)
            limits = Limits(
                settings.log_attempt_lines, settings.log_attempt_mib * 1024 * 1024
            )
            log_writer = await stack.enter_async_context(LogWriter(url, limits))
            yield {
                "authenticator": authenticator,
                "parts": Parts(
                    handler,
                    log,
                    access,
                    Actors(log),
                    connections,
                    settings,
                    log_writer,
                    Authors(handler, log, catalogue, connections),
                    queue,
                    Leasing(dispatcher, handler, log),
                    Attendance(queue),
                ),
            }

    operations = (*OPERATIONS, *readiness.operations())
    return Application(
        (*operations, openapi.served(lambda: document(settings))),
        origins=allowed_origins(settings),
        lifespan=lifespan,
    )


def document(settings: Settings) -> dict[str, object]:
    """The OpenAPI document."""
    return openapi.document(
        (*OPERATIONS, *readiness.operations()),
        title="Runledger command API",
        description=DESCRIPTION,
        version=VERSION,
        cookie=session_cookie(settings),
    )
