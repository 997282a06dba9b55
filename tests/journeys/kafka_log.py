"""The topic as a plain consumer of another team reads it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from cloudevents.core.bindings.kafka import KafkaMessage, from_binary
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from kafka import KafkaConsumer, TopicPartition

from infra.settings import EVENTS_TOPIC

if TYPE_CHECKING:
    from kafka.consumer.fetcher import ConsumerRecord

    from tests.journeys.independent import Fact


def read_topic(bootstrap: str) -> list[ConsumerRecord]:
    """Every record that is in the topic now, each partition in order."""
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    try:
        partitions = [
            TopicPartition(EVENTS_TOPIC, number)
            for number in sorted(consumer.partitions_for_topic(EVENTS_TOPIC) or ())
        ]
        consumer.assign(partitions)
        consumer.seek_to_beginning(*partitions)
        ends = consumer.end_offsets(partitions)
        found: list[ConsumerRecord] = []
        while any(consumer.position(one) < ends[one] for one in partitions):
            for records in consumer.poll(timeout_ms=1000).values():
                found.extend(records)
        return found
    finally:
        consumer.close()


def check_topic(records: list[ConsumerRecord], facts: list[Fact]) -> None:
    """As many distinct ids as events, valid CloudEvents, order and links whole."""
    by_id = {str(fact.row["event_id"]): fact for fact in facts}
    seen: dict[str, set[str]] = defaultdict(set)
    last: dict[int, int] = {}
    versions: dict[str, int] = {}
    for record in records:
        event = from_binary(
            KafkaMessage(dict(record.headers), record.key, record.value),
            JSONFormat(),
            CloudEvent,
        )
        fact = by_id[event.get_id()]
        assert event.get_specversion() == "1.0"
        assert event.get_source() == f"/runledger/{fact.row['namespace']}"
        assert event.get_type() == f"runledger.{fact.topic}.v1"
        assert event.get_subject() == str(fact.stream)
        assert event.get_datacontenttype() == "application/json"
        assert event.get_time() == fact.row["occurred_at"]
        assert event.get_data() == fact.payload
        if event.get_id() in seen[str(record.partition)]:
            continue  # at least once: a consumer drops what it has seen
        seen[str(record.partition)].add(event.get_id())
        assert int(str(event.get_extension("previous"))) == last.get(
            record.partition, 0
        ), f"a link is broken at position {fact.position}"
        last[record.partition] = fact.position
        assert int(str(event.get_extension("streamversion"))) == fact.version
        assert fact.version == versions.get(str(fact.stream), 0) + 1
        versions[str(fact.stream)] = fact.version
    assert sum(len(ids) for ids in seen.values()) == len(facts)
    assert set().union(*seen.values()) == set(by_id)
