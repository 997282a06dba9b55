"""A new generation: the same rows as the one in use, and nobody notices the change."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING

import psycopg
import pytest

from domain.run import events as e
from infra.postgres import connect
from projections import generations, rebuild
from projections.errors import RebuildFailed, Retired
from projections.generation import Generation, current
from tests.projections.histories import (
    begun,
    definition,
    mixture,
    registered,
)
from tests.projections.tables import Tables

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from projections.rebuild import Rebuilt
    from tests.projections.histories import Stream
    from tests.support.database import Database

RELEASE = definition()


def rebuilt(tables: Tables, *, jobs: int = 0, accept: bool = False) -> Rebuilt:
    return rebuild.rebuild(
        tables.database.url("runledger_projector"),
        say=lambda line: None,
        jobs=jobs,
        accept_differences=accept,
    )


@pytest.mark.parametrize("jobs", [0, 2])
def test_a_rebuild_makes_the_rows_that_are_there(tables: Tables, jobs: int) -> None:
    tables.given(registered(RELEASE), *mixture(RELEASE, 16))
    tables.level()
    before = tables.everything()
    done = rebuilt(tables, jobs=jobs)
    assert (done.old, done.new) == (1, 2)
    assert all(each.same for each in done.differences)
    assert current(tables.connection) == 2
    assert tables.everything("read_2") == before
    assert tables.everything() == before


def test_a_rebuild_of_an_empty_log(tables: Tables) -> None:
    done = rebuilt(tables)
    assert (done.new, done.events, done.differences) == (2, 0, [])


def test_the_new_generation_goes_on_where_the_old_one_stood(tables: Tables) -> None:
    run = begun(RELEASE)
    tables.given(registered(RELEASE), run)
    tables.level()
    tables.connection.execute(
        "UPDATE projection.positions SET next_offset = 40 + partition"
    )
    rebuilt(tables)
    old, new = (
        tables.connection.execute(
            "SELECT partition, next_offset, position FROM projection.positions"
            " WHERE generation = %s ORDER BY partition",
            (number,),
        ).fetchall()
        for number in (1, 2)
    )
    assert new == old
    tables.given(run.then(e.RunCompleted()))
    tables.level()
    assert tables.one("runs", run.stream_id)["state"] == "completed"


def test_differences_are_shown_and_stop_the_flip(tables: Tables) -> None:
    runs = mixture(RELEASE, 4)
    tables.given(registered(RELEASE), *runs)
    tables.level()
    tables.connection.execute(
        "UPDATE read_1.runs SET number = 99 WHERE run_id = %s", (runs[0].stream_id,)
    )
    said: list[str] = []
    with pytest.raises(RebuildFailed, match="--accept-differences"):
        rebuild.rebuild(
            tables.database.url("runledger_projector"), say=said.append, jobs=0
        )
    (told,) = [line for line in said if "DIFFERENT" in line]
    assert told.strip().startswith("runs: 4 rows, 4 in the new one")
    assert str(runs[0].stream_id) in told
    assert current(tables.connection) == 1
    done = rebuilt(tables, accept=True)
    assert [each.table for each in done.differences if not each.same] == ["runs"]
    assert tables.one("runs", runs[0].stream_id)["number"] == 1


def test_the_first_error_stops_a_rebuild_and_leaves_nothing(tables: Tables) -> None:
    run = begun(RELEASE).then(e.StepCompleted(step="deploy", attempt=9))
    tables.given(registered(RELEASE), run)
    tables.level()
    with pytest.raises(RebuildFailed, match="cannot be applied"):
        rebuilt(tables, jobs=2)
    numbers = tables.connection.execute("SELECT id FROM projection.generations")
    assert [row[0] for row in numbers] == [1]
    schemas = tables.connection.execute(
        "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'read\\_%'"
    )
    assert [row[0] for row in schemas] == ["read_1"]


def test_the_old_projector_waits_for_the_flip_and_is_told(tables: Tables) -> None:
    run = begun(RELEASE)
    tables.given(registered(RELEASE), run)
    old = tables.generation()
    tables.level(old)
    rebuilt(tables)
    tables.given(run.then(e.RunCompleted()))
    with pytest.raises(Retired):
        tables.level(old)
    tables.level()
    assert tables.one("runs", run.stream_id)["state"] == "completed"


def test_events_that_come_during_a_rebuild_are_in_it(tables: Tables) -> None:
    runs = [begun(RELEASE, n + 1) for n in range(20)]
    tables.given(registered(RELEASE), *runs)
    tables.level()
    with background(tables.database, lambda there: step_on(there, runs)) as worker:
        worker.started.wait(10)
        done = rebuilt(tables)
    assert all(each.same for each in done.differences)
    tables.level()
    live = tables.everything()
    # The truth: another rebuild, with nothing going on.
    rebuilt(tables)
    assert tables.everything() == live


def test_no_query_fails_during_a_flip(tables: Tables) -> None:
    tables.given(registered(RELEASE), *mixture(RELEASE, 8))
    tables.level()
    url = tables.database.url("runledger_query")
    with ExitStack() as stack:
        for _ in range(3):
            connection = stack.enter_context(
                connect(url, name="reader", autocommit=True)
            )
            reader = stack.enter_context(
                background(tables.database, partial(read, connection))
            )
            reader.started.wait(10)
        for _ in range(3):
            rebuilt(tables)
    assert current(tables.connection) == 4


def test_rolling_back_shows_the_old_rows_which_then_catch_up(tables: Tables) -> None:
    run = begun(RELEASE)
    tables.given(registered(RELEASE), run)
    tables.level()
    rebuilt(tables)
    tables.given(run.then(e.RunCompleted()))
    tables.level()
    assert generations.roll_back(tables.connection) == (2, 1)
    assert tables.one("runs", run.stream_id)["state"] == "running"
    tables.level()
    assert tables.one("runs", run.stream_id)["state"] == "completed"
    assert generations.roll_back(tables.connection) == (1, 2)


def test_only_one_older_generation_is_kept(tables: Tables) -> None:
    tables.given(registered(RELEASE), *mixture(RELEASE, 4))
    tables.level()
    rebuilt(tables)
    assert rebuilt(tables).dropped == [1]
    with pytest.raises(psycopg.errors.UndefinedTable):
        tables.connection.execute("SELECT FROM read_1.runs")


class background:
    """Does something again and again in a thread of its own, until the end."""

    def __init__(self, database: Database, work: Callable[[Tables], None]) -> None:
        self.started = threading.Event()
        self._database = database
        self._work = work
        self._end = threading.Event()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> background:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._end.set()
        self._thread.join()
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        try:
            url = self._database.url("runledger_projector")
            with connect(url, name="background", autocommit=True) as connection:
                there = Tables(connection, self._database)
                while not self._end.is_set():
                    self._work(there)
                    self.started.set()
        except BaseException as error:
            self._error = error
            self.started.set()


def step_on(tables: Tables, runs: Sequence[Stream]) -> None:
    """Append a little, and project it into the generation in use."""
    for run in runs:
        run.then(e.RunPaused(cause="operator"))
        run.then(e.RunContinued(cause="operator", state="running"))
    tables.given(*runs)
    try:
        tables.level(Generation(tables.connection, current(tables.connection)))
    except Retired:
        tables.level()


def read(connection: psycopg.Connection, tables: Tables) -> None:
    (row,) = connection.execute(
        "SELECT count(*) FROM read.runs JOIN read.steps USING (run_id)"
        " JOIN read.matrix USING (run_id)",
        prepare=True,
    )
    assert row[0] == 8 * len(RELEASE.steps)
