"""Small commands of ``runledger-server`` that do one thing and end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from infra.migrate import MigrationError
from infra.migrate import migrate as apply
from workers.database import database_url

if TYPE_CHECKING:
    from infra.migrate import Phase


@click.command()
@click.option(
    "--phase",
    type=click.Choice(["all", "pre", "post"]),
    default="all",
    show_default=True,
    help="pre: before the new version is deployed; post: after the old one is gone.",
)
@click.option(
    "--database-url",
    "url",
    help="PostgreSQL, as runledger_owner. Default: RUNLEDGER_DATABASE_URL, or the "
    "local stack's.",
)
def migrate(phase: str, url: str | None) -> None:
    """Bring the database to the shape that this version needs."""
    phases: list[Phase] = ["pre", "post"] if phase == "all" else [_phase(phase)]
    try:
        applied = apply(url or database_url(), phases)
    except MigrationError as error:
        raise click.ClickException(str(error)) from error
    for name in applied:
        click.echo(f"applied {name}")
    if not applied:
        click.echo("nothing to apply")


def _phase(name: str) -> Phase:
    return "pre" if name == "pre" else "post"
