"""However events are cut into batches, and whatever comes twice: the same rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from domain.run import events as e
from projections import catching_up
from projections.errors import Fenced, Retired
from projections.generation import ALL_PARTITIONS, Place
from tests.projections.histories import (
    begun,
    completed,
    definition,
    failed,
    mixture,
    registered,
)

if TYPE_CHECKING:
    from tests.projections.tables import Tables

RELEASE = definition()


@pytest.mark.parametrize("window", [1, 7, 64])
def test_rows_do_not_depend_on_how_batches_are_cut(
    tables: Tables, monkeypatch: pytest.MonkeyPatch, window: int
) -> None:
    tables.given(registered(RELEASE), *mixture(RELEASE, 8))
    tables.level()
    whole = tables.everything()
    start_again(tables)
    monkeypatch.setattr(catching_up, "WINDOW", window)
    tables.level()
    assert tables.everything() == whole


def test_a_projector_that_remembers_nothing_makes_the_same_rows(
    tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = tables.given(registered(RELEASE), *mixture(RELEASE, 8))
    tables.level()
    whole = tables.everything()
    start_again(tables)
    monkeypatch.setattr(catching_up, "WINDOW", 5)
    for position in range(5, last + 5, 5):
        # Each time a new one: every earlier event of its runs is read from the log.
        targets = dict.fromkeys(ALL_PARTITIONS, min(position, last))
        catching_up.catch_up(tables.generation(), targets)
    assert tables.everything() == whole


def test_events_that_were_seen_are_not_counted_again(tables: Tables) -> None:
    tables.given(registered(RELEASE), *mixture(RELEASE, 8))
    tables.level()
    before = tables.everything()
    assert tables.level() == []
    assert tables.everything() == before


def test_a_zombie_is_fenced_and_writes_nothing(tables: Tables) -> None:
    run = begun(RELEASE)
    tables.given(registered(RELEASE), run)
    zombie = tables.generation()
    other = tables.generation()
    tables.level(other)
    before = tables.everything()
    with pytest.raises(Fenced):
        tables.level(zombie)
    assert tables.everything() == before
    # It finds out where the tables are, and goes on if nobody else does.
    zombie.reload()
    run.then(e.RunCompleted())
    tables.given(run)
    tables.level(zombie)
    assert tables.one("runs", run.stream_id)["state"] == "completed"


def test_whoever_projects_into_a_retired_generation_is_told(tables: Tables) -> None:
    generation = tables.generation()
    tables.given(registered(RELEASE), begun(RELEASE))
    tables.connection.execute("UPDATE projection.generations SET state = 'retired'")
    with pytest.raises(Retired):
        tables.level(generation)
    assert tables.all("runs") == []


def test_a_batch_that_was_rolled_back_leaves_nothing_in_memory(tables: Tables) -> None:
    run = begun(RELEASE)
    tables.given(registered(RELEASE), run)
    generation = tables.generation()
    tables.level(generation)
    run.then(e.RunPaused(cause="operator"))
    tables.given(run)
    place = generation.places[0]
    generation.places[0] = Place(place.next_offset + 1, place.position)
    with pytest.raises(Fenced):
        generation.apply(
            [],
            {0: Place(0, place.position)},
        )
    generation.reload()
    tables.level(generation)
    assert tables.one("runs", run.stream_id)["version"] == len(run.facts)


def test_the_memory_of_runs_is_bounded(
    tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catching_up, "WINDOW", 10)
    tables.given(registered(RELEASE), *mixture(RELEASE, 8))
    tables.level()
    whole = tables.everything()
    start_again(tables)
    generation = tables.generation()
    generation.keep_at_most(2_000)
    tables.level(generation)
    assert tables.everything() == whole


def test_every_change_of_a_step_is_told_by_an_event_that_names_it() -> None:
    """What ``RunChange.steps`` rests on, checked against the fold itself."""
    from domain.events import By
    from domain.run.evolution import evolve
    from domain.run.state import Run

    for stream in (completed(RELEASE), failed(RELEASE), *mixture(RELEASE, 4)):
        run = Run(RELEASE)
        for event, actor, at in stream.facts:
            after = evolve(run, event, By(actor, at))
            changed = {
                name
                for name, step in after.steps.items()
                if run.steps.get(name) != step
            }
            assert changed <= named(event, after)
            run = after


def named(event: object, run: object) -> set[str]:
    if isinstance(event, e.StepEvent):
        return {event.step}
    return (
        {step.name for step in RELEASE.steps}
        if isinstance(event, e.RunCreated)
        else set()
    )


def start_again(tables: Tables) -> None:
    for name in tables.everything():
        tables.connection.execute(f"TRUNCATE read_1.{name}")
    tables.connection.execute(
        "UPDATE projection.positions SET position = 0, next_offset = 0"
    )
