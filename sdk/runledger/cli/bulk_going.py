"""How a bulk operation goes from the shell: preview, question, start, progress, end."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any
from uuid import UUID

import click

from runledger import errors
from runledger.bulk import OVER
from runledger.cli import text
from runledger.cli.bulk_shown import operation_line, preview_shown, progress_line
from runledger.cli.naming import run_id
from runledger.cli.times import MOMENT

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from runledger.cli.session import Session
    from runledger.client import Client
    from runledger.models import BulkDetail

Members = dict[str, Any]

SEARCHED = 500
"""Operations that a beginning of an id is looked for in: the newest ones."""


def filters(command: Callable[..., Any]) -> Callable[..., Any]:
    """Which runs: those of `runledger runs`, and runs by name."""
    for option in (
        click.option(
            "--observed/--managed", default=None, help="Ran elsewhere / here."
        ),
        click.option("--retry-of", "retried", help="Only retries of this run."),
        click.option("--until", type=MOMENT, help="Created before."),
        click.option("--since", type=MOMENT, help="Created since: 2h, 3d, 2026-03-01."),
        click.option("--actor", help="Only those that this person created."),
        click.option(
            "--state",
            "-s",
            "states",
            multiple=True,
            type=click.Choice(list(text.RUN_LOOKS)),
            help="Only in this state; may be given more than once.",
        ),
        click.option("--workflow", "-w", help="Only of this workflow."),
        click.argument("runs", nargs=-1, metavar="[RUN]..."),
    ):
        command = option(command)
    return command


def going(command: Callable[..., Any]) -> Callable[..., Any]:
    """How it goes on after the preview."""
    for option in (
        click.option("--detach", is_flag=True, help="Do not wait until it is over."),
        click.option(
            "--as-is", is_flag=True, help="Even if the list has changed since shown."
        ),
        click.option("--yes", "-y", is_flag=True, help="Start without asking."),
        click.option("--reason", "-m", default="", help="Why; kept for good."),
    ):
        command = option(command)
    return command


def carry_out(
    session: Session, command: Members, given: Members, step: str | None = None
) -> int:
    """Preview, ask, start, wait; exit code 1 where an item was refused or missing."""
    client = session.client
    wanted = _wanted(client, given, step)
    yes, as_is = given["yes"], given["as_is"]
    while True:
        preview = client.preview_bulk(command, wanted)
        if not session.json:
            click.echo(preview_shown(session, command, preview))
        if not preview.total:
            session.note("Nothing to do.")
            return 0
        if not yes:
            _ask(session, command["type"], preview.total)
        try:
            answer = client.start_bulk(
                command,
                wanted,
                digest=preview.digest,
                take_as_is=as_is,
                reason=given["reason"],
            )
            break
        except errors.Refused as error:
            if error.code != "bulk-list-changed" or yes:
                raise
            session.note(error.detail)
    if given["detach"]:
        if session.json:
            session.emit(answer)
        else:
            click.echo(f"Started: {answer.bulk_id}")
        return 0
    return told(session, _await(session, answer.bulk_id))


def _wanted(client: Client, given: Members, step: str | None) -> Members:
    since: datetime | None = given["since"]
    until: datetime | None = given["until"]
    retried = given["retried"]
    found: Members = {
        "workflow": given["workflow"],
        "state": given["states"],
        "actor": given["actor"],
        "created_after": since,
        "created_before": until,
        "retry_of": None if retried is None else run_id(client, retried),
        "observed": given["observed"],
        "step": step,
        "run_ids": tuple(run_id(client, name) for name in given["runs"]),
    }
    if all(value in (None, ()) for value in found.values()):
        raise click.UsageError(
            "Which runs? Name some, or say --workflow, --state, --actor, --since."
        )
    return found


def _ask(session: Session, verb: str, total: int) -> None:
    if not sys.stdin.isatty():
        raise errors.RunledgerError(
            f"Nobody is here to ask: say --yes to {verb} these {total:,}.",
            code="not-confirmed",
        )
    click.confirm(f"{verb.capitalize()} these {total:,}?", abort=True, err=True)


def _await(session: Session, bulk_id: UUID) -> BulkDetail:
    """Until it is over; Ctrl-C asks whether to stop it."""
    client = session.client
    moving = sys.stderr.isatty() and not session.json

    def progress(found: BulkDetail) -> None:
        if moving:
            click.echo(f"\r{progress_line(found)}\x1b[K", err=True, nl=False)

    while True:
        try:
            found = client.wait_for_bulk(bulk_id, progress=progress)
        except KeyboardInterrupt:
            if moving:
                click.echo(err=True)
            if not click.confirm("Stop it?", err=True):
                session.note(f"It goes on: runledger bulk show {bulk_id}")
                return client.bulk_operation(bulk_id)
            client.stop_bulk(bulk_id)
        else:
            if moving:
                click.echo("\r\x1b[K", err=True, nl=False)
            return found


def told(session: Session, found: BulkDetail) -> int:
    if session.json:
        session.emit(found)
    else:
        click.echo(operation_line(session, found))
        if found.refused or found.not_found:
            session.note(
                f"Why: runledger bulk show {found.bulk_id} --result refused "
                "--result not_found"
            )
    return 1 if found.state in OVER and (found.refused or found.not_found) else 0


def bulk_id_of(client: Client, name: str) -> UUID:
    """An id, or the unique beginning of one of the newest."""
    try:
        return UUID(name)
    except ValueError:
        pass
    beginning = name.lower()
    page = client.bulk_operations(limit=SEARCHED)
    found = [each for each in page.items if str(each.bulk_id).startswith(beginning)]
    if len(beginning) < 4 or len(found) > 1:
        raise click.UsageError(
            f"{name!r} does not say which bulk operation: write more of its id."
        )
    if not found:
        raise errors.NotFound(
            f"None of the newest {SEARCHED} bulk operations has an id that begins with "
            f"{name}.",
            code="unknown-bulk",
        )
    return UUID(str(found[0].bulk_id))
