"""A record in Kafka for each parked event: a notice for others, not the truth.

The truth is the table of parked events. So a notice that cannot be sent is only
logged, and one that was sent for a transaction repeated later may come twice.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import orjson
from kafka.errors import KafkaError

from infra import kafka
from infra.settings import DEAD_LETTERS_TOPIC

if TYPE_CHECKING:
    from collections.abc import Sequence

    from projections.decoding import Failure

log = logging.getLogger("runledger.projector")

PATIENCE_S = 5.0


class DeadLetters:
    """Connects when there is something to send for the first time."""

    def __init__(self, bootstrap: str, topic: str = DEAD_LETTERS_TOPIC) -> None:
        self._bootstrap = bootstrap
        self._topic = topic
        self._producer: Any = None

    def send(self, parked: Sequence[Failure]) -> None:
        if not parked:
            return
        try:
            if self._producer is None:
                self._producer = kafka.producer(
                    self._bootstrap, name="runledger-dead-letters"
                )
            for change, error in parked:
                notice = {
                    "position": change.position,
                    "run_id": change.stream_id,
                    "version": change.version,
                    "topic": change.topic,
                    "namespace": change.namespace,
                    "error": error,
                }
                self._producer.send(
                    self._topic,
                    orjson.dumps(notice),
                    str(change.stream_id).encode(),
                )
            self._producer.flush(timeout=PATIENCE_S)
        except KafkaError as error:
            log.warning("%d dead letters not sent: %s", len(parked), error)

    def close(self) -> None:
        if self._producer is not None:
            with suppress(KafkaError):
                self._producer.close(timeout=PATIENCE_S)
            self._producer = None
