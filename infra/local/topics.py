"""The two topics of a local stack: made when missing, never changed."""

from __future__ import annotations

import logging
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError

from infra.kafka import create_topics
from infra.local.errors import StackError
from infra.local.processes import POLL
from infra.settings import DEAD_LETTERS_TOPIC, EVENTS_TOPIC, PARTITIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

VISIBLE_S = 15.0


def ensure_topics(bootstrap: str) -> None:
    """Make the topics that are missing.

    Raises:
        StackError: no answer from Kafka, or the one there has other partitions.
    """
    with _kafka_asked(bootstrap):
        create_topics(bootstrap)
    deadline = time.monotonic() + VISIBLE_S
    # A broker tells of a new topic a moment after it has made it.
    while EVENTS_TOPIC not in (there := partitions(bootstrap)):
        if time.monotonic() > deadline:
            raise StackError(
                f"Kafka on {bootstrap} took the topic {EVENTS_TOPIC} and does not show "
                "it: see its log, and whether this client may describe topics."
            )
        time.sleep(POLL)
    if (found := there[EVENTS_TOPIC]) != PARTITIONS:
        raise StackError(
            f"The topic {EVENTS_TOPIC} on {bootstrap} has {found} partitions and needs "
            f"{PARTITIONS}, which never changes: use another Kafka, or delete that "
            "topic and rebuild."
        )


def partitions(bootstrap: str) -> dict[str, int]:
    """How many partitions each of our topics has, of those that are there.

    Raises:
        StackError: no answer from Kafka.
    """
    with _kafka_asked(bootstrap):
        admin = KafkaAdminClient(
            bootstrap_servers=bootstrap, bootstrap_timeout_ms=5_000
        )
        try:
            there = {EVENTS_TOPIC, DEAD_LETTERS_TOPIC} & set(admin.list_topics())
            described = admin.describe_topics(sorted(there))
        finally:
            admin.close()
    return {str(topic["name"]): len(topic["partitions"]) for topic in described}


@contextmanager
def _kafka_asked(bootstrap: str) -> Iterator[None]:
    # Its warnings repeat, broker by broker, what the error below says once.
    logging.getLogger("kafka").setLevel(logging.CRITICAL)
    try:
        yield
    except KafkaError as error:
        raise StackError(
            f"Kafka on {bootstrap} did not do what was asked ({error}): check that it "
            "runs, and that RUNLEDGER_KAFKA_BOOTSTRAP names it where it is set."
        ) from error
