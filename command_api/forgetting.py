"""Idempotency keys are kept for a set time, and then forgotten."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg_pool import PoolTimeout

from infra import sql

if TYPE_CHECKING:
    from psycopg_pool import AsyncConnectionPool

log = logging.getLogger(__name__)

KEPT_DAYS = 30
"""A command repeated later than that is a new one."""

PAUSE_S = 3600.0

QUERIES = sql.load(Path(__file__).with_suffix(".sql"))


async def forget_old_keys(pool: AsyncConnectionPool[Any]) -> None:
    """Once an hour, for ever. Several processes may: what is gone is gone."""
    while True:
        try:
            async with pool.connection() as connection:
                cursor = await connection.execute(QUERIES["forget"], (KEPT_DAYS,))
                row = await cursor.fetchone()
        except (psycopg.Error, PoolTimeout) as error:
            log.warning("old idempotency keys are kept for now: %s", error)
        else:
            if row is not None and row[0]:
                log.info("forgot %d idempotency keys", row[0])
        await asyncio.sleep(PAUSE_S)
