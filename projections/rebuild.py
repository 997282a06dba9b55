"""A new generation of read tables out of the log, beside the one that is in use.

Filled up to where the old one stands, caught up, compared row by row at equal
positions, and only then shown to queries. Up to that moment nothing that anybody
reads has changed; after it the old generation is there to go back to.
"""

from __future__ import annotations

import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, NamedTuple

import psycopg

from infra.postgres import connect
from infra.settings import PARTITIONS
from projections import generations
from projections.catalogue import TABLES
from projections.catching_up import WINDOW, catch_up
from projections.comparing import Difference, compare
from projections.errors import RebuildFailed
from projections.filling import Progress, fill
from projections.filling_by_processes import fill_by_processes
from projections.generation import Generation, Place, current
from projections.generations import QUERIES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from psycopg import Connection

    from projections.read_model import Table


# Any number will do, as long as nobody else in the database takes it.
_LOCK = 7_450_000_004


class Rebuilt(NamedTuple):
    old: int
    new: int
    events: int
    seconds: float
    differences: list[Difference]
    dropped: list[int]


def rebuild(
    url: str,
    *,
    say: Callable[[str], None],
    jobs: int = 2,
    accept_differences: bool = False,
    tables: Sequence[Table] = TABLES,
) -> Rebuilt:
    """Build the next generation and flip to it.

    ``jobs`` 0 fills in this process; other numbers are worker processes, which know
    the tables of the catalogue alone.

    Raises:
        RebuildFailed: another one is going on, an event cannot be applied, or the
            tables differ.
        psycopg.Error: the database failed.
    """
    started = time.monotonic()
    with (
        connect(url, name="rebuild", autocommit=True, durable=False) as connection,
        _alone(connection),
    ):
        old = current(connection)
        bounds = _places(connection, old)
        compared = any(place.position for place in bounds.values())
        if not compared:
            head = Generation(connection, old).log.head()
            bounds = {partition: Place(0, head) for partition in bounds}
            say(f"Generation {old} is empty: there will be nothing to compare with.")
        number = generations.create(connection, tables)
        say(f"Generation {number} is made, beside {old}.")
        try:
            positions = [bounds[partition].position for partition in sorted(bounds)]
            filled = _fill(url, number, positions, jobs, say, tables)
            say("Making indexes.")
            generations.index(connection, number, tables)
            new = Generation(connection, number, parking=False, tables=tables)
            _settle(new, bounds, filled.reached, exact=compared)
            _approach(connection, old, new)
            differences = _finish(
                connection, old, new, tables, say, accept_differences, compared
            )
        except Exception as error:
            if not isinstance(error, Different):
                generations.drop(connection, number)
            raise RebuildFailed(str(error)) from error
        dropped = generations.drop_older(connection, keep=old)
    seconds = time.monotonic() - started
    return Rebuilt(old, number, filled.events, seconds, differences, dropped)


class Different(Exception):
    """The generations differ, and nobody said that they should."""


@contextmanager
def _alone(connection: Connection[Any]) -> Iterator[None]:
    row = connection.execute(QUERIES["one_rebuild"], {"lock": _LOCK}).fetchone()
    if row is None or not row[0]:
        raise RebuildFailed("Another rebuild is going on: let it end first.")
    # Left by one that was killed, or kept for a look at its differences.
    for (number,) in connection.execute(QUERIES["building"]).fetchall():
        generations.drop(connection, number)
    try:
        yield
    finally:
        # The server may take its time to notice that a session has ended: whoever
        # begins the next rebuild must not be refused because of this one.
        with suppress(psycopg.Error):
            connection.execute(QUERIES["rebuild_over"], {"lock": _LOCK})


def _places(
    connection: Connection[Any], number: int, query: str = "places"
) -> dict[int, Place]:
    return {
        partition: Place(next_offset, position)
        for partition, next_offset, position in connection.execute(
            QUERIES[query], {"generation": number}
        )
    }


def _settle(
    new: Generation,
    bounds: Mapping[int, Place],
    reached: Mapping[int, int],
    *,
    exact: bool,
) -> None:
    """Say where the filled tables are."""
    places = {}
    for partition, bound in bounds.items():
        position = reached[partition]
        if exact and position != bound.position:
            raise RebuildFailed(
                f"Partition {partition} was filled up to {position}, not to "
                f"{bound.position}: the log and the tables are not of one history."
            )
        places[partition] = Place(bound.next_offset, position)
    new.apply((), places)


def _approach(connection: Connection[Any], old: int, new: Generation) -> None:
    """Catch up until little is left to do while the old projector waits."""
    for _ in range(20):
        targets = _positions(_places(connection, old))
        lag = sum(
            max(0, target - new.places[partition].position)
            for partition, target in targets.items()
        )
        if lag == 0:
            return
        catch_up(new, targets)
        if lag < WINDOW:
            return


def _finish(
    connection: Connection[Any],
    old: int,
    new: Generation,
    tables: Sequence[Table],
    say: Callable[[str], None],
    accept_differences: bool,
    compared: bool,
) -> list[Difference]:
    with connection.transaction():
        # From here on the old generation's projector waits for our commit.
        places = _places(connection, old, "lock_positions")
        differences: list[Difference] = []
        if compared:
            catch_up(new, _positions(places))
            new.apply((), places)
            differences = compare(connection, old, new.number, tables)
            for difference in differences:
                say(f"  {difference}")
            if not accept_differences and not all(each.same for each in differences):
                raise Different(_advice(connection, old, new.number))
        generations.flip(connection, new.number, tables)
    say(f"Queries see generation {new.number}.")
    return differences


def _advice(connection: Connection[Any], old: int, new: int) -> str:
    row = connection.execute(QUERIES["parked"], {"generation": old}).fetchone()
    parked = 0 if row is None else int(row[0])
    why = (
        f"{parked} runs are parked in generation {old}: replay them first. "
        if parked
        else ""
    )
    return (
        f"The generations differ. {why}If the difference is meant, run it again with "
        f"--accept-differences. Generation {new} stays for a look until then."
    )


def _positions(places: Mapping[int, Place]) -> dict[int, int]:
    return {partition: place.position for partition, place in places.items()}


def _fill(
    url: str,
    number: int,
    bounds: Sequence[int],
    jobs: int,
    say: Callable[[str], None],
    tables: Sequence[Table],
) -> Progress:
    """Fill all partitions; events and positions of all together."""
    started = time.monotonic()
    if jobs == 0:
        found: list[Progress] = []
        fill(url, number, range(PARTITIONS), bounds, found.append, tables)
        filled = found[-1]
    else:
        filled = fill_by_processes(url, number, bounds, jobs, say)
    seconds = time.monotonic() - started
    say(f"{filled.events} events in {seconds:.1f} s, {filled.events / seconds:.0f}/s.")
    return filled
