"""Log, topic and read tables of one test, and whoever works between them."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from kafka import TopicPartition

from infra import kafka
from infra.event_store import pages
from infra.postgres import connect
from infra.settings import PARTITIONS
from projections.generation import ALL_PARTITIONS
from tests.support.waiting import eventually
from workers.projector import Projector
from workers.publisher import Publisher
from workers.stopping import Stopping

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from infra.event_store.rows import Row
    from tests.projections.histories import Stream
    from tests.projections.tables import Tables


class Worker(Protocol):
    def run(self) -> None: ...


class Stage:
    def __init__(self, tables: Tables, bootstrap: str, topic: str) -> None:
        self.tables = tables
        self.bootstrap = bootstrap
        self.topic = topic
        self.dead_letters = f"{topic}.dead"
        kafka.create_topics(bootstrap, events=topic, dead_letters=self.dead_letters)

    def superuser(self) -> Any:
        """A session of somebody who may do everything."""
        url = self.tables.database.url("postgres")
        return connect(url, name="operator", autocommit=True)

    def given(self, *streams: Stream) -> int:
        return self.tables.given(*streams)

    @contextmanager
    def publisher(self, **options: Any) -> Iterator[Publisher]:
        stopping = Stopping()
        worker = Publisher(
            self.tables.database.url("runledger_publisher"),
            self.bootstrap,
            stopping,
            topic=self.topic,
            **options,
        )
        with _running(worker, stopping):
            yield worker

    @contextmanager
    def projector(
        self, partitions: Sequence[int] = ALL_PARTITIONS
    ) -> Iterator[Projector]:
        stopping = Stopping()
        worker = Projector(
            self.tables.database.url("runledger_projector"),
            self.bootstrap,
            stopping,
            partitions,
            topic=self.topic,
            dead_letters=self.dead_letters,
        )
        with _running(worker, stopping):
            yield worker

    def until_published(self, position: int) -> None:
        eventually(lambda: self.checkpoint()[1] >= position)

    def until_projected(self, position: int) -> None:
        """Wait until every event up to a position is in the tables of the moment."""
        ends = self.ends(position)

        def there() -> bool:
            rows = self.tables.connection.execute(
                "SELECT p.partition, p.position FROM projection.positions AS p"
                " JOIN projection.generations AS g ON g.id = p.generation"
                " WHERE g.state = 'current'"
            ).fetchall()
            return all(position >= ends[partition] for partition, position in rows)

        eventually(there)

    def ends(self, up_to: int) -> list[int]:
        """By partition the last position, from the log."""
        found = [0] * PARTITIONS
        for row in self.log(up_to):
            found[kafka.partition_of(row.stream_id)] = row.position
        return found

    def log(self, up_to: int) -> list[Row]:
        url = self.tables.database.url()
        with connect(url, name="tests", autocommit=True) as connection:
            return [row for page in pages.pages(connection, 0, up_to) for row in page]

    def checkpoint(self) -> tuple[int, int, list[int]]:
        """Epoch, position, and the last position of every partition."""
        (row,) = self.tables.connection.execute(
            "SELECT epoch, position, partition_positions"
            " FROM projection.publisher_checkpoint"
        )
        return row[0], row[1], row[2]

    def say_published(self, up_to: int) -> None:
        """Move the checkpoint as a publisher would that has sent so much."""
        url = self.tables.database.url("runledger_publisher")
        with connect(url, name="tests", autocommit=True) as connection:
            connection.execute(
                "UPDATE projection.publisher_checkpoint"
                " SET position = %s, partition_positions = %s",
                (up_to, self.ends(up_to)),
            )

    def labelled(self, up_to: int) -> list[tuple[Row, kafka.Headers]]:
        """The log's events with the headers that they should have."""
        last = [0] * PARTITIONS
        found = []
        for row in self.log(up_to):
            partition = kafka.partition_of(row.stream_id)
            found.append((row, kafka.headers(row, last[partition])))
            last[partition] = row.position
        return found

    def produce(self, records: Sequence[tuple[Row, kafka.Headers]]) -> None:
        """Send records as they are given, whatever they are."""
        producer = kafka.producer(self.bootstrap, name="tests")
        try:
            for row, headers in records:
                producer.send(
                    self.topic,
                    row.state,
                    str(row.stream_id).encode(),
                    headers,
                    kafka.partition_of(row.stream_id),
                )
            producer.flush()
        finally:
            producer.close()

    def consumed(self, topic: str | None = None) -> list[Any]:
        """All records of a topic now, partition by partition."""
        consumer = kafka.consumer(self.bootstrap, name="tests")
        try:
            name = topic or self.topic
            parts = [
                TopicPartition(name, number)
                for number in sorted(consumer.partitions_for_topic(name))
            ]
            consumer.assign(parts)
            consumer.seek_to_beginning(*parts)
            left = sum(consumer.end_offsets(parts).values())
            records: list[Any] = []
            while len(records) < left:
                for polled in consumer.poll(timeout_ms=1000).values():
                    records += polled
            return sorted(records, key=lambda each: (each.partition, each.offset))
        finally:
            consumer.close()


@contextmanager
def _running(worker: Worker, stopping: Stopping) -> Iterator[None]:
    errors: list[BaseException] = []

    def run() -> None:
        try:
            worker.run()
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        stopping.ask()
        thread.join(60)
    assert not thread.is_alive(), f"{worker} does not stop"
    if errors:
        raise errors[0]
