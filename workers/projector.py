"""Keeps the current generation of read tables level with the log, through Kafka.

Where the tables are stands in PostgreSQL, in the transaction that wrote them; Kafka
only says quickly what is new. Whatever it does not say is read from the log.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any

import psycopg
from kafka.errors import KafkaError

from infra.postgres import PROJECTOR_LOCKS, connect
from infra.settings import DEAD_LETTERS_TOPIC, EVENTS_TOPIC
from projections.catching_up import catch_up
from projections.errors import Fenced, Retired
from projections.generation import (
    ALL_PARTITIONS,
    QUERIES,
    Generation,
    Place,
    current,
)
from workers.dead_letters import DeadLetters
from workers.intake import Intake, behind, sift
from workers.publisher import one_line
from workers.stopping import BackOff

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from psycopg import Connection

    from projections.decoding import Failure
    from workers.stopping import Stopping

log = logging.getLogger("runledger.projector")

STANDBY_S = 0.25
"""How often a standby asks whether its partitions are free."""

LOOK_S = 0.5
"""How often it looks for a flip, for replays, and for what Kafka has not told."""


class Projector:
    """Runs until ``stopping``; survives the loss of PostgreSQL and of Kafka."""

    def __init__(
        self,
        url: str,
        bootstrap: str,
        stopping: Stopping,
        partitions: Sequence[int] = ALL_PARTITIONS,
        *,
        topic: str = EVENTS_TOPIC,
        dead_letters: str = DEAD_LETTERS_TOPIC,
    ) -> None:
        self._url = url
        self._bootstrap = bootstrap
        self._stopping = stopping
        self._partitions = tuple(partitions)
        self._back_off = BackOff()
        self._topic = topic
        self._dead_letters = DeadLetters(bootstrap, dead_letters)

    def run(self) -> None:
        try:
            while not self._stopping:
                try:
                    # Not durable: a crash of PostgreSQL may take back the last
                    # transactions, rows and offsets together, and all they came from
                    # is in the log and in Kafka. Waiting for the disk gains nothing.
                    with connect(
                        self._url, name="projector", autocommit=True, durable=False
                    ) as connection:
                        self._project(connection)
                except psycopg.Error as error:
                    log.warning("PostgreSQL failed, trying again: %s", one_line(error))
                except Fenced:
                    log.warning("somebody else projects these partitions")
                if not self._stopping:
                    self._back_off.wait(self._stopping)
        finally:
            self._dead_letters.close()

    def _project(self, connection: Connection[Any]) -> None:
        if not self._own(connection):
            return
        while not self._stopping:
            number = current(connection)
            try:
                generation = Generation(connection, number, self._partitions)
                log.info("projecting into generation %d", number)
                self._follow(connection, generation)
            except Retired:
                log.info("generation %d is not the current one any more", number)
                self._stopping.wait(0.01)

    def _own(self, connection: Connection[Any]) -> bool:
        """Become the one projector of the partitions; False if asked to stop first."""
        for partition in self._partitions:
            asked = {"space": PROJECTOR_LOCKS, "partition": partition}
            said = False
            while not _true(connection, "own", asked):
                if not said:
                    log.info("standing by: partition %d is projected", partition)
                    said = True
                if self._stopping.wait(STANDBY_S):
                    return False
        return True

    def _follow(self, connection: Connection[Any], generation: Generation) -> None:
        """Consume until asked to stop, or until the generation is retired."""
        while not self._stopping:
            intake = None
            try:
                intake = Intake(
                    self._bootstrap,
                    self._topic,
                    self._partitions,
                    name="runledger-projector",
                )
                intake.seek(generation.places)
                self._consume(connection, generation, intake)
            except KafkaError as error:
                log.warning("Kafka failed, reading the log: %s", one_line(error))
                self._look(connection, generation)
                self._recover(generation, intake)
                self._back_off.wait(self._stopping)
            finally:
                if intake is not None:
                    intake.close()

    def _consume(
        self, connection: Connection[Any], generation: Generation, intake: Intake
    ) -> None:
        looked = time.monotonic()
        published: tuple[int, ...] = ()
        while not self._stopping:
            records = intake.poll()
            if records:
                self._take(generation, records)
                self._back_off.reset()
            if not records or time.monotonic() - looked > LOOK_S:
                looked = time.monotonic()
                self._look(connection, generation)
            if not records:
                # Judged by what had been published before this poll: what came in
                # the meantime is on its way.
                if missing := behind(generation.places, published):
                    log.warning("Kafka keeps something back, reading the log")
                    self._catch_up(generation, missing)
                published = generation.log.published()

    def _look(self, connection: Connection[Any], generation: Generation) -> None:
        """What nobody tells: a flip, and wishes for replays."""
        if current(connection) != generation.number:
            raise Retired
        self._replay(connection, generation)

    def _take(
        self, generation: Generation, records: Mapping[int, Sequence[Any]]
    ) -> None:
        while records:
            changes = []
            places = {}
            gaps = {}
            rest = {}
            for partition, found in records.items():
                sifted = sift(found, generation.places[partition])
                changes += sifted.changes
                places[partition] = sifted.place
                if sifted.gap_to is not None:
                    gaps[partition] = sifted.gap_to
                    rest[partition] = sifted.rest
            self._report(generation.apply(changes, places))
            if gaps:
                log.warning("a gap in what Kafka has, reading the log")
                self._catch_up(generation, gaps)
                if self._stopping:
                    return
            records = rest

    def _catch_up(self, generation: Generation, targets: dict[int, int]) -> None:
        self._report(
            catch_up(generation, targets, stopping=lambda: bool(self._stopping))
        )

    def _recover(self, generation: Generation, intake: Intake | None) -> None:
        """Go on without Kafka's records: from the log, then from Kafka's end."""
        ends: dict[int, int] = {}
        if intake is not None:
            try:
                # Before the log is read: what is appended later has a later offset.
                ends = intake.ends()
            except KafkaError as error:
                log.warning("Kafka does not tell its end: %s", one_line(error))
        published = generation.log.published()
        self._catch_up(generation, behind(generation.places, published))
        places = generation.places
        moved = {
            partition: Place(end, places[partition].position)
            for partition, end in ends.items()
            if end != places[partition].next_offset
        }
        if moved and not self._stopping:
            generation.apply((), moved)

    def _replay(self, connection: Connection[Any], generation: Generation) -> None:
        asked = {"partitions": list(self._partitions)}
        for request, run_id in connection.execute(
            QUERIES["requests"], asked
        ).fetchall():
            trouble = generation.replay(run_id)
            result = trouble or "replayed"
            log.info("replay of %s: %s", run_id, result)
            connection.execute(QUERIES["answer"], {"id": request, "result": result})

    def _report(self, parked: Sequence[Failure]) -> None:
        for run_id, failure in {
            f.change.stream_id: f for f in reversed(parked)
        }.items():
            log.error(
                "parked %s from event %d on: %s",
                run_id,
                failure.change.position,
                failure.error,
            )
        self._dead_letters.send(parked)


def _true(connection: Connection[Any], query: str, asked: dict[str, int]) -> bool:
    row = connection.execute(QUERIES[query], asked).fetchone()
    return row is not None and bool(row[0])
