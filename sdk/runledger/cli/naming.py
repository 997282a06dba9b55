"""Runs as people name them: `etl#42`, an id, or the unique beginning of an id."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING
from uuid import UUID

import click

from runledger.errors import NotFound

if TYPE_CHECKING:
    from runledger.client import Client
    from runledger.models import HeldJob, Job, Run, RunDetail

_NUMBERED = re.compile(r"^(?P<workflow>.+)#(?P<number>[1-9][0-9]{0,17})$")
_BEGINNING = re.compile(r"^[0-9a-f][0-9a-f-]{3,35}$")
SEARCHED = 10_000
"""Runs that a beginning is looked for in: the newest ones."""

LAG_S = 30.0
"""How long a number that is not known yet is waited for, while read models lag."""

HELP = "RUN is workflow#number, an id, or the unique beginning of one."


def is_run(name: str) -> bool:
    """Whether it can only mean a run, not a workflow."""
    return _NUMBERED.match(name) is not None or _uuid(name) is not None


def run_id(client: Client, name: str) -> UUID:
    """The id of the run that is meant.

    Raises:
        UsageError: it is no name of a run, or means several.
        NotFound: there is none.
    """
    if (found := _uuid(name)) is not None:
        return found
    if numbered := _NUMBERED.match(name):
        workflow, number = numbered["workflow"], int(numbered["number"])
        try:
            return client.run_by_number(workflow, number).run_id
        except NotFound as error:
            if error.code != "unknown-run":
                raise
            # Numbers are in the read models only, and these may be far behind.
            client.wait(timeout_s=LAG_S)
            return client.run_by_number(workflow, number).run_id
    beginning = name.lower()
    if not _BEGINNING.match(beginning):
        raise click.UsageError(
            f"{name!r} names no run: write workflow#number, an id, or at least four "
            "characters of one."
        )
    newest = islice(client.all(client.runs, limit=500), SEARCHED)
    runs = [run for run in newest if str(run.run_id).startswith(beginning)]
    if not runs:
        raise NotFound(
            f"None of the newest {SEARCHED:,} runs has an id that begins with "
            f"{beginning}: write workflow#number, or the whole id.",
            code="unknown-run",
        )
    if len(runs) > 1:
        several = ", ".join(f"{label(run)} ({run.run_id})" for run in runs[:5])
        raise click.UsageError(f"{beginning} begins several ids: {several}. Which one?")
    return runs[0].run_id


def label(run: Run | RunDetail | Job | HeldJob) -> str:
    return f"{run.workflow}#{run.number}"


def _uuid(name: str) -> UUID | None:
    try:
        return UUID(name) if len(name) in (32, 36) else None
    except ValueError:
        return None
