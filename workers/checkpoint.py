"""How far the log is in Kafka for certain: read, compared and set by one publisher."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from infra import sql
from infra.postgres import PUBLISHER_LOCK

if TYPE_CHECKING:
    from psycopg import Connection

QUERIES = sql.load(Path(__file__).with_name("publisher.sql"))


class Superseded(Exception):
    """Another publisher leads."""


class Checkpoint(NamedTuple):
    epoch: int
    position: int
    partition_positions: tuple[int, ...]
    """Last position of every partition: what their next records link to."""


def lead(connection: Connection[Any]) -> bool:
    """Become the one publisher for as long as this session lives, if there is none."""
    row = connection.execute(QUERIES["lead"], {"lock": PUBLISHER_LOCK}).fetchone()
    return row is not None and bool(row[0])


def begin(connection: Connection[Any]) -> Checkpoint:
    """The checkpoint, in an epoch of its own: earlier publishers cannot move it."""
    return _checkpoint(connection.execute(QUERIES["begin"]).fetchone())


def load(connection: Connection[Any], epoch: int) -> Checkpoint:
    """The checkpoint as it lies there.

    Raises:
        Superseded: it is another publisher's.
    """
    found = _checkpoint(connection.execute(QUERIES["load"]).fetchone())
    if found.epoch != epoch:
        raise Superseded
    return found


def _checkpoint(row: tuple[Any, ...] | None) -> Checkpoint:
    assert row is not None, "the migration makes the row"
    return Checkpoint(row[0], row[1], tuple(row[2]))
