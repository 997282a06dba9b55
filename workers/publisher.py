"""Carries the log to Kafka: every event, in order, at least once.

One publisher is active. What it sends is a function of the log and of the checkpoint
alone, so whatever dies whenever, the next one sends the same records again from the
checkpoint on, and consumers drop what they have had by its position.
"""

from __future__ import annotations

import logging
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import psycopg
from kafka.errors import KafkaError, KafkaTimeoutError

from infra import kafka
from infra.event_store import pages
from infra.postgres import LOG_CHANNEL, connect
from infra.settings import EVENTS_TOPIC
from workers import checkpoint
from workers.checkpoint import QUERIES, Checkpoint, Superseded
from workers.stopping import BackOff

if TYPE_CHECKING:
    from collections.abc import Sequence

    from psycopg import Connection

    from infra.event_store.rows import Row
    from workers.stopping import Stopping

log = logging.getLogger("runledger.publisher")

IDLE_S = 0.25
"""How long a lost notification delays an event at most."""

STANDBY_S = 0.25
"""How often a standby asks whether it may lead."""


class Publisher:
    """Runs until ``stopping``; survives the loss of PostgreSQL and of Kafka."""

    def __init__(
        self,
        url: str,
        bootstrap: str,
        stopping: Stopping,
        *,
        topic: str = EVENTS_TOPIC,
        page_rows: int = 1_000,
        page_bytes: int = 2_097_152,
    ) -> None:
        self._url = url
        self._bootstrap = bootstrap
        self._stopping = stopping
        self._topic = topic
        self._page_rows = page_rows
        self._page_bytes = page_bytes
        self._back_off = BackOff()

    def run(self) -> None:
        while not self._stopping:
            try:
                # Not durable: a checkpoint lost in a crash is only an older one.
                with connect(
                    self._url, name="publisher", autocommit=True, durable=False
                ) as connection:
                    self._lead(connection)
            except psycopg.OperationalError as error:
                log.warning("PostgreSQL is away, trying again: %s", one_line(error))
            except Superseded:
                log.warning("another publisher leads, standing by")
            if not self._stopping:
                self._back_off.wait(self._stopping)

    def _lead(self, connection: Connection[Any]) -> None:
        if not checkpoint.lead(connection):
            log.info("standing by: another publisher leads")
            while not checkpoint.lead(connection):
                if self._stopping.wait(STANDBY_S):
                    return
        connection.execute(f"LISTEN {LOG_CHANNEL}")
        epoch = checkpoint.begin(connection).epoch
        log.info("leading in epoch %d", epoch)
        while not self._stopping:
            producer = None
            try:
                producer = kafka.producer(self._bootstrap, name="runledger-publisher")
                self._publish(connection, producer, checkpoint.load(connection, epoch))
            except KafkaError as error:
                log.warning(
                    "Kafka is away, going back to the checkpoint: %s", one_line(error)
                )
                self._back_off.wait(self._stopping)
            finally:
                if producer is not None:
                    _drop(producer)

    def _publish(
        self, connection: Connection[Any], producer: Any, done: Checkpoint
    ) -> None:
        rows = self._page(connection, done)
        while not self._stopping:
            if not rows:
                for _ in connection.notifies(timeout=IDLE_S, stop_after=1):
                    pass
                rows = self._page(connection, done)
                continue
            reached = self._send(producer, rows, done)
            if reached is None:
                return
            self._back_off.reset()
            done, rows = self._advance(connection, done, reached)

    def _send(
        self, producer: Any, rows: Sequence[Row], done: Checkpoint
    ) -> Checkpoint | None:
        """The checkpoint to write now; None if asked to end while Kafka is away."""
        last = list(done.partition_positions)
        futures: deque[Any] = deque()
        for row in rows:
            partition = kafka.partition_of(row.stream_id)
            futures.append(
                producer.send(
                    self._topic,
                    row.state,
                    str(row.stream_id).encode(),
                    kafka.headers(row, last[partition]),
                    partition,
                )
            )
            last[partition] = row.position
        while True:
            try:
                producer.flush(timeout=1.0)
                break
            except KafkaTimeoutError:
                # It goes on trying until delivery_timeout_ms; nobody need wait for
                # that in order to stop: the checkpoint has not moved.
                if self._stopping:
                    return None
        for future in futures:
            # A flush also returns when a record was given up; only its future tells.
            future.get(timeout=0)
        return Checkpoint(done.epoch, rows[-1].position, tuple(last))

    def _page(self, connection: Connection[Any], done: Checkpoint) -> list[Row]:
        return pages.page(
            connection,
            done.position,
            max_rows=self._page_rows,
            max_bytes=self._page_bytes,
        )

    def _advance(
        self, connection: Connection[Any], done: Checkpoint, reached: Checkpoint
    ) -> tuple[Checkpoint, list[Row]]:
        """Write the checkpoint, and read what follows in the same round trip.

        Raises:
            Superseded: the checkpoint is another publisher's.
        """
        with connection.pipeline():
            moved = connection.execute(
                QUERIES["advance"],
                {
                    "epoch": done.epoch,
                    "old": done.position,
                    "position": reached.position,
                    "partition_positions": list(reached.partition_positions),
                },
                prepare=True,
            )
            rows = self._page(connection, reached)
        if moved.fetchone() is None:
            raise Superseded
        return reached, rows


def _drop(producer: Any) -> None:
    """Close it without waiting for what it could not deliver."""
    # close() waits for the records first and gives up, still open, when the broker
    # is away: then its thread would go on sending behind our back.
    with suppress(KafkaError):
        producer.close(timeout=0)
        return
    producer._sender.force_close()
    producer._sender.join(5.0)


def one_line(error: BaseException) -> str:
    """What went wrong, for a log that has one line per entry."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
