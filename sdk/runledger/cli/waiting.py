"""Waiting for the read models."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from runledger.cli.session import Session, takes_session

if TYPE_CHECKING:
    from runledger.models import System


@click.command()
@takes_session
@click.argument("position", type=click.IntRange(0), required=False)
@click.option(
    "--timeout", type=float, default=60.0, show_default=True, help="Seconds, at most."
)
def wait(session: Session, position: int | None, timeout: float) -> None:
    """Wait until the read models are level with POSITION, or with the log's end."""
    begin = time.monotonic()
    told = 0.0

    def progress(system: System) -> None:
        nonlocal told
        if not session.json and time.monotonic() - told > 2:
            told = time.monotonic()
            session.note(f"The log is at {system.log.position:,}: waiting.")

    reached = session.client.wait(position, timeout_s=timeout, progress=progress)
    seconds = time.monotonic() - begin
    if session.json:
        session.emit({"position": reached, "seconds": round(seconds, 3)})
    else:
        click.echo(f"Read models are level with position {reached:,}.")
