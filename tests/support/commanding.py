"""A command handler on a test's database, as one process of the service has it."""

from __future__ import annotations

import hashlib
import uuid
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from domain.handling import CommandHandler, Request
from domain.workflow.commands import RegisterWorkflow
from domain.workflow.definition import StepDefinition, WorkflowDefinition
from infra.event_store.catalogue import StoredCatalogue
from infra.event_store.log import EventStore
from infra.event_store.numbers import RunNumbers
from infra.event_store.writer import Writer
from infra.postgres_async import pool

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from domain.commands import Command
    from domain.handling import Answer
    from tests.support.database import Database

DEPLOY = WorkflowDefinition(
    name="deploy",
    steps=(
        StepDefinition(name="build"),
        StepDefinition(name="ship", needs=("build",)),
    ),
)


class Process:
    """What one process of the command API has: own memory, own connections."""

    def __init__(self, handler: CommandHandler, log: EventStore) -> None:
        self.handler = handler
        self.log = log

    async def do(
        self,
        run_id: uuid.UUID | None,
        *commands: Command,
        key: str | None = None,
        namespace: str = "default",
        if_match: int | None = None,
    ) -> Answer:
        """Have a request carried out."""
        asked = request(
            run_id, *commands, key=key, namespace=namespace, if_match=if_match
        )
        return await self.handler.handle(asked)

    async def register(self, definition: WorkflowDefinition = DEPLOY) -> Answer:
        return await self.do(None, RegisterWorkflow(definition=definition))


def request(
    run_id: uuid.UUID | None,
    *commands: Command,
    key: str | None = None,
    namespace: str = "default",
    if_match: int | None = None,
) -> Request:
    """A request of ada's, through the service's token; the body is the commands."""
    body = f"{run_id}{[command.model_dump_json() for command in commands]}"
    return Request(
        namespace=namespace,
        run_id=run_id,
        commands=commands,
        principal="service",
        actor="ada",
        key=key or uuid.uuid4().hex,
        body_digest=hashlib.sha256(body.encode()).digest(),
        if_match=if_match,
    )


@asynccontextmanager
async def process(
    database: Database, *, known_runs: int = 100
) -> AsyncIterator[Process]:
    url = database.url("runledger_command")
    async with (
        pool(url, name="test", max_size=4) as connections,
        Writer(url) as writer,
        RunNumbers(url) as numbers,
    ):
        log = EventStore(connections, writer)
        handler = CommandHandler(
            log, numbers, StoredCatalogue(log), known_runs=known_runs
        )
        yield Process(handler, log)
