"""The events topic: who goes where, how a record is labelled, how clients are set.

A record is a CloudEvent in binary mode: the value is the stored state as it lies in
the log, all else is in headers. ``position`` and ``previous`` (the position before it
in its partition) link a partition's records, so that a consumer sees by itself what
it has had already and whether something is missing.
"""

from __future__ import annotations

from datetime import UTC
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import orjson
from kafka import KafkaConsumer, KafkaProducer
from kafka.admin import KafkaAdminClient, NewTopic
from kafka.errors import TopicAlreadyExistsError

from infra.settings import DEAD_LETTERS_TOPIC, EVENTS_TOPIC, PARTITIONS

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from infra.event_store.rows import Row

Headers = list[tuple[str, bytes]]


def partition_of(stream_id: UUID) -> int:
    """Where a stream's events go, for ever: consumers rely on it for their order."""
    # The last bytes are random in a UUIDv7 and hashed in a UUIDv5; the first ones
    # are a clock and would send all runs of a moment to one partition.
    return int.from_bytes(stream_id.bytes[-4:], "big") % PARTITIONS


def headers(row: Row, previous: int) -> Headers:
    """The CloudEvents attributes of an event; ``previous``: see the module."""
    found = [
        _SPECVERSION,
        ("ce_id", str(row.event_id).encode()),
        _source(row.namespace),
        _type(row.topic, _class_version(row.state)),
        ("ce_time", _rfc3339(row.occurred_at)),
        ("ce_subject", str(row.stream_id).encode()),
        _CONTENT_TYPE,
        ("ce_position", b"%d" % row.position),
        ("ce_previous", b"%d" % previous),
        ("ce_streamversion", b"%d" % row.version),
        ("ce_actor", row.actor.encode()),
        ("ce_recordedtime", _rfc3339(row.recorded_at)),
    ]
    if row.recorded_by != row.actor:
        found.append(("ce_recordedby", row.recorded_by.encode()))
    if row.correlation_id is not None:
        found.append(("ce_correlationid", str(row.correlation_id).encode()))
    if row.causation_id is not None:
        found.append(("ce_causationid", str(row.causation_id).encode()))
    if row.trace:
        found.append(("ce_traceparent", row.trace.encode()))
    return found


_SPECVERSION = ("ce_specversion", b"1.0")
_CONTENT_TYPE = ("content-type", b"application/json")


@lru_cache(maxsize=4096)
def _source(namespace: str) -> tuple[str, bytes]:
    return "ce_source", f"/runledger/{namespace}".encode()


@lru_cache(maxsize=1024)
def _type(topic: str, version: int) -> tuple[str, bytes]:
    return "ce_type", f"runledger.{topic}.v{version}".encode()


def _class_version(state: bytes) -> int:
    # The library writes it into the state of a class that has had an earlier version,
    # and nowhere else. A text that mentions it costs a parse and misleads nobody.
    if b'"class_version"' not in state:
        return 1
    found = orjson.loads(state).get("class_version", 1)
    return found if isinstance(found, int) else 1


def _rfc3339(moment: datetime) -> bytes:
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    return moment.isoformat().encode()


def topic_of(ce_type: bytes) -> str:
    """The topic in a CloudEvents type: ``run.queued`` of ``runledger.run.queued.v1``.

    Raises:
        ValueError: it is no type of ours.
    """
    return _topic_of(ce_type)


@lru_cache(maxsize=1024)
def _topic_of(ce_type: bytes) -> str:
    text = ce_type.decode()
    name, _, version = text.rpartition(".v")
    if not name.startswith("runledger.") or not version.isdigit():
        raise ValueError(f"{text!r} is no type of an event of ours.")
    return name.removeprefix("runledger.")


@lru_cache(maxsize=4096)
def namespace_of(ce_source: bytes) -> str:
    """The namespace in a CloudEvents source.

    Raises:
        ValueError: it is no source of ours.
    """
    text = ce_source.decode()
    if not text.startswith("/runledger/"):
        raise ValueError(f"{text!r} is no source of ours.")
    return text.removeprefix("/runledger/")


def producer(bootstrap: str, *, name: str) -> Any:
    """A producer that orders, acknowledges and deduplicates what it sends.

    Raises:
        kafka.errors.KafkaError: no broker answers.
    """
    return KafkaProducer(
        bootstrap_servers=bootstrap,
        client_id=name,
        enable_idempotence=True,
        acks="all",
        # Costs no time, since a caller flushes as soon as it has no more to send, and
        # keeps the sender's thread from sending every record by itself until then.
        linger_ms=100,
        batch_size=262_144,
        # A stored event has 256 KiB at most; this leaves room for its headers.
        max_request_size=4_194_304,
        # Long enough for a broker that was killed to come back (7 s) and take what
        # waits; after that the caller goes back to its checkpoint.
        delivery_timeout_ms=20_000,
        request_timeout_ms=10_000,
        max_block_ms=10_000,
        bootstrap_timeout_ms=3_000,
        retry_backoff_ms=50,
        reconnect_backoff_max_ms=500,
        allow_auto_create_topics=False,
        metrics_enabled=False,
    )


def consumer(bootstrap: str, *, name: str, wait_ms: int = 500) -> Any:
    """A consumer without a group: offsets are the caller's, nothing is reset alone.

    Raises:
        kafka.errors.KafkaError: no broker answers.
    """
    return KafkaConsumer(
        bootstrap_servers=bootstrap,
        client_id=name,
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="none",
        fetch_min_bytes=1,
        fetch_max_wait_ms=wait_ms,
        max_partition_fetch_bytes=2_097_152,
        max_poll_records=2_000,
        request_timeout_ms=10_000,
        bootstrap_timeout_ms=3_000,
        retry_backoff_ms=50,
        reconnect_backoff_max_ms=500,
        allow_auto_create_topics=False,
        metrics_enabled=False,
    )


def create_topics(
    bootstrap: str,
    *,
    events: str = EVENTS_TOPIC,
    dead_letters: str = DEAD_LETTERS_TOPIC,
    replicas: int = 1,
) -> list[str]:
    """Make the topics that are missing; the names of those that were made.

    Raises:
        kafka.errors.KafkaError: no broker answers, or it refuses.
    """
    wanted = {events: PARTITIONS, dead_letters: 1}
    admin = KafkaAdminClient(
        bootstrap_servers=bootstrap,
        client_id="runledger-topics",
        request_timeout_ms=10_000,
    )
    try:
        made = []
        for name in wanted.keys() - set(admin.list_topics()):
            topic = NewTopic(
                name=name,
                num_partitions=wanted[name],
                replication_factor=replicas,
                # Kept for ever: a new consumer starts at the beginning.
                topic_configs={"retention.ms": "-1", "max.message.bytes": "2097152"},
            )
            try:
                admin.create_topics([topic])
            except TopicAlreadyExistsError:
                continue  # another process was a moment faster
            made.append(name)
        return made
    finally:
        admin.close()
