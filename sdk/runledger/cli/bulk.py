"""`runledger bulk`: one command to many runs, previewed first."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any
from uuid import UUID

import click

from runledger import errors
from runledger.bulk import OVER
from runledger.cli import text
from runledger.cli.bulk_shown import (
    items_table,
    operation_line,
    operations_table,
    preview_shown,
    progress_line,
)
from runledger.cli.lists import (
    all_option,
    emit_list,
    fetch,
    limit_option,
    more,
    stale_note,
)
from runledger.cli.naming import run_id
from runledger.cli.session import Session, takes_session
from runledger.cli.times import MOMENT

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from runledger.client import Client
    from runledger.models import BulkDetail

Members = dict[str, Any]

SEARCHED = 500
"""Operations that a beginning of an id is looked for in: the newest ones."""


@click.group()
def bulk() -> None:
    """Cancel, retry or decide many runs at once, by filter.

    The list is previewed and fixed before anything is done. The operation is on
    record, with the result for each run, and goes on by itself once it is started.
    """


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


@bulk.command()
@takes_session
@filters
@click.option("--force", is_flag=True, help="At once; running work is not awaited.")
@going
def cancel(session: Session, force: bool, **given: Any) -> int:
    """Cancel runs: what completed stays completed."""
    return _carry_out(session, {"type": "cancel", "force": force}, given)


@bulk.command()
@takes_session
@filters
@click.option(
    "--from",
    "begin",
    default="failed",
    show_default=True,
    metavar="failed|start|STEP",
    help="What did not complete, everything, or a step and all built on it.",
)
@click.option(
    "--accept-unsafe",
    is_flag=True,
    help="Also where steps are not safe to run again; else those are refused.",
)
@going
def retry(session: Session, begin: str, accept_unsafe: bool, **given: Any) -> int:
    """Run finished runs again, each as a new run linked to it."""
    retry_from = begin if begin in ("failed", "start") else f"step:{begin}"
    command = {
        "type": "retry",
        "retry_from": retry_from,
        "accept_unsafe": accept_unsafe,
    }
    return _carry_out(session, command, given)


def _decision(name: str, help_text: str) -> click.Command:
    def command(session: Session, step: str | None, **given: Any) -> int:
        return _carry_out(session, {"type": name}, given, step=step)

    step_option = click.option("--step", help="Only questions of this step.")
    return click.command(name, help=help_text)(
        takes_session(filters(step_option(going(command))))
    )


bulk.add_command(_decision("approve", "Agree to what steps of runs ask, as shown."))
bulk.add_command(_decision("reject", "Disagree with what steps of runs ask, as shown."))


@bulk.command()
@takes_session
@filters
@click.option("--step", required=True, help="Which one.")
@click.option(
    "--accept-unsafe",
    is_flag=True,
    help="Also where steps are not safe to run again; else those are refused.",
)
@going
def redo(session: Session, step: str, accept_unsafe: bool, **given: Any) -> int:
    """Do a step of runs once more, and all that was built on it."""
    command = {"type": "redo", "step": step, "accept_unsafe": accept_unsafe}
    return _carry_out(session, command, given)


@bulk.command("list")
@takes_session
@click.option(
    "--state",
    "states",
    multiple=True,
    type=click.Choice(["running", "stopping", "stopped", "completed"]),
)
@click.option("--actor", help="Only those that this person started.")
@limit_option
@all_option
def list_(
    session: Session,
    states: tuple[str, ...],
    actor: str | None,
    limit: int,
    everything: bool,
) -> None:
    """Bulk operations, newest first."""
    query = session.client.bulk_operations
    found, page = fetch(query, limit, everything, state=states, actor=actor)
    if session.json:
        emit_list(session, found, page)
        return
    if not found:
        session.note("No bulk operations.")
        return
    click.echo(operations_table(session, found))
    more(session, page, len(found), everything)
    stale_note(session, page)


@bulk.command()
@takes_session
@click.argument("operation", metavar="ID")
@click.option(
    "--result",
    "results",
    multiple=True,
    type=click.Choice(["pending", "done", "nothing", "refused", "not_found"]),
    help="Only these items; may be given more than once.",
)
@limit_option
@all_option
def show(
    session: Session,
    operation: str,
    results: tuple[str, ...],
    limit: int,
    everything: bool,
) -> None:
    """A bulk operation and what became of its runs. ID may be its beginning."""
    client = session.client
    bulk_id = _bulk_id(client, operation)
    found = client.bulk_operation(bulk_id)

    def items(**options: Any) -> Any:
        return client.bulk_items(bulk_id, **options)

    shown, page = fetch(items, limit, everything, result=results)
    if session.json:
        session.emit({"operation": found, "items": shown})
        return
    click.echo(operation_line(session, found))
    for refusal in found.refusals:
        said = text.printable(refusal.message)
        session.note(f"  {refusal.items:,} {refusal.code}, for instance: {said}")
    if shown:
        click.echo(items_table(session, shown))
    more(session, page, len(shown), everything)
    stale_note(session, page)


@bulk.command()
@takes_session
@click.argument("operation", metavar="ID")
@click.option("--reason", "-m", default="", help="Why; kept for good.")
def stop(session: Session, operation: str, reason: str) -> None:
    """Stop a bulk operation: what is not done yet is left as it is."""
    client = session.client
    bulk_id = _bulk_id(client, operation)
    client.stop_bulk(bulk_id, reason=reason)
    _told(session, client.wait_for_bulk(bulk_id, timeout_s=60))


def _carry_out(
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
    return _told(session, _await(session, answer.bulk_id))


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


def _told(session: Session, found: BulkDetail) -> int:
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


def _bulk_id(client: Client, name: str) -> UUID:
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
