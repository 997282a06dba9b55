"""Bulk operations, a third kind of stream, in the read tables."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from domain.bulk import events as b
from domain.bulk.commands import CancelRuns, RunFilter
from domain.bulk.items import BulkItem, ItemResult
from infra.kafka import partition_of
from projections import rebuild
from projections.generation import ALL_PARTITIONS
from tests.projections.histories import Stream, definition, mixture, registered

if TYPE_CHECKING:
    from tests.projections.tables import Tables

RELEASE = definition()
DONE = ItemResult(result="done", version=6, position=40)
REFUSED = ItemResult(result="refused", code="run-over", message="It is \x00 over.")


def listed(first: int, count: int) -> b.BulkListed:
    items = tuple(
        BulkItem(run_id=uuid.UUID(int=n), workflow="release", number=n)
        for n in range(first, first + count)
    )
    return b.BulkListed(first=first, items=items)


def bulk_of(count: int) -> Stream:
    """An operation that was just started."""
    started = b.BulkStarted(
        command=CancelRuns(type="cancel", force=True),
        filter=RunFilter(workflow="release"),
        total=count,
        digest="d",
        reason="bad deploy",
    )
    return Stream(uuid.uuid4()).then(started, "ada").then(listed(1, count), "ada")


def half_done(count: int = 4) -> Stream:
    results = (DONE, REFUSED)
    return bulk_of(count).then(b.BulkItemsDone(first=1, results=results), "ada")


def stopped() -> Stream:
    return (
        half_done()
        .then(b.BulkStopRequested(reason="the wrong ones"), "eve")
        .then(b.BulkEnded(outcome="stopped", done=1, refused=1, left=2), "ada")
    )


def of_bulk(tables: Tables, table: str, bulk: Stream) -> list[dict[str, Any]]:
    found = [row for row in tables.all(table) if row["bulk_id"] == bulk.stream_id]
    return sorted(found, key=lambda row: row.get("nth", 0))


def test_an_operation_shows_how_far_it_has_come(tables: Tables) -> None:
    bulk = half_done()
    tables.given(bulk)
    assert tables.level() == []
    (row,) = of_bulk(tables, "bulk_operations", bulk)
    assert row["command"] == "cancel"
    assert row["options"] == {"force": True}
    assert row["filter"] == {"workflow": "release"}
    assert (row["state"], row["total"]) == ("running", 4)
    assert (row["done"], row["refused"], row["not_found"]) == (1, 1, 0)
    assert (row["started_by"], row["reason"]) == ("ada", "bad deploy")
    assert (row["version"], row["ended_at"]) == (3, None)


def test_items_show_what_became_of_them(tables: Tables) -> None:
    bulk = half_done()
    tables.given(bulk)
    tables.level()
    rows = of_bulk(tables, "bulk_items", bulk)
    assert [(row["number"], row["result"], row["code"]) for row in rows] == [
        (1, "done", ""),
        (2, "refused", "run-over"),
        (3, "pending", ""),
        (4, "pending", ""),
    ]
    assert (rows[0]["run_version"], rows[0]["run_position"]) == (6, 40)
    assert (rows[0]["version"], rows[3]["version"]) == (3, 2)
    assert rows[1]["message"] == "It is \ufffd over."


def test_a_stop_leaves_the_rest_pending(tables: Tables) -> None:
    bulk = stopped()
    tables.given(bulk)
    tables.level()
    (row,) = of_bulk(tables, "bulk_operations", bulk)
    assert (row["state"], row["stop_asked_by"]) == ("stopped", "eve")
    assert row["stop_reason"] == "the wrong ones"
    assert row["ended_at"] > row["stop_asked_at"]
    results = [item["result"] for item in of_bulk(tables, "bulk_items", bulk)]
    assert results == ["done", "refused", "pending", "pending"]


def test_the_rows_do_not_depend_on_how_events_are_cut_into_batches(
    tables: Tables,
) -> None:
    bulk = stopped()
    tables.given(bulk)
    tables.level()
    at_once = (
        of_bulk(tables, "bulk_items", bulk),
        of_bulk(tables, "bulk_operations", bulk),
    )
    tables.connection.execute("TRUNCATE read_1.bulk_items, read_1.bulk_operations")
    generation = tables.generation()
    changes = [change for change, _ in generation.log.window(0, 100, ALL_PARTITIONS)]
    for change in changes:
        # A process of its own each time: nothing is remembered between two events.
        generation.reload()
        assert generation.apply([change], dict(generation.places)) == []
    one_by_one = (
        of_bulk(tables, "bulk_items", bulk),
        of_bulk(tables, "bulk_operations", bulk),
    )
    assert one_by_one == at_once


def test_every_column_gets_a_value_by_its_name(tables: Tables) -> None:
    tables.given(stopped())
    generation = tables.generation()
    changes = [change for change, _ in generation.log.window(0, 100, ALL_PARTITIONS)]
    batch = generation.fold(changes)
    from projections.catalogue import TABLES

    for table in TABLES:
        for row in table.model.rows(batch):
            columns = {
                name
                for (name,) in tables.connection.execute(
                    "SELECT attname FROM pg_attribute WHERE attnum > 0"
                    " AND attrelid = %s::regclass",
                    (f"read_1.{table.name}",),
                )
            }
            assert set(row) == columns


def test_an_event_that_cannot_have_happened_parks_its_operation_alone(
    tables: Tables,
) -> None:
    bad, good = bulk_of(4), half_done()
    bad.then(b.BulkItemsDone(first=3, results=(DONE,)))
    tables.given(registered(RELEASE), *mixture(RELEASE, 2), bad, good)
    parked = tables.level()
    assert [failure.change.stream_id for failure in parked] == [bad.stream_id]
    assert "BrokenHistory" in parked[0].error
    (row,) = of_bulk(tables, "bulk_operations", bad)
    assert (row["state"], row["version"]) == ("running", 2)
    (row,) = of_bulk(tables, "bulk_operations", good)
    assert row["version"] == 3
    # What comes later of it waits as well.
    bad.then(b.BulkStopRequested())
    tables.given(bad)
    assert len(tables.level()) == 1
    assert {row["run_id"] for row in tables.parked()} == {bad.stream_id}


def test_a_replay_unparks_an_operation(tables: Tables) -> None:
    bulk = half_done()
    tables.given(bulk)
    generation = tables.generation()
    tables.level(generation)
    before = of_bulk(tables, "bulk_items", bulk)
    tables.connection.execute(
        "INSERT INTO projection.parked (generation, position, run_id, partition,"
        " topic, error) VALUES (1, 3, %s, %s, 'bulk.items_done', 'by hand')",
        (bulk.stream_id, partition_of(bulk.stream_id)),
    )
    tables.connection.execute("DELETE FROM read_1.bulk_items")
    generation.reload()
    assert generation.replay(bulk.stream_id) is None
    assert tables.parked() == []
    assert of_bulk(tables, "bulk_items", bulk) == before


def test_a_row_that_cannot_be_written_parks_its_operation_alone(
    tables: Tables,
) -> None:
    bad, good = half_done(), half_done()
    tables.connection.execute(
        "ALTER TABLE read_1.bulk_items ADD CHECK (bulk_id <> '%s')" % bad.stream_id  # noqa: UP031
    )
    tables.given(bad, good)
    parked = {failure.change.stream_id for failure in tables.level()}
    assert parked == {bad.stream_id}
    assert len(of_bulk(tables, "bulk_items", good)) == 4
    assert of_bulk(tables, "bulk_operations", bad) == []


def test_a_rebuild_makes_the_same_rows(tables: Tables) -> None:
    bulks = [bulk_of(700), half_done(), stopped()]
    tables.given(registered(RELEASE), *mixture(RELEASE, 4), *bulks)
    tables.level()
    before = tables.everything()
    done = rebuild.rebuild(
        tables.database.url("runledger_projector"), say=lambda line: None, jobs=0
    )
    assert all(each.same for each in done.differences)
    assert tables.everything() == before
    assert len(before["bulk_items"]) == 708
