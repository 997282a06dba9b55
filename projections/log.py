"""The log as projectors read it: when Kafka lacks something, and for a rebuild."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from infra import sql
from projections.change import Change
from projections.read_model import SQL

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from uuid import UUID

    from psycopg import Connection

QUERIES = sql.load(SQL / "log.sql")


class Log:
    """Reads through one session, which others may use in between."""

    def __init__(self, connection: Connection[Any]) -> None:
        self._connection = connection

    def window(
        self, after: int, up_to: int, partitions: Iterable[int]
    ) -> list[tuple[Change, int]]:
        """Events of these partitions in ``(after, up_to]``, each with its own."""
        asked = {"after": after, "up_to": up_to, "partitions": list(partitions)}
        return [
            (Change._make(row[:-1]), row[-1]) for row in self._fetch("window", asked)
        ]

    def before(self, versions: Mapping[UUID, int]) -> dict[UUID, list[Change]]:
        """For each run its events below a version, in order."""
        found: dict[UUID, list[Change]] = {run: [] for run in versions}
        asked = {"runs": list(versions), "versions": list(versions.values())}
        for change in self._changes("before", asked):
            found[change.stream_id].append(change)
        return found

    def run(self, run_id: UUID, up_to: int) -> list[Change]:
        """All events of a stream up to a position, in order."""
        return self._changes("run", {"run_id": run_id, "up_to": up_to})

    def definitions(
        self, wanted: Sequence[tuple[UUID, int]]
    ) -> dict[tuple[UUID, int], tuple[str, bytes]]:
        """Topic and state of the events that registered these workflow versions."""
        asked = {
            "streams": [stream for stream, _ in wanted],
            "versions": [version for _, version in wanted],
        }
        return {
            (stream, version): (topic, state)
            for stream, version, topic, state in self._fetch("definitions", asked)
        }

    def head(self) -> int:
        """Position of the last event."""
        return int(self._fetch("head", {})[0][0])

    def published(self) -> tuple[int, ...]:
        """By partition, the last position that has reached Kafka for certain."""
        return tuple(self._fetch("checkpoint", {})[0][0])

    def _changes(self, name: str, asked: Mapping[str, object]) -> list[Change]:
        return [Change._make(row) for row in self._fetch(name, asked)]

    def _fetch(self, name: str, asked: Mapping[str, object]) -> list[tuple[Any, ...]]:
        cursor = self._connection.cursor(binary=True)
        return cursor.execute(QUERIES[name], asked, prepare=True).fetchall()
