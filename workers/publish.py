"""The command ``publish``."""

from __future__ import annotations

import click

from infra.settings import Settings
from workers.collecting import collect_rarely
from workers.logs import to_stderr
from workers.publisher import Publisher
from workers.stopping import Stopping


@click.command("publish")
def command() -> None:
    """Carry the log to Kafka.

    Start as many as you like: one works, the others stand by.
    """
    to_stderr()
    settings = Settings.from_environment()
    collect_rarely()
    Publisher(settings.database_url, settings.bootstrap, Stopping().on_signals()).run()
