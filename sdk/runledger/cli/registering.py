"""Workflow definitions from files."""

from __future__ import annotations

import json
import sys
import tomllib
from pathlib import Path
from typing import Any

import click

from runledger import errors
from runledger.cli import text
from runledger.cli.session import Session, takes_session

STDIN = Path("-")


@click.command()
@takes_session
@click.argument(
    "file",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
)
@click.option("--key", help="Idempotency key: the same command again is done once.")
def register(session: Session, file: Path, key: str | None) -> None:
    """Make a definition the newest version of its workflow.

    FILE is JSON or TOML; - reads JSON from standard input. The same definition
    again changes nothing.
    """
    answer = session.client.register_workflow(_definition(file), key=key)
    if session.json:
        session.emit(answer)
        return
    name = click.style(text.printable(answer.workflow), bold=True)
    known = " (the newest already: nothing changed)" if answer.repeated else ""
    click.echo(f"{name}   version {answer.version}{known}")


def _definition(file: Path) -> dict[str, Any]:
    try:
        piped = file == STDIN
        content = sys.stdin.read() if piped else file.read_text(encoding="utf-8")
        found = (
            tomllib.loads(content) if file.suffix == ".toml" else json.loads(content)
        )
    except (ValueError, OSError) as error:
        kind = "TOML" if file.suffix == ".toml" else "JSON"
        name = "Standard input" if piped else file
        raise errors.RunledgerError(f"{name} is not {kind}: {error}.") from error
    if not isinstance(found, dict):
        raise errors.RunledgerError("A definition is an object with a name and steps.")
    return found
