"""up, down, doctor: the local stack from the command line."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from infra.local.home import Home
from infra.settings import Settings
from workers.failures import sentence

if TYPE_CHECKING:
    from infra.local.up import Addresses

_home = click.option(
    "--home",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder of all data. Default: RUNLEDGER_HOME, or .runledger here.",
)
_port = click.option(
    "--port",
    type=int,
    help="First of four ports in a row. Default: RUNLEDGER_PORT, or 7450.",
)
_json = click.option(
    "--json", "as_json", is_flag=True, help="One JSON object on standard output."
)


@click.command()
@click.option("--detach", is_flag=True, help="Return when all is ready; it goes on.")
@_json
@_home
@_port
def up(detach: bool, as_json: bool, home: Path | None, port: int | None) -> None:
    """Bring up the local stack: PostgreSQL, Kafka and every process of the service.

    Ctrl-C stops it; with --detach, runledger-server down does. All data stays.
    """
    from infra.local.detached import bring_up_detached
    from infra.local.up import addresses, await_other, bring_up

    settings = _settings(home, port)
    place = Home(settings.home)
    running = addresses(place)
    if running is None and place.in_use:
        _say(f"A stack is starting for {place.folder} already: waiting for that one.")
        running = await_other(place)
    if running is not None:
        _say(f"A stack runs for {place.folder} already.")
        _print_addresses(running, as_json)
    elif detach:
        _print_addresses(bring_up_detached(settings, place, _say), as_json)
        _say(f"It goes on in the background. To stop it: {_how_to_stop(place)}")
    else:

        def ready(found: Addresses) -> None:
            _print_addresses(found, as_json)
            _say("Ready. Ctrl-C stops it." if sys.stderr.isatty() else "Ready.")

        bring_up(settings, _say, ready)


@click.command()
@_home
def down(home: Path | None) -> None:
    """Stop the local stack, and nothing else. All data stays."""
    from infra.local.down import take_down

    place = Home(_settings(home, None).home)
    if take_down(place, _say):
        _say("Stopped; all data is kept.")
    else:
        _say(f"Nothing runs for {place.folder}.")


@click.command()
@_json
@_home
@_port
def doctor(as_json: bool, home: Path | None, port: int | None) -> None:
    """Check the stack part by part; for what is not well, say what to do."""
    from infra.local.doctor import examine

    findings = examine(_settings(home, port))
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        for finding in findings:
            mark = "ok  " if finding.ok else "BAD "
            click.echo(f"{mark} {finding.what}: {finding.said}")
    if not all(finding.ok for finding in findings):
        raise click.exceptions.Exit(1)


def _settings(home: Path | None, port: int | None) -> Settings:
    chosen = dict(os.environ)
    if home is not None:
        chosen["RUNLEDGER_HOME"] = str(home)
    if port is not None:
        chosen["RUNLEDGER_PORT"] = str(port)
    settings = Settings.from_environment(chosen)
    # Children start elsewhere: what they get told must not depend on where.
    return settings.model_copy(update={"home": Home(settings.home).folder})


def _print_addresses(found: Addresses, as_json: bool) -> None:
    dashboard = _dashboard(found)
    if as_json:
        click.echo(json.dumps({"dashboard": dashboard, **asdict(found)}))
        return
    click.echo(f"Dashboard  {dashboard}")
    if "#" in dashboard:
        click.echo(
            "           signs you in, once, within 15 minutes; runledger-server link "
            "prints another"
        )
    click.echo(f"Queries    {found.query_url}")
    click.echo(f"Commands   {found.command_url}")
    click.echo(f"Token      {found.token}")
    click.echo(f"All data   {found.home}")


def _dashboard(found: Addresses) -> str:
    """Its address, with a fresh code that signs in."""
    import psycopg

    from workers.links import dashboard_of, link_of

    try:
        link = link_of(found)
    except psycopg.Error as error:
        # One that was started by an older version runs on without such codes.
        _say(f"No link that signs in could be made: {sentence(error)}")
        link = None
    return dashboard_of(found) if link is None else link.url


def _how_to_stop(home: Home) -> str:
    checkout = Path(__file__).parents[1]
    in_checkout = checkout.joinpath("pyproject.toml").exists()
    command = (
        str(checkout / "infra/bin/down") if in_checkout else "runledger-server down"
    )
    return f"{command} --home {home.folder}"


def _say(line: str) -> None:
    """Progress, for whoever watches; that nobody does any more stops nothing."""
    try:
        print(line, file=sys.stderr, flush=True)
    except OSError:
        return
