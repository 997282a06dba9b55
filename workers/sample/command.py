"""``runledger-server sample``: the worker of the sample, and its first run."""

from __future__ import annotations

import json
import logging

import click

from infra.settings import Settings
from workers.logs import to_stderr
from workers.sample.folder import enter


@click.group()
def sample() -> None:
    """The sample workflow that infra/bin/up runs."""


@sample.command()
def work() -> None:
    """Carry out its steps, until asked to stop."""
    settings = Settings.from_environment()
    to_stderr()
    logging.getLogger("httpx2").setLevel(logging.WARNING)  # a line per request
    enter(settings)
    from runledger.worker import Worker

    # Only now: the workflow looks for its files where the folder is.
    from workers.sample.flow import pages

    # Not the environment's: another service may be meant by it.
    given = json.loads(settings.home.joinpath("sample-worker.json").read_text())
    Worker(pages, slots=4, grace_s=5, capture_output=True, **given).run()


@sample.command()
def begin() -> None:
    """Make it known and start its first run, unless it has had one."""
    settings = Settings.from_environment()
    folder = enter(settings)
    from runledger import Client

    from workers.sample.flow import pages

    given = json.loads(settings.home.joinpath("client.json").read_text())
    with Client(**given) as client:
        client.register_workflow(pages.definition)
        if not client.runs(workflow=pages.name, limit=1).items:
            # With a key: a second `begin` at the same time starts no other.
            run = client.create_run(
                pages.name,
                inputs={"title": "Field notes"},
                key="first-run-of-the-sample",
            )
            click.echo(f"{pages.name}#{run.number}")
    folder.joinpath("begun").touch()
