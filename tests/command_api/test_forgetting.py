"""Idempotency keys older than their time are dropped, younger ones are kept."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import psycopg
import pytest

from command_api.forgetting import KEPT_DAYS, forget_old_keys
from infra.postgres_async import pool
from tests.support.waiting import eventually_async

if TYPE_CHECKING:
    from tests.support.database import Database

pytestmark = pytest.mark.anyio

KEY = """
INSERT INTO ledger.idempotency_keys
       (namespace, principal, key, body_digest, run_id, version, position, recorded_at)
VALUES ('default', 'service', %s, '', gen_random_uuid(), 1, 1,
        now() - make_interval(days => %s))
"""


async def test_only_keys_that_are_too_old_are_forgotten(database: Database) -> None:
    with psycopg.connect(database.url(), autocommit=True) as owner:
        owner.execute(KEY, ("old", KEPT_DAYS + 1))
        owner.execute(KEY, ("young", KEPT_DAYS - 1))

        async def left() -> list[str]:
            rows = owner.execute("SELECT key FROM ledger.idempotency_keys").fetchall()
            return [key for (key,) in rows]

        async def forgotten() -> bool:
            return "old" not in await left()

        url = database.url("runledger_command")
        async with pool(url, name="test", max_size=1) as connections:
            task = asyncio.create_task(forget_old_keys(connections))
            await eventually_async(forgotten)
            task.cancel()
        assert await left() == ["young"]
