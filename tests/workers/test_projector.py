"""From the topic to the read tables, whatever Kafka does to the records."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import orjson

from domain.run import events as e
from infra.kafka import partition_of
from projections import rebuild
from projections.generation import current
from tests.projections.histories import (
    begun,
    completed,
    definition,
    mixture,
    registered,
)
from tests.projections.test_batches import start_again
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from uuid import UUID

    from infra import kafka
    from infra.event_store.rows import Row
    from tests.projections.tables import Rows
    from tests.workers.stage import Stage

RELEASE = definition()


def test_what_is_appended_becomes_visible(stage: Stage) -> None:
    with stage.publisher(), stage.projector():
        last = stage.given(registered(RELEASE), *mixture(RELEASE, 8))
        stage.until_projected(last)
        run = begun(RELEASE, 9)
        for count in range(1, len(run.facts) + 1):
            facts, run.facts = run.facts, run.facts[:count]
            last = stage.given(run)
            run.facts = facts
            stage.until_projected(last)
            assert stage.tables.one("runs", run.stream_id)["version"] == count
    same_as_from_the_log(stage)


def test_duplicates_and_old_records_change_nothing(stage: Stage) -> None:
    last = stage.given(registered(RELEASE), *mixture(RELEASE, 8))
    records = stage.labelled(last)
    half = len(records) // 2
    shuffled = records[:half]
    random.Random(7).shuffle(shuffled)
    doubled = [record for record in records[half:] for _ in range(2)]
    stage.produce([*records[:half], *shuffled, *records[:half], *doubled, *shuffled])
    stage.say_published(last)
    with stage.projector():
        stage.until_projected(last)
    same_as_from_the_log(stage)


def test_what_is_missing_in_kafka_is_read_from_the_log(stage: Stage) -> None:
    last = stage.given(registered(RELEASE), *mixture(RELEASE, 12))
    records = stage.labelled(last)
    chosen = random.Random(3).sample(range(len(records)), len(records) // 2)
    stage.produce([records[place] for place in sorted(chosen)])
    stage.say_published(last)
    with stage.projector():
        # The end of a partition may be missing too: the checkpoint tells.
        stage.until_projected(last)
    same_as_from_the_log(stage)


def test_a_topic_that_lost_everything_costs_nothing(stage: Stage) -> None:
    runs = mixture(RELEASE, 8)
    last = stage.given(registered(RELEASE), *runs)
    stage.say_published(last)
    # Offsets from before that the topic does not have any more.
    stage.tables.connection.execute(
        "UPDATE projection.positions SET next_offset = 5000"
    )
    with stage.projector():
        stage.until_projected(last)
        more = begun(RELEASE, 9)
        last = stage.given(more)
        with stage.publisher():
            stage.until_projected(last)
    same_as_from_the_log(stage)
    offsets = stage.tables.connection.execute(
        "SELECT max(next_offset) FROM projection.positions"
    ).fetchone()
    assert offsets is not None
    assert offsets[0] < 5000


def test_garbage_parks_its_run_alone_and_a_replay_mends_it(stage: Stage) -> None:
    runs = [begun(RELEASE, n + 1) for n in range(8)]
    bad = runs[0]
    for run in runs:
        run.then(e.RunPaused(cause="operator"))
        run.then(e.RunContinued(cause="operator", state="running"))
    last = stage.given(registered(RELEASE), *runs)
    stage.produce(
        [
            (row._replace(state=b"\xff{garbage"), headers)
            if (row.stream_id, row.version) == (bad.stream_id, 6)
            else (row, headers)
            for row, headers in stage.labelled(last)
        ]
    )
    stage.say_published(last)
    with stage.projector():
        stage.until_projected(last)
        assert {run["run_id"] for run in stage.tables.parked()} == {bad.stream_id}
        assert [run["topic"] for run in by_position(stage.tables.parked())] == [
            "run.paused",
            "run.continued",
        ]
        assert [run["run_id"] for run in stage.tables.all("degraded")] == [
            bad.stream_id
        ]
        for run in runs[1:]:
            assert stage.tables.one("runs", run.stream_id)["version"] == 7
        assert stage.tables.one("runs", bad.stream_id)["version"] == 5
        notices = eventually(
            lambda: (
                (found := stage.consumed(stage.dead_letters))
                and len(found) == 2
                and found
            )
        )
        assert notices
        notice = orjson.loads(notices[0].value)
        assert notice["run_id"] == str(bad.stream_id)
        assert "Undecodable" in notice["error"]
        replay(stage, bad.stream_id)
        assert stage.tables.parked() == []
        assert stage.tables.all("degraded") == []
    same_as_from_the_log(stage)


def test_the_replay_command_mends_all_that_is_parked(stage: Stage) -> None:
    runs = [begun(RELEASE, n + 1) for n in range(3)]
    last = stage.given(registered(RELEASE), *runs)
    garbled = {run.stream_id for run in runs[:2]}
    stage.produce(
        [
            (row._replace(state=b"?") if row.stream_id in garbled else row, headers)
            for row, headers in stage.labelled(last)
        ]
    )
    stage.say_published(last)
    with stage.projector():
        stage.until_projected(last)
        assert {row["run_id"] for row in stage.tables.parked()} == garbled
        done = command(stage, "replay", "--all")
        assert done.returncode == 0, done.stderr
        for run_id in garbled:
            assert f"{run_id}: replayed" in done.stdout
        assert "No run is parked." in command(stage, "replay", "--all").stdout
    same_as_from_the_log(stage)


def test_a_foreign_record_is_passed_over(stage: Stage) -> None:
    last = stage.given(registered(RELEASE), *mixture(RELEASE, 4))
    records: list[tuple[Row, kafka.Headers]] = []
    for row, headers in stage.labelled(last):
        records += [(row, []), (row, [("ce_position", b"many")]), (row, headers)]
        # A label that makes no sense: the next record shows that one is missing.
        if row.version == 2:
            records[-1] = (row, [*headers[:4], ("ce_time", b"noon"), *headers[5:]])
    stage.produce(records)
    stage.say_published(last)
    with stage.projector():
        stage.until_projected(last)
    same_as_from_the_log(stage)


def test_of_two_projectors_one_works_and_the_other_takes_over(stage: Stage) -> None:
    runs = mixture(RELEASE, 8)
    last = stage.given(registered(RELEASE), *runs[:4])
    with stage.publisher(), stage.projector() as first:
        stage.until_projected(last)
        with stage.projector():
            first._stopping.ask()
            last = stage.given(*runs[4:])
            stage.until_projected(last)
    same_as_from_the_log(stage)


def test_several_projectors_share_the_partitions(stage: Stage) -> None:
    last = stage.given(registered(RELEASE), *mixture(RELEASE, 12))
    with stage.publisher():
        with stage.projector((0, 1, 2, 3)):
            ends = stage.ends(last)
            eventually(lambda: positions(stage)[:4] == ends[:4])
            assert positions(stage)[4:] == [0, 0, 0, 0]
        with stage.projector((4, 5, 6, 7)):
            eventually(lambda: positions(stage) == ends)
    same_as_from_the_log(stage)


def test_it_moves_over_when_another_generation_is_shown(stage: Stage) -> None:
    run = begun(RELEASE)
    last = stage.given(registered(RELEASE), run)
    with stage.publisher(), stage.projector():
        stage.until_projected(last)
        done = rebuild.rebuild(
            stage.tables.database.url("runledger_projector"),
            say=lambda line: None,
            jobs=0,
        )
        assert all(each.same for each in done.differences)
        last = stage.given(run.then(e.RunCompleted()))
        stage.until_projected(last)
        assert current(stage.tables.connection) == 2
        assert stage.tables.one("runs", run.stream_id)["state"] == "completed"
        # And back: the older one catches up from where it was left.
        assert command(stage, "rebuild", "--rollback").returncode == 0
        stage.until_projected(last)
        assert current(stage.tables.connection) == 1
        assert stage.tables.one("runs", run.stream_id)["state"] == "completed"


def test_a_projector_that_lost_postgres_goes_on(stage: Stage) -> None:
    runs = mixture(RELEASE, 8)
    last = stage.given(registered(RELEASE), *runs[:4])
    with stage.publisher(), stage.projector():
        stage.until_projected(last)
        cut_off(stage, "projector")
        last = stage.given(*runs[4:])
        stage.until_projected(last)
    assert stage.tables.parked() == []
    same_as_from_the_log(stage)


def test_readers_are_notified_of_every_batch(stage: Stage) -> None:
    connection = stage.tables.connection
    connection.execute("LISTEN runledger_read")
    with stage.publisher(), stage.projector():
        last = stage.given(registered(RELEASE), completed(RELEASE))
        stage.until_projected(last)
        assert list(connection.notifies(timeout=30, stop_after=1))


def test_the_command_ends_on_sigterm(stage: Stage) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "workers", "project", "--partitions", "0-3,5"],
        env=environ(stage),
        stderr=subprocess.PIPE,
    )
    try:
        eventually(lambda: held(stage) == {0, 1, 2, 3, 5})
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 0
    assert b"projecting into generation 1" in said


def replay(stage: Stage, run_id: UUID) -> None:
    (row,) = stage.tables.connection.execute(
        "INSERT INTO projection.replay_requests (run_id, requested_by)"
        " VALUES (%s, 'ada') RETURNING id",
        (run_id,),
    )

    def done() -> str | None:
        (result,) = stage.tables.connection.execute(
            "SELECT result FROM projection.replay_requests WHERE id = %s", row
        )
        return str(result[0]) if result[0] else None

    assert eventually(done) == "replayed"


def same_as_from_the_log(stage: Stage) -> None:
    """What is there is what the log alone makes."""
    found = stage.tables.everything()
    start_again(stage.tables)
    assert stage.tables.level() == []
    assert stage.tables.everything() == found


def positions(stage: Stage) -> list[int]:
    rows = stage.tables.connection.execute(
        "SELECT position FROM projection.positions WHERE generation = 1"
        " ORDER BY partition"
    )
    return [row[0] for row in rows]


def by_position(rows: Rows) -> Rows:
    return sorted(rows, key=lambda row: row["position"])


def held(stage: Stage) -> set[int]:
    rows = stage.tables.connection.execute(
        "SELECT objid::int FROM pg_locks WHERE locktype = 'advisory' AND granted"
        " AND database = (SELECT oid FROM pg_database"
        "                  WHERE datname = current_database())"
    )
    return {row[0] for row in rows}


def cut_off(stage: Stage, name: str) -> None:
    with stage.superuser() as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name = %s",
            (name,),
        )


def environ(stage: Stage) -> dict[str, str]:
    return {
        **os.environ,
        "RUNLEDGER_DATABASE_URL": stage.tables.database.url("runledger_projector"),
        "RUNLEDGER_KAFKA_BOOTSTRAP": stage.bootstrap,
    }


def command(stage: Stage, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = environ(stage)
    if arguments[0] == "replay":
        # Whoever asks for a replay need not be a projector.
        environment["RUNLEDGER_DATABASE_URL"] = stage.tables.database.url(
            "runledger_command"
        )
    return subprocess.run(
        [sys.executable, "-m", "workers", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_partitions_are_spread() -> None:
    found = {partition_of(run.stream_id) for run in mixture(RELEASE, 200)}
    assert found == set(range(8))
