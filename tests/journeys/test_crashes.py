"""Everything is killed at random moments under load, and nothing is lost."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import psycopg

from tests.journeys.independent import check_tables, expected, read_log
from tests.journeys.kafka_log import check_topic, read_topic
from tests.journeys.traffic import WORKFLOW, Traffic
from tests.support.appending import verify
from tests.support.service import Service

if TYPE_CHECKING:
    from pathlib import Path
    from uuid import UUID

    from tests.journeys.independent import Fact

SEED = 20_261_122
KILLS = ("publish", "project", "command") * 2


def test_every_acknowledged_command_outlives_kills_of_everything(
    tmp_path: Path,
) -> None:
    chance = random.Random(SEED)
    with Service(tmp_path) as service:
        assert service.post("/v1/default/workflows", WORKFLOW)[0] == 201
        traffic = Traffic(service, SEED)
        traffic.start()
        try:
            blows = [*KILLS, "kafka", "postgres"]
            chance.shuffle(blows)
            for blow in blows:
                traffic.wait_for(chance.randrange(20, 120))
                _strike(service, blow)
            traffic.wait_for(100)
        finally:
            traffic.stop()
        service.wait_level(300)
        facts = read_log(service.url())
        assert verify(service.url()) == len(facts)
        _check_commands(service, traffic, facts)
        check_tables(service.url(), expected(facts))
        check_topic(read_topic(service.kafka.bootstrap), facts)
        assert sum(sent.repeats for sent in traffic.sent) > 0, "nothing was disturbed"


def _strike(service: Service, blow: str) -> None:
    match blow:
        case "kafka":
            service.kafka.kill()
            service.kafka.start()
        case "postgres":
            service.postgres.kill()
            service.postgres.start()
        case "publish" | "project" | "command" as name:
            service.kill(name)
            service.start(name)
        case _:
            raise AssertionError(blow)


def _check_commands(service: Service, traffic: Traffic, facts: list[Fact]) -> None:
    """Acknowledged: there once, whole. Not acknowledged: whole or not at all."""
    streams: dict[UUID, list[Fact]] = defaultdict(list)
    for fact in facts:
        streams[fact.stream].append(fact)
    with psycopg.connect(service.url()) as connection:
        keys = {
            key: (run_id, version, position)
            for key, run_id, version, position in connection.execute(
                "SELECT key, run_id, version, position FROM ledger.idempotency_keys"
            )
        }
    for sent in traffic.sent:
        stream = streams[sent.run_id]
        wanted = sent.topics.total()
        left = stream[sent.before : sent.before + wanted]
        if sent.answer is None and sent.key not in keys:
            assert len(stream) == sent.before, f"half of {sent} is there"
            continue
        assert Counter(fact.topic for fact in left) == sent.topics, sent
        end = (sent.run_id, sent.before + wanted, left[-1].position)
        assert keys[sent.key] == end
        if sent.answer is not None:
            assert (sent.answer["version"], sent.answer["position"]) == end[1:]
    assert sum(len(stream) for stream in streams.values()) == len(facts)
    told = sum(sent.topics.total() for sent in traffic.sent if sent.key in keys)
    assert told == sum(len(streams[i]) for i in {sent.run_id for sent in traffic.sent})
