"""Hearing from other processes that there is work: LISTEN on a session of its own."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from infra import postgres_async

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

log = logging.getLogger(__name__)

PAUSE_S = 0.5

Heard = tuple[str, int]
"""Payload, and the session that notified."""


async def hear(
    url: str,
    channels: Sequence[str],
    heard: Callable[[str, Heard | None], None],
    *,
    name: str,
) -> None:
    """Call ``heard`` with channel and message, for ever.

    With None for each channel whenever the session is a new one: what was said while
    nobody listened is lost, so anything may have been.
    """
    while True:
        try:
            async with await postgres_async.connect(
                url, name=name, autocommit=True
            ) as connection:
                for channel in channels:
                    await connection.execute(
                        sql.SQL("LISTEN {}").format(sql.Identifier(channel))
                    )
                for channel in channels:
                    heard(channel, None)
                async for one in connection.notifies():
                    heard(one.channel, (one.payload, one.pid))
        except (psycopg.Error, OSError) as error:
            log.warning("not hearing of %s: %s", ", ".join(channels), error)
        await asyncio.sleep(PAUSE_S)
