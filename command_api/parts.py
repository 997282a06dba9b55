"""What one process of the command API is made of. ``app`` puts it together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from psycopg_pool import AsyncConnectionPool

    from command_api.actors import Actors
    from command_api.attendance import Attendance
    from command_api.leasing import Leasing
    from command_api.log_authors import Authors
    from domain.handling import CommandHandler
    from infra.access import Access
    from infra.event_store.log import EventStore
    from infra.jobs.queue import JobQueue
    from infra.logs.writer import LogWriter
    from infra.settings import Settings
    from infra.web.operations import Call


@dataclass(frozen=True)
class Parts:
    handler: CommandHandler
    log: EventStore
    access: Access
    actors: Actors
    pool: AsyncConnectionPool[Any]
    """For what is no append: tokens, sessions, requests of replay, health."""
    settings: Settings
    log_writer: LogWriter
    log_authors: Authors
    jobs: JobQueue
    leasing: Leasing
    attendance: Attendance


def parts(call: Call) -> Parts:
    return cast("Parts", call.state["parts"])
