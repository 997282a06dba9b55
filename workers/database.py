"""Which database a command at a prompt means."""

from __future__ import annotations

import click

from infra.local.home import Home
from infra.settings import Settings


def database_url() -> str:
    """That of RUNLEDGER_DATABASE_URL, or the one of the local stack that runs.

    Raises:
        click.UsageError: there is neither.
    """
    settings = Settings.from_environment()
    if settings.database_url:
        return settings.database_url
    home = Home(settings.home)
    record = home.record()
    if record is None or not record.supervisor.alive:
        raise click.UsageError(
            f"No stack runs for {home.folder}: start one with infra/bin/up, say where "
            "it is with RUNLEDGER_HOME, or name a database with "
            "RUNLEDGER_DATABASE_URL, as runledger_owner."
        )
    return record.database_url
