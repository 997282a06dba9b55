"""One of several processes works, the others stand by: asynchronous ones.

The lock belongs to a session, so it is free the moment its process dies, and the next
one in line has it at once.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import psycopg

from infra import postgres_async

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from psycopg import AsyncConnection
    from psycopg.rows import TupleRow


log = logging.getLogger("runledger.timers")

FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 2.0


async def lead(
    url: str,
    lock: int,
    work: Callable[[AsyncConnection[TupleRow], datetime], Awaitable[None]],
    *,
    name: str,
) -> None:
    """Do the work while the lock is ours, again and again, until cancelled.

    ``work`` is given the session that holds the lock, whose loss it must notice and
    raise, and since when by the database's clock that session has lasted.
    """
    pause = FIRST_PAUSE_S
    while True:
        try:
            async with await postgres_async.connect(
                url, name=name, autocommit=True
            ) as session:
                cursor = await session.execute("SELECT clock_timestamp()")
                row = await cursor.fetchone()
                assert row is not None
                since: datetime = row[0]
                await _stand_by(session, lock)
                log.info("leading")
                pause = FIRST_PAUSE_S
                await work(session, since)
        except (psycopg.Error, OSError) as error:
            log.warning("PostgreSQL is away, trying again: %s", error)
        except Exception:
            log.exception("the work failed, starting over")
        await asyncio.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE_S)


async def _stand_by(session: AsyncConnection[TupleRow], lock: int) -> None:
    cursor = await session.execute("SELECT pg_try_advisory_lock(%s)", (lock,))
    row = await cursor.fetchone()
    if row is not None and row[0]:
        return
    log.info("standing by: another process leads")
    # The server wakes whoever is first in line; nobody asks again and again.
    await session.execute("SELECT pg_advisory_lock(%s)", (lock,))
