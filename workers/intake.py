"""The events topic as a projector reads it: where, in which order, and what is new."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, NamedTuple

from kafka import TopicPartition

from infra import kafka
from projections.change import Change, Unreadable, link, of_record
from projections.generation import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

log = logging.getLogger("runledger.projector")

SLICE_MS = 20
SLICES = 12
MOST_RECORDS = 2_000


class Intake:
    """A consumer of some partitions, which goes where it is told."""

    def __init__(
        self, bootstrap: str, topic: str, partitions: Sequence[int], *, name: str
    ) -> None:
        """Raises kafka.errors.KafkaError: no broker answers."""
        self._consumer: Any = kafka.consumer(bootstrap, name=name)
        self._of = {
            partition: TopicPartition(topic, partition) for partition in partitions
        }
        self._consumer.assign(list(self._of.values()))

    def seek(self, places: Mapping[int, Place]) -> None:
        for partition, place in places.items():
            self._consumer.seek(self._of[partition], place.next_offset)

    def poll(self) -> dict[int, list[Any]]:
        """What is there, as soon as anything is; nothing after a while.

        Raises:
            kafka.errors.KafkaError: an offset is not there any more, or the records
                cannot be read. (An absent broker is no error: nothing comes.)
        """
        # In slices: a response that comes in just when the client sends its next
        # fetch lies there unnoticed until the poll ends (kafka-python 3.0.12).
        for _ in range(SLICES):
            polled = self._consumer.poll(timeout_ms=SLICE_MS, max_records=MOST_RECORDS)
            if polled:
                return {tp.partition: records for tp, records in polled.items()}
        return {}

    def ends(self) -> dict[int, int]:
        """The offsets that the next records will have.

        Raises:
            kafka.errors.KafkaError: the broker does not tell.
        """
        found = self._consumer.end_offsets(list(self._of.values()), timeout_ms=5_000)
        return {tp.partition: offset for tp, offset in found.items()}

    def close(self) -> None:
        self._consumer.close(autocommit=False, timeout_ms=1_000)


class Sifted(NamedTuple):
    """The new events of a partition's records, as far as no gap comes."""

    changes: list[Change]
    place: Place
    """After them, or, before a gap, where the gap begins."""
    gap_to: int | None
    """Position of the first record behind a gap: everything up to it is missing."""
    rest: Sequence[Any]
    """The records from that one on."""


def sift(records: Sequence[Any], place: Place) -> Sifted:
    """Drop what has been seen; stop where something is missing."""
    changes: list[Change] = []
    next_offset, seen = place
    for index, record in enumerate(records):
        try:
            position, previous = link(record.headers)
            if position > seen:
                if previous != seen:
                    return Sifted(
                        changes, Place(next_offset, seen), position, records[index:]
                    )
                changes.append(of_record(record, position))
                seen = position
        except Unreadable as error:
            # Whoever wrote it, it tells us nothing. If an event of ours was lost by
            # it, the next record's link shows a gap.
            log.warning(
                "record at offset %d of partition %d passed over: %s",
                record.offset,
                record.partition,
                error,
            )
        next_offset = record.offset + 1
    return Sifted(changes, Place(next_offset, seen), None, ())


def behind(places: Mapping[int, Place], published: Iterable[int]) -> dict[int, int]:
    """Partitions that lack something published, and up to which position."""
    return {
        partition: position
        for partition, position in enumerate(published)
        if partition in places and places[partition].position < position
    }
