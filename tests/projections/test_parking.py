"""Events that cannot be applied: their run alone waits, and a replay mends it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from domain.events import By
from domain.run import events as e
from infra.codec import encode
from infra.kafka import partition_of
from projections import runs as runs_model
from projections.change import Change
from projections.generation import Place
from tests.projections.histories import (
    begun,
    completed,
    definition,
    mixture,
    registered,
)

if TYPE_CHECKING:
    from uuid import UUID

    from projections.batch import Batch
    from projections.decoding import Failure
    from projections.generation import Generation
    from projections.read_model import Row
    from tests.projections.histories import Stream
    from tests.projections.tables import Tables

RELEASE = definition()


def test_bytes_that_are_no_event_park_their_run_alone(tables: Tables) -> None:
    bad, good = begun(RELEASE, 1), begun(RELEASE, 2)
    tables.given(registered(RELEASE), bad, good)
    generation = tables.generation()
    tables.level(generation)
    bad.then(e.RunPaused(cause="operator"))
    good.then(e.RunPaused(cause="operator"))
    tables.given(bad, good)
    parked = [
        failure
        for stream in (bad, good)
        for failure in give(generation, stream, garbage=stream is bad)
    ]
    assert [failure.change.stream_id for failure in parked] == [bad.stream_id]
    assert tables.one("runs", bad.stream_id)["state"] == "running"
    assert tables.one("runs", good.stream_id)["state"] == "paused"
    (row,) = tables.parked()
    assert (row["run_id"], row["topic"], row["partition"]) == (
        bad.stream_id,
        "run.paused",
        partition_of(bad.stream_id),
    )
    assert "Undecodable" in row["error"]


def test_all_later_events_of_a_parked_run_are_parked(tables: Tables) -> None:
    run = parked_run(tables)
    run.then(e.RunContinued(cause="operator", state="running"))
    run.then(e.RunCompleted())
    tables.given(run)
    # Another projector: it knows from the table what is parked.
    tables.level(tables.generation())
    rows = sorted(tables.parked(), key=lambda row: row["position"])
    assert [row["topic"] for row in rows] == [
        "run.paused",
        "run.continued",
        "run.completed",
    ]
    assert "earlier event" in rows[1]["error"]
    assert tables.one("runs", run.stream_id)["state"] == "running"


def test_a_degraded_run_says_since_when_and_why(tables: Tables) -> None:
    run = parked_run(tables)
    tables.given(run.then(e.RunContinued(cause="operator", state="running")))
    tables.level()
    (row,) = tables.all("degraded")
    assert row["run_id"] == run.stream_id
    assert row["since_position"] == min(each["position"] for each in tables.parked())
    assert "Undecodable" in row["error"]


def test_a_replay_mends_the_run_from_the_log(tables: Tables) -> None:
    run = parked_run(tables)
    run.then(e.RunContinued(cause="operator", state="running"))
    run.then(e.RunCompleted())
    other = completed(RELEASE, 2)
    tables.given(run, other)
    generation = tables.generation()
    tables.level(generation)
    assert generation.replay(run.stream_id) is None
    mended = tables.everything()
    assert tables.parked() == []
    assert tables.one("runs", run.stream_id)["state"] == "completed"
    from_scratch(tables)
    assert tables.everything() == mended
    # And it goes on from there.
    assert run.stream_id not in generation.parked


def test_a_replay_of_a_run_that_is_well_changes_nothing(tables: Tables) -> None:
    runs = mixture(RELEASE, 4)
    tables.given(registered(RELEASE), *runs)
    generation = tables.generation()
    tables.level(generation)
    before = tables.everything()
    for run in runs:
        assert generation.replay(run.stream_id) is None
    assert tables.everything() == before


def test_a_replay_that_fails_again_leaves_it_parked(tables: Tables) -> None:
    run = begun(RELEASE)
    # It was never asked for: the fold breaks here, in the log itself.
    run.then(e.StepCompleted(step="deploy", attempt=9))
    tables.given(registered(RELEASE), run)
    generation = tables.generation()
    tables.level(generation)
    trouble = generation.replay(run.stream_id)
    assert trouble is not None
    assert "BrokenHistory" in trouble
    assert [row["run_id"] for row in tables.parked()] == [run.stream_id]


def test_what_comes_before_the_broken_event_is_shown(tables: Tables) -> None:
    run = begun(RELEASE).then(e.StepCompleted(step="deploy", attempt=9))
    run.then(e.RunPaused(cause="operator"))
    tables.given(registered(RELEASE), run)
    failures = tables.level()
    row = tables.one("runs", run.stream_id)
    assert (row["state"], row["version"]) == ("running", 5)
    assert [failure.change.version for failure in failures] == [6, 7]


def test_a_run_of_an_unknown_workflow_is_parked(tables: Tables) -> None:
    run = begun(RELEASE)
    tables.given(run)
    failures = tables.level()
    assert len(failures) == len(run.facts)
    assert "not in the log" in failures[0].error
    tables.given(registered(RELEASE))
    generation = tables.generation()
    tables.level(generation)
    assert generation.replay(run.stream_id) is None
    assert tables.one("runs", run.stream_id)["state"] == "running"


def test_a_row_that_cannot_be_written_parks_its_run_alone(
    tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = begun(RELEASE, 1), begun(RELEASE, 2)
    tables.given(registered(RELEASE), bad, good)
    rows = runs_model.rows

    def too_large(batch: Batch) -> list[Row]:
        found = rows(batch)
        for row in found:
            if row["run_id"] == bad.stream_id:
                row["number"] = 2**70
        return found

    monkeypatch.setattr(runs_model, "rows", too_large)
    generation = tables.generation()
    tables.level(generation)
    assert {row["run_id"] for row in tables.parked()} == {bad.stream_id}
    assert len(tables.parked()) == len(bad.facts)
    assert tables.of_run("steps", bad.stream_id) == []
    assert tables.one("runs", good.stream_id)["state"] == "running"
    monkeypatch.setattr(runs_model, "rows", rows)
    assert generation.replay(bad.stream_id) is None
    mended = tables.everything()
    from_scratch(tables)
    assert tables.everything() == mended


def test_an_outage_parks_nothing(tables: Tables) -> None:
    run = begun(RELEASE)
    tables.given(registered(RELEASE), run)
    generation = tables.generation()
    with psycopg.connect(tables.database.url("postgres"), autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(%s)",
            (tables.connection.info.backend_pid,),
        )
    with pytest.raises(psycopg.OperationalError):
        tables.level(generation)
    url = tables.database.url("runledger_projector")
    with psycopg.connect(url, autocommit=True) as again:
        fresh = type(tables)(again, tables.database)
        assert fresh.parked() == []
        fresh.level()
        assert fresh.one("runs", run.stream_id)["state"] == "running"


def test_a_missing_table_parks_nothing(tables: Tables) -> None:
    run = begun(RELEASE)
    tables.given(registered(RELEASE), run)
    generation = tables.generation()
    tables.connection.execute("ALTER TABLE read_1.steps RENAME TO gone")
    with pytest.raises(psycopg.errors.UndefinedTable):
        tables.level(generation)
    assert tables.parked() == []


def parked_run(tables: Tables) -> Stream:
    """A run with five events applied and the sixth parked, as Kafka garbled it."""
    run = begun(RELEASE)
    tables.given(registered(RELEASE), run)
    generation = tables.generation()
    tables.level(generation)
    tables.given(run.then(e.RunPaused(cause="operator")))
    give(generation, run, garbage=True)
    return run


def give(generation: Generation, stream: Stream, *, garbage: bool) -> list[Failure]:
    """The stream's last event as Kafka would give it."""
    event, actor, at = stream.facts[-1]
    by = By(actor, at)
    position = position_of(generation, stream.stream_id, len(stream.facts))
    change = Change(
        position,
        stream.stream_id,
        len(stream.facts),
        event.topic,
        stream.namespace,
        by.actor,
        by.at,
        b"\x00garbage" if garbage else encode(event),
    )
    partition = partition_of(stream.stream_id)
    place = generation.places[partition]
    return list(
        generation.apply([change], {partition: Place(place.next_offset + 1, position)})
    )


def position_of(generation: Generation, run_id: UUID, version: int) -> int:
    return generation.log.run(run_id, 2**62)[version - 1].position


def from_scratch(tables: Tables) -> None:
    """All tables anew, by a projector that nothing ever happened to."""
    from tests.projections.test_batches import start_again

    start_again(tables)
    tables.level()
