"""Filling an empty generation from the log: whole runs, some partitions of them.

Runs in a process of its own, several side by side. Each run is read from its first
event to the bound and folded once; its final rows are written once.
"""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any, NamedTuple

from infra.postgres import connect
from projections.catalogue import TABLES
from projections.change import Change
from projections.encoding import encode
from projections.errors import Broken
from projections.folding import Folding
from projections.generation import use
from projections.log import QUERIES, Log

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from uuid import UUID

    from psycopg import Connection

    from projections.batch import Batch
    from projections.read_model import Table

PAGE_EVENTS = 2_000
"""Events per statement, and about so many per transaction."""


class Progress(NamedTuple):
    """Told from time to time, and at last with the positions reached."""

    events: int
    reached: dict[int, int]
    """Last position of each partition, once all is done; empty before."""


def fill(
    url: str,
    number: int,
    partitions: Sequence[int],
    bounds: Sequence[int],
    tell: Callable[[Progress], None],
    tables: Sequence[Table] = TABLES,
) -> None:
    """Write the rows of all runs of these partitions up to their bounds.

    Raises:
        Broken: an event cannot be applied; nothing more is written.
        psycopg.Error: the database failed.
    """
    reached = dict.fromkeys(partitions, 0)
    events = 0
    with (
        connect(url, name="rebuild-read") as reading,
        connect(url, name="rebuild-write", autocommit=True, durable=False) as writing,
    ):
        use(writing, number)
        folding = Folding(Log(writing), cache_bytes=0)
        for page in _pages(reading, partitions, bounds):
            folded = folding.fold([change for change, _ in page])
            if folded.failures:
                raise Broken(folded.failures[0])
            _write(writing, folded.batch, tables)
            for change, partition in page:
                if change.position > reached[partition]:
                    reached[partition] = change.position
            events += len(page)
            tell(Progress(events, {}))
    tell(Progress(events, reached))


def _pages(
    connection: Connection[Any], partitions: Sequence[int], bounds: Sequence[int]
) -> Iterator[list[tuple[Change, int]]]:
    """Whole runs, about a page of events at a time."""
    page: list[tuple[Change, int]] = []
    last: UUID | None = None
    # The index that has runs in a row is read, not the table sorted: the first rows
    # come at once, and nothing is spilled to disk.
    connection.execute("SET enable_sort = off")
    with closing(connection.cursor("whole", binary=True)) as cursor:
        cursor.itersize = PAGE_EVENTS
        cursor.execute(
            QUERIES["whole"], {"partitions": list(partitions), "bounds": list(bounds)}
        )
        for row in cursor:
            change = Change._make(row[:-1])
            if len(page) >= PAGE_EVENTS and change.stream_id != last:
                yield page
                page = []
            last = change.stream_id
            page.append((change, row[-1]))
    if page:
        yield page


def _write(connection: Connection[Any], batch: Batch, tables: Sequence[Table]) -> None:
    with connection.pipeline(), connection.transaction():
        for table in tables:
            if rows := table.model.rows(batch):
                connection.execute(table.upsert, {"rows": encode(rows)}, prepare=True)
