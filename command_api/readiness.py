"""Whether this process can take commands, and what else it sees.

Kafka and the read models are facts: commands carry on without them.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from domain.ids import Namespace
from domain.ports import Append
from infra.migrate import migrations
from infra.sql import load
from infra.web import health

if TYPE_CHECKING:
    from collections.abc import Mapping

    from command_api.parts import Parts
    from infra.web.operations import Operation

QUERIES = load(Path(__file__).with_name("readiness.sql"))


def _parts(state: Mapping[str, Any]) -> Parts:
    return cast("Parts", state["parts"])


async def writer(state: Mapping[str, Any]) -> object:
    """An append of nothing goes all the way: queue, task, session, the head's lock."""
    await _parts(state).log.append(Append(namespace=Namespace("health")))
    return "appends"


async def schema(state: Mapping[str, Any]) -> object:
    """Every migration that must run before this version has run."""
    async with _parts(state).pool.connection() as connection:
        cursor = await connection.execute(QUERIES["applied"])
        applied = {row[0] for row in await cursor.fetchall()}
    missing = [
        one.name
        for one in migrations()
        if one.phase == "pre" and one.name not in applied
    ]
    if missing:
        raise RuntimeError(f"run runledger-server migrate: {', '.join(missing)}")
    return f"{len(applied)} migrations"


async def kafka(state: Mapping[str, Any]) -> object:
    """Somebody listens there. Whether records get through, the lag tells."""
    host, _, port = _parts(state).settings.bootstrap.split(",")[0].rpartition(":")
    _, stream = await asyncio.open_connection(host, int(port))
    stream.close()
    return "reachable"


async def lag(state: Mapping[str, Any]) -> object:
    """How many events have not reached Kafka, and how many not the read models."""
    async with _parts(state).pool.connection() as connection:
        cursor = await connection.execute(QUERIES["lag"])
        row = await cursor.fetchone()
    assert row is not None
    return dict(zip(("position", "unpublished", "unprojected"), row, strict=True))


def operations() -> tuple[Operation, ...]:
    return health.operations(
        {"writer": writer, "schema": schema}, {"kafka": kafka, "lag": lag}
    )
