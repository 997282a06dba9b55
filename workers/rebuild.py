"""The commands ``rebuild`` and ``replay``."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

import click

from infra.postgres import connect
from projections import generations
from projections.errors import RebuildFailed
from projections.generation import QUERIES
from projections.rebuild import rebuild as make_anew
from workers.database import database_url

if TYPE_CHECKING:
    from uuid import UUID

    from psycopg import Connection

PATIENCE_S = 30.0
POLL_S = 0.1


@click.command("rebuild")
@click.option(
    "--jobs",
    type=click.IntRange(1, 8),
    default=min(8, os.cpu_count() or 1),
    show_default=True,
    help="Worker processes that fill the new tables.",
)
@click.option(
    "--accept-differences",
    is_flag=True,
    help="Flip even if the new tables differ from the old ones.",
)
@click.option(
    "--rollback",
    is_flag=True,
    help="Build nothing: go back to the tables that were in use before.",
)
def rebuild(jobs: int, accept_differences: bool, rollback: bool) -> None:
    """Make all read tables anew from the log, compare, and switch to them.

    Queries are answered all the time, from the old tables and then from the new ones.
    """
    url = database_url()
    if rollback:
        _roll_back(url)
        return
    try:
        done = make_anew(
            url, say=click.echo, jobs=jobs, accept_differences=accept_differences
        )
    except RebuildFailed as error:
        raise click.ClickException(str(error)) from error
    click.echo(
        f"Done in {done.seconds:.1f} s. Generation {done.old} is kept: "
        "--rollback goes back to it."
    )
    for number in done.dropped:
        click.echo(f"Generation {number} is dropped.")


def _roll_back(url: str) -> None:
    with connect(url, name="rebuild", autocommit=True) as connection:
        found = generations.roll_back(connection)
    if found is None:
        raise click.ClickException("There is no older generation to go back to.")
    click.echo(
        f"Queries see generation {found[1]} again, {found[0]} is kept. "
        "It catches up from where it was left."
    )


@click.command("replay")
@click.argument("run_id", type=click.UUID, required=False)
@click.option("--all", "everything", is_flag=True, help="Every run that is parked.")
def replay(run_id: UUID | None, everything: bool) -> None:
    """Apply the events of a parked run anew, from the log.

    The projector does it; this waits for the outcome.
    """
    if (run_id is None) is not everything:
        raise click.UsageError("Name one run, or say --all.")
    url = database_url()
    with connect(url, name="replay", autocommit=True) as connection:
        asked = {"run_id": run_id, "requested_by": "runledger-server"}
        query = QUERIES["request_all" if everything else "request"]
        ids = [row[0] for row in connection.execute(query, asked).fetchall()]
        if not ids:
            click.echo("No run is parked.")
            return
        results = _results(connection, ids)
    for run, result in sorted(results.items()):
        click.echo(f"{run}: {result}")
    missing = len(ids) - len(results)
    if missing:
        raise click.ClickException(
            f"{missing} not done within {PATIENCE_S:.0f} s: is a projector running? "
            "The requests stay, it will carry them out."
        )
    if any(result != "replayed" for result in results.values()):
        raise click.ClickException("Not every run could be replayed.")


def _results(connection: Connection[Any], ids: list[int]) -> dict[UUID, str]:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        rows = connection.execute(QUERIES["results"], {"ids": ids}).fetchall()
        if len(rows) == len(ids) or time.monotonic() > deadline:
            return dict(rows)
        time.sleep(POLL_S)
