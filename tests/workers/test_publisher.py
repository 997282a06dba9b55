"""From the log to the topic: all of it, in order, linked, whoever dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import psycopg

from infra.kafka import partition_of
from tests.projections.histories import definition, mixture, registered, run_of
from tests.support.waiting import eventually
from workers.publisher import Publisher

if TYPE_CHECKING:
    from uuid import UUID

    import pytest

    from tests.workers.stage import Stage

RELEASE = definition()


def test_every_event_is_published_as_it_lies_in_the_log(stage: Stage) -> None:
    last = stage.given(registered(RELEASE), *mixture(RELEASE, 12))
    with stage.publisher(page_rows=17):
        stage.until_published(last)
    records = stage.consumed()
    assert len(records) == last
    expected = {row.position: (row, headers) for row, headers in stage.labelled(last)}
    for record in records:
        position = int(dict(record.headers)["ce_position"])
        row, headers = expected.pop(position)
        assert record.key == str(row.stream_id).encode()
        assert record.value == row.state
        assert record.headers == headers
        assert record.partition == partition_of(row.stream_id)
    assert not expected


def test_a_record_is_a_cloud_event(stage: Stage) -> None:
    run = run_of(RELEASE)
    last = stage.given(registered(RELEASE), run)
    with stage.publisher():
        stage.until_published(last)
    (record,) = [
        each for each in stage.consumed() if each.key == str(run.stream_id).encode()
    ]
    row = stage.log(last)[-1]
    found = {name: value.decode() for name, value in record.headers}
    assert found == {
        "ce_specversion": "1.0",
        "ce_id": str(row.event_id),
        "ce_source": "/runledger/default",
        "ce_type": "runledger.run.created.v1",
        "ce_time": "2026-03-01T09:00:01+00:00",
        "ce_subject": str(run.stream_id),
        "content-type": "application/json",
        "ce_position": "2",
        "ce_previous": found["ce_previous"],
        "ce_streamversion": "1",
        "ce_actor": "ada",
        "ce_recordedtime": row.recorded_at.isoformat(),
    }


def test_headers_are_utf8_and_optional_ones_say_something(stage: Stage) -> None:
    run = run_of(RELEASE)
    stage.given(registered(RELEASE))
    last = stage.given(run)
    with psycopg.connect(stage.tables.database.url("postgres")) as connection:
        connection.execute(
            "ALTER TABLE ledger.runledger_events DISABLE TRIGGER append_only"
        )
        connection.execute(
            "UPDATE ledger.runledger_events SET actor = 'Zoë', recorded_by = 'bot',"
            " trace = '00-aa-bb-01', correlation_id = %(id)s, causation_id = %(id)s"
            " WHERE originator_id = %(id)s",
            {"id": run.stream_id},
        )
    with stage.publisher():
        stage.until_published(last)
    (record,) = [
        each for each in stage.consumed() if each.key == str(run.stream_id).encode()
    ]
    found = {name: value.decode() for name, value in record.headers}
    assert found["ce_actor"] == "Zoë"
    assert found["ce_recordedby"] == "bot"
    assert found["ce_traceparent"] == "00-aa-bb-01"
    assert found["ce_correlationid"] == found["ce_causationid"] == str(run.stream_id)


def test_links_stay_right_when_it_dies_between_flush_and_checkpoint(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = stage.given(registered(RELEASE), *mixture(RELEASE, 12))
    advance = Publisher._advance
    died: list[int] = []

    def die_once(self: Publisher, *given: Any) -> Any:
        if len(died) < 3:
            died.append(1)
            raise psycopg.OperationalError("the connection is lost")
        return advance(self, *given)

    monkeypatch.setattr(Publisher, "_advance", die_once)
    with stage.publisher(page_rows=30):
        stage.until_published(last)
    records = stage.consumed()
    assert len(records) == last + 3 * 30
    chains_hold(stage, records, last)


def test_another_publisher_takes_over_where_the_first_one_stopped(stage: Stage) -> None:
    runs = mixture(RELEASE, 12)
    last = stage.given(registered(RELEASE), *runs[:6])
    with stage.publisher(), stage.publisher():
        stage.until_published(last)
        epoch = stage.checkpoint()[0]
        # The leader's session is cut off; the standby's is idle.
        with psycopg.connect(
            stage.tables.database.url("postgres"), autocommit=True
        ) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_locks"
                " WHERE locktype = 'advisory' AND granted"
                " AND database = (SELECT oid FROM pg_database"
                "                  WHERE datname = current_database())"
            )
        last = stage.given(*runs[6:])
        stage.until_published(last)
        assert stage.checkpoint()[0] > epoch
    chains_hold(stage, stage.consumed(), last)


def test_a_publisher_of_an_older_epoch_moves_nothing(stage: Stage) -> None:
    runs = mixture(RELEASE, 4)
    last = stage.given(registered(RELEASE), *runs[:2])
    with stage.publisher():
        stage.until_published(last)
        stage.tables.connection.execute("SELECT 1")
        with psycopg.connect(stage.tables.database.url()) as connection:
            connection.execute(
                "UPDATE projection.publisher_checkpoint SET epoch = epoch + 10"
            )
        last = stage.given(*runs[2:])
        stage.until_published(last)
        # It noticed, began anew, and so has an epoch of its own again.
        assert stage.checkpoint()[0] == 12
    chains_hold(stage, stage.consumed(), last)


def test_large_events_are_published_few_at_a_time(stage: Stage) -> None:
    last = stage.given(registered(RELEASE), *mixture(RELEASE, 4))
    with stage.publisher(page_bytes=300):
        stage.until_published(last)
    chains_hold(stage, stage.consumed(), last)


def test_the_command_ends_on_sigterm(stage: Stage) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "workers", "publish"],
        env={
            **os.environ,
            "RUNLEDGER_DATABASE_URL": stage.tables.database.url("runledger_publisher"),
            "RUNLEDGER_KAFKA_BOOTSTRAP": stage.bootstrap,
        },
        stderr=subprocess.PIPE,
    )
    try:
        eventually(lambda: stage.checkpoint()[0] == 1)
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 0
    assert b"leading in epoch 1" in said


def chains_hold(stage: Stage, records: list[Any], last: int) -> None:
    """Each partition without what comes twice is the log's part of it, linked."""
    expected: dict[int, dict[str, bytes]] = {
        row.position: dict(headers) for row, headers in stage.labelled(last)
    }
    seen: dict[int, int] = {}
    found: set[int] = set()
    streams: dict[UUID, int] = {}
    for record in records:
        headers = dict(record.headers)
        position = int(headers["ce_position"])
        # Also a repeated record is the very same record.
        assert headers == expected[position]
        if position <= seen.get(record.partition, 0):
            continue
        assert int(headers["ce_previous"]) == seen.get(record.partition, 0)
        seen[record.partition] = position
        found.add(position)
        assert int(headers["ce_streamversion"]) == streams.get(record.key, 0) + 1
        streams[record.key] = int(headers["ce_streamversion"])
    assert found == set(range(1, last + 1))
