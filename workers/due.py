"""What is due becomes a command: a timer that fires, a lease that has run out.

Claimed first, so that nobody else does the same work. What keeps it from being recorded
twice is not the claim, but the rules: each command says so exactly what it is about
that, late or again, it does nothing.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from domain.errors import NotFound, RunledgerError, Unavailable
from domain.requests import Done, Request
from domain.run.own_commands import (
    ExpireApproval,
    LoseJob,
    RemindApproval,
    TimeOutRun,
    TimeOutStep,
)
from infra.event_store.notifier import TIMERS_LOOK_S

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from domain.commands import Command
    from domain.handling import CommandHandler
    from infra.jobs.due import DueTables, DueTimer
    from workers.grace import Grace

log = logging.getLogger("runledger.timers")

AT_ONCE = 500
"""Claimed by one statement, and carried out side by side."""

SERVICE = "runledger"
"""Who lets timers fire: the service itself."""

PAUSE_S = 0.5
"""After the database was away."""

SPACING_S = 0.01
"""Between two looks, so that what is due in a row goes together."""

ENDING_S = 10.0
"""How long what is begun may take when the process is to end."""


class Table(Protocol):
    """A kind of due things."""

    async def carry_out(self) -> int:
        """Claim and carry out what is due; how many that were, at most ``AT_ONCE``."""

    async def seconds(self) -> float | None:
        """Until the next one is due; None if there is none."""


async def carry_out_due(table: Table, woken: asyncio.Event) -> None:
    """For ever: when the next one is due, or when somebody says that one may be."""
    while True:
        woken.clear()
        try:
            if await _to_its_end(table) == AT_ONCE:
                continue
            seconds = await table.seconds()
        except Unavailable as error:
            log.warning("timers have to wait: %s", error.message)
            await asyncio.sleep(PAUSE_S)
            continue
        # Later ones are not announced, and heartbeats move leases on in silence.
        wait = TIMERS_LOOK_S if seconds is None else min(seconds, TIMERS_LOOK_S)
        with suppress(TimeoutError):
            async with asyncio.timeout(max(wait, SPACING_S)):
                await woken.wait()


async def _to_its_end(table: Table) -> int:
    """Also when the process is to end: a claim that is left lying delays its timer."""
    begun = asyncio.ensure_future(table.carry_out())
    try:
        return await asyncio.shield(begun)
    except asyncio.CancelledError:
        await asyncio.wait({begun}, timeout=ENDING_S)
        raise


class Timers:
    """Step and run timeouts, expiry of approvals and reminders of them."""

    def __init__(self, tables: DueTables, handler: CommandHandler) -> None:
        self._tables = tables
        self._handler = handler

    async def carry_out(self) -> int:
        timers = await self._tables.timers(AT_ONCE)
        if timers:
            stale = await _ask(
                self._handler,
                [_request(one.namespace, one.run_id, _of_timer(one)) for one in timers],
            )
            if stale:
                await self._tables.drop_timers([timers[place] for place in stale])
        return len(timers)

    async def seconds(self) -> float | None:
        return await self._tables.next_timer()


class Leases:
    """Leases that have run out. None is lost in the grace."""

    def __init__(
        self, tables: DueTables, handler: CommandHandler, grace: Grace
    ) -> None:
        self._tables = tables
        self._handler = handler
        self._grace = grace

    async def carry_out(self) -> int:
        since = await self._grace.since()
        leases = await self._tables.leases(AT_ONCE, since)
        if leases:
            log.info("%d leases have run out", len(leases))
            stale = await _ask(
                self._handler,
                [
                    _request(
                        one.namespace,
                        one.run_id,
                        LoseJob(step=one.step, lease=one.lease),
                    )
                    for one in leases
                ],
            )
            if stale:
                await self._tables.drop_leases([leases[place] for place in stale])
        return len(leases)

    async def seconds(self) -> float | None:
        return await self._tables.next_lease(await self._grace.since())


async def _ask(handler: CommandHandler, requests: Sequence[Request]) -> list[int]:
    """Have them carried out; the places of those that the rules know nothing of, whose
    rows nobody needs. Others that failed come again when their claim is over.
    """
    stale: list[int] = []
    results = await handler.carry_out_batch(requests)
    for place, (request, done) in enumerate(zip(requests, results, strict=True)):
        match done:
            case Done(events=()) | NotFound():
                stale.append(place)
            case Done():
                pass
            case RunledgerError():
                log.warning("run %s: %r: %s", request.run_id, request.commands, done)
            case _:
                log.error("run %s: %r", request.run_id, request.commands, exc_info=done)
    return stale


def _request(namespace: str, run_id: UUID, command: Command) -> Request:
    return Request(namespace, run_id, (command,), SERVICE, SERVICE, None, b"")


def _of_timer(timer: DueTimer) -> Command:
    step, iteration, nth = timer.step, timer.iteration, timer.nth
    match timer.kind:
        case "step_timeout":
            return TimeOutStep(step=step, iteration=iteration, attempt=nth)
        case "run_timeout":
            return TimeOutRun()
        case "approval_expiry":
            return ExpireApproval(step=step, iteration=iteration)
        case "approval_reminder":
            return RemindApproval(step=step, iteration=iteration, nth=nth)
