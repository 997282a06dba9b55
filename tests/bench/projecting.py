"""Publisher and projector, each alone and both at once, on a log that waits."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import psycopg
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient, NewTopic

from tests.bench.commands import WORKFLOW, drive_runs
from tests.bench.figures import Figure, at_least
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.bench.stack import Stack

RUNS = 5_000
"""Of ten events each."""
BARE = 20_000

PUBLISHED = "SELECT position FROM projection.publisher_checkpoint"
PROJECTED = """
SELECT coalesce(max(positions.position), 0)
  FROM projection.positions
  JOIN projection.generations ON generations.id = positions.generation
 WHERE generations.state = 'current'
"""


def measure(stack: Stack) -> Iterator[Figure]:
    assert stack.post("/v1/default/workflows", WORKFLOW)[0] in {200, 201}
    produced, consumed = _bare_kafka(stack)
    with stack.quiet("publish", "project", "query"):
        _fill(stack)
        with stack.quiet("command"):
            stack.start("publish")
            yield at_least(
                "publisher alone",
                _rate(stack, PUBLISHED, lambda: _position(stack, PUBLISHED)),
                "events/s",
                limit=produced,
                limit_is="kafka-python producing the same bytes",
            )
            stack.stop("publish")
            stack.start("project")
            yield at_least(
                "projector alone, all read tables",
                _rate(stack, PROJECTED, stack.level),
                "events/s",
                goal=20_000,
                limit=consumed,
                limit_is="kafka-python consuming the same bytes",
            )
            stack.stop("project")
        _fill(stack)
        with stack.quiet("command"):
            stack.start("publish")
            stack.start("project")
            yield at_least(
                "publisher and projector at once",
                _rate(stack, PROJECTED, stack.level),
                "events/s",
                goal=12_000,
            )
            stack.stop("publish")
            stack.stop("project")


def _fill(stack: Stack) -> None:
    drive_runs(stack, RUNS)


def _rate(stack: Stack, moving: str, reached: Callable[[], int | bool]) -> float:
    """Events per second from the first one done to the last one."""
    head = stack.head()
    start = _position(stack, moving)
    eventually(lambda: _position(stack, moving) > start)
    began, first = time.perf_counter(), _done(stack, moving)
    eventually(lambda: reached() in {head, True}, seconds=120)
    return (_done(stack, moving) - first) / (time.perf_counter() - began)


def _done(stack: Stack, moving: str) -> int:
    """Events behind us, over all partitions."""
    if moving == PUBLISHED:
        return _position(stack, PUBLISHED)
    with psycopg.connect(stack.url()) as connection:
        row = connection.execute(
            """
            SELECT count(*)
              FROM ledger.runledger_events AS event
              JOIN projection.positions ON positions.partition
                   = (('x' || right(event.originator_id::text, 8))::bit(32)::bigint) % 8
              JOIN projection.generations ON generations.id = positions.generation
             WHERE generations.state = 'current'
               AND event.notification_id <= positions.position
            """
        ).fetchone()
    return int(row[0]) if row else 0


def _position(stack: Stack, query: str) -> int:
    with psycopg.connect(stack.url()) as connection:
        row = connection.execute(query.encode()).fetchone()
    return int(row[0]) if row else 0


def _bare_kafka(stack: Stack) -> tuple[float, float]:
    """Records per second that the client produces and consumes, four headers each."""
    admin = KafkaAdminClient(bootstrap_servers=stack.kafka.bootstrap)
    admin.create_topics([NewTopic("bare", 8, 1)])
    admin.close()
    headers = [(f"ce_{name}", b"x" * 20) for name in ("id", "type", "time", "source")]
    producer = KafkaProducer(
        bootstrap_servers=stack.kafka.bootstrap, acks="all", enable_idempotence=True
    )
    producer.partitions_for("bare")
    started = time.perf_counter()
    for number in range(BARE):
        producer.send(
            "bare",
            b"x" * 245,
            key=b"k" * 36,
            headers=headers,
            partition=number % 8,
        )
    producer.flush()
    produced = BARE / (time.perf_counter() - started)
    producer.close()
    consumer = KafkaConsumer(
        bootstrap_servers=stack.kafka.bootstrap, enable_auto_commit=False
    )
    partitions = [TopicPartition("bare", number) for number in range(8)]
    consumer.assign(partitions)
    consumer.seek_to_beginning(*partitions)
    seen = 0
    started = time.perf_counter()
    while seen < BARE:
        seen += sum(map(len, consumer.poll(timeout_ms=1000, max_records=2000).values()))
    consumed = BARE / (time.perf_counter() - started)
    consumer.close()
    return produced, consumed
