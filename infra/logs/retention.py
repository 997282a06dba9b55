"""Partitions of log lines: made ahead, and dropped when their days are over.

``keep_partitions`` is a task of the process that runs the timers. More than one may
run it: what is made or gone is left alone.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg_pool import PoolTimeout

from infra.logs.store import QUERIES

if TYPE_CHECKING:
    from datetime import date

    from psycopg_pool import AsyncConnectionPool

log = logging.getLogger(__name__)

AHEAD_DAYS = 7
"""Made beforehand. A day that was missed is made by the first line of it."""
PAUSE_S = 900.0


async def keep_partitions(
    pool: AsyncConnectionPool[Any], keep_days: int, *, pause_s: float = PAUSE_S
) -> None:
    """For ever: ``keep_days`` is the setting ``log_retention_days``."""
    while True:
        try:
            await make_days(pool)
            for day in await drop_old_days(pool, keep_days):
                log.info("dropped the log lines of %s: kept %d days", day, keep_days)
        except psycopg.errors.LockNotAvailable:
            log.info("log partitions are in use: old ones are dropped later")
        except (psycopg.Error, PoolTimeout) as error:
            log.warning("log partitions are left as they are for now: %s", error)
        await asyncio.sleep(pause_s)


async def make_days(pool: AsyncConnectionPool[Any], ahead: int = AHEAD_DAYS) -> None:
    """Today's partition and those of some days to come."""
    async with pool.connection() as connection:
        await connection.execute(QUERIES["make_days"], {"ahead": ahead})


async def drop_old_days(pool: AsyncConnectionPool[Any], keep_days: int) -> list[date]:
    """Drop all days that ended more than ``keep_days`` ago; 0 keeps all.

    Raises:
        psycopg.errors.LockNotAvailable: somebody reads for long: try again later.
    """
    dropped: list[date] = []
    if keep_days == 0:
        return dropped
    async with pool.connection() as connection:
        while True:
            cursor = await connection.execute(
                QUERIES["drop_oldest"], {"keep_days": keep_days}
            )
            row = await cursor.fetchone()
            if row is None or row[0] is None:
                return dropped
            dropped.append(row[0])
