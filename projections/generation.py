"""One generation of read tables: where it is, and writing a batch into it.

Rows and positions move in one transaction, positions first: whoever is not the
projector any more fails there, before it has written anything.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, NamedTuple

import psycopg
from psycopg import sql as composed

from infra import sql
from infra.kafka import partition_of
from infra.settings import PARTITIONS
from projections.batch import Batch
from projections.catalogue import TABLES
from projections.decoding import Failure, reason
from projections.encoding import encode
from projections.errors import Broken, Retired, is_poison, raise_if_ousted
from projections.folding import Folding
from projections.log import Log
from projections.read_model import SQL, Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from uuid import UUID

    from psycopg import Connection

    from projections.batch import Counted
    from projections.change import Change

log = logging.getLogger("runledger.projector")

QUERIES = sql.load(SQL / "control.sql")

ALL_PARTITIONS = tuple(range(PARTITIONS))


class Place(NamedTuple):
    """How far a generation has come in a partition."""

    next_offset: int
    """What to read next in Kafka."""
    position: int
    """Last position that its rows hold."""


class Generation:
    """A generation's tables as one projector sees them, through one session.

    ``apply`` may be called again after any error, once ``reload`` has told where the
    tables are.
    """

    def __init__(
        self,
        connection: Connection[Any],
        number: int,
        partitions: Sequence[int] = ALL_PARTITIONS,
        *,
        parking: bool = True,
        tables: Sequence[Table] = TABLES,
    ) -> None:
        self.number = number
        self.partitions = tuple(partitions)
        self.places: dict[int, Place] = {}
        self.parked: set[UUID] = set()
        self.log = Log(connection)
        self._connection = connection
        self._parking = parking
        self._folding = Folding(self.log)
        self._tables = _there(connection, number, tables)
        self.reload()

    def keep_at_most(self, size: int) -> None:
        """Bound the folded runs that are kept, in bytes (roughly)."""
        self._folding.most_bytes = size

    def reload(self) -> None:
        """Forget what is in memory and read where the tables are."""
        self._folding.reset()
        use(self._connection, self.number)
        asked = {"generation": self.number, "partitions": list(self.partitions)}
        self.places = {
            partition: Place(next_offset, position)
            for partition, next_offset, position in self._connection.execute(
                QUERIES["positions"], asked
            )
        }
        if len(self.places) != len(self.partitions):
            raise Retired
        self.parked = {
            row[0] for row in self._connection.execute(QUERIES["parked_runs"], asked)
        }

    def fold(self, changes: Sequence[Change]) -> Batch:
        """What these events do, written nowhere."""
        try:
            return self._folding.fold(changes).batch
        finally:
            self._folding.reset()

    def apply(
        self, changes: Sequence[Change], places: Mapping[int, Place]
    ) -> list[Failure]:
        """Bring the tables to ``places`` by these events; what was parked of them.

        Raises:
            Fenced, Retired: nothing was written, and this projector has to stop.
            Broken: an event cannot be applied, and parking is not wanted.
            psycopg.Error: nothing was written; ``reload`` and try again.
        """
        try:
            parked = self._apply(changes, places)
        except psycopg.Error as error:
            self._folding.reset()
            raise_if_ousted(error)
            raise
        except BaseException:
            self._folding.reset()
            raise
        self.places.update(places)
        self.parked.update(failure.change.stream_id for failure in parked)
        return parked

    def replay(self, run_id: UUID) -> str | None:
        """Fold a run anew from the log and unpark it; None, or why it stays parked.

        Raises:
            Fenced, Retired, psycopg.Error: as ``apply``.
        """
        partition = partition_of(run_id)
        place = self.places[partition]
        changes = self.log.run(run_id, place.position)
        if not changes:
            return "The log has no events of it, or they are not published yet."
        folded = self._folding.replay(run_id, changes, self._counted(run_id))
        failures = folded.failures
        if not failures:
            # The position stays: to set it to itself finds out whether we may write.
            try:
                with self._transaction():
                    self._advance({partition: place})
                    self._connection.execute(
                        QUERIES["unpark"],
                        {"generation": self.number, "run_id": run_id},
                    )
                    self._write(folded.batch)
                    self._connection.execute(QUERIES["tell"])
            except psycopg.Error as error:
                raise_if_ousted(error)
                if not is_poison(error):
                    raise
                return reason(error)
            except TypeError as error:
                return reason(error)
            self.parked.discard(run_id)
            return None
        return failures[0].error

    def _counted(self, run_id: UUID) -> Counted | None:
        found = self._connection.execute(
            QUERIES["counted"], {"run_id": run_id}
        ).fetchone()
        return None if found is None else _Row._make(found)

    def _apply(
        self, changes: Sequence[Change], places: Mapping[int, Place]
    ) -> list[Failure]:
        parked = self.parked
        late: list[Failure] = []
        if parked:
            late = [
                Failure(change, "an earlier event of the run is parked")
                for change in changes
                if change.stream_id in parked
            ]
            changes = [change for change in changes if change.stream_id not in parked]
        batch, failures = self._folding.fold(changes)
        if failures and not self._parking:
            raise Broken(failures[0])
        try:
            with self._connection.pipeline() as pipeline, self._transaction():
                self._advance(places)
                self._write(batch)
                self._park([*late, *failures])
                self._connection.execute(QUERIES["tell"])
                # Any statement's error comes out here, before the commit.
                pipeline.sync()
        except Exception as error:
            if not is_poison(error):
                raise
            return [*late, *self._carefully(batch, failures, late, places)]
        return [*late, *failures]

    def _carefully(
        self,
        batch: Batch,
        failures: Sequence[Failure],
        late: Sequence[Failure],
        places: Mapping[int, Place],
    ) -> list[Failure]:
        """Somebody's row is not to be written: find whose, and write the others."""
        found = list(failures)
        with self._transaction():
            self._advance(places)
            for one, changes in _each(batch):
                try:
                    with self._transaction():
                        self._write(one)
                except Exception as error:
                    if not is_poison(error):
                        raise
                    if not self._parking:
                        raise Broken(Failure(changes[0], reason(error))) from error
                    found += [Failure(change, reason(error)) for change in changes]
                    self._folding.forget(changes[0].stream_id)
            self._park([*late, *found])
            self._connection.execute(QUERIES["tell"])
        return found

    def _transaction(self) -> AbstractContextManager[object]:
        return self._connection.transaction()

    def _advance(self, places: Mapping[int, Place]) -> None:
        old = [self.places[partition] for partition in places]
        self._connection.execute(
            QUERIES["advance"],
            {
                "generation": self.number,
                "partitions": list(places),
                "old_offsets": [place.next_offset for place in old],
                "old_positions": [place.position for place in old],
                "new_offsets": [place.next_offset for place in places.values()],
                "new_positions": [place.position for place in places.values()],
            },
            prepare=True,
        )

    def _write(self, batch: Batch) -> None:
        if not batch:
            return
        for table in self._tables:
            if rows := table.model.rows(batch):
                self._connection.execute(
                    table.upsert, {"rows": encode(rows)}, prepare=True
                )

    def _park(self, failures: Sequence[Failure]) -> None:
        if failures:
            changes = [failure.change for failure in failures]
            self._connection.execute(
                QUERIES["park"],
                {
                    "generation": self.number,
                    "positions": [change.position for change in changes],
                    "runs": [change.stream_id for change in changes],
                    "partitions": [partition_of(c.stream_id) for c in changes],
                    "topics": [change.topic for change in changes],
                    "errors": [failure.error for failure in failures],
                },
            )


class _Row(NamedTuple):
    """``Counted`` from a row of the table runs."""

    workflow: str
    state: str
    created_at: Any
    ended_at: Any
    duration_us: int | None


def schema_of(number: int) -> str:
    return f"read_{number}"


def use(connection: Connection[Any], number: int) -> None:
    """Let unqualified names of tables be those of this generation."""
    connection.execute(
        composed.SQL("SET search_path = {}").format(
            composed.Identifier(schema_of(number))
        )
    )


def current(connection: Connection[Any]) -> int:
    """The generation that queries see."""
    row = connection.execute(QUERIES["current"]).fetchone()
    assert row is not None, "a migration makes the first one, a flip keeps one"
    return int(row[0])


def _there(
    connection: Connection[Any], number: int, tables: Iterable[Table]
) -> list[Table]:
    """The tables that the generation has: a new one comes with the next rebuild."""
    found = {
        row[0]
        for row in connection.execute(QUERIES["tables"], {"schema": schema_of(number)})
    }
    if missing := [table.name for table in tables if table.name not in found]:
        log.warning(
            "generation %d has no %s: run a rebuild to get it",
            number,
            ", ".join(missing),
        )
    return [table for table in tables if table.name in found]


def _each(batch: Batch) -> Iterable[tuple[Batch, list[Change]]]:
    """The batch stream by stream, with the events of each."""
    for workflow in batch.workflows:
        yield Batch(workflows=[workflow]), [workflow.change]
    for run in batch.runs:
        yield Batch(runs=[run]), [change for change, _ in run.events]
    for bulk in batch.bulks:
        yield Batch(bulks=[bulk]), [change for change, _ in bulk.events]
