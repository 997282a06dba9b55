"""`runledger bulk`: one command to many runs, previewed first."""

from __future__ import annotations

from typing import Any

import click

from runledger.cli import text
from runledger.cli.bulk_going import bulk_id_of, carry_out, filters, going, told
from runledger.cli.bulk_shown import items_table, operation_line, operations_table
from runledger.cli.lists import (
    all_option,
    emit_list,
    fetch,
    limit_option,
    more,
    stale_note,
)
from runledger.cli.session import Session, takes_session


@click.group()
def bulk() -> None:
    """Cancel, retry or decide many runs at once, by filter.

    The list is previewed and fixed before anything is done. The operation is on
    record, with the result for each run, and goes on by itself once it is started.
    """


@bulk.command()
@takes_session
@filters
@click.option("--force", is_flag=True, help="At once; running work is not awaited.")
@going
def cancel(session: Session, force: bool, **given: Any) -> int:
    """Cancel runs: what completed stays completed."""
    return carry_out(session, {"type": "cancel", "force": force}, given)


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
    return carry_out(session, command, given)


def _decision(name: str, help_text: str) -> click.Command:
    def command(session: Session, step: str | None, **given: Any) -> int:
        return carry_out(session, {"type": name}, given, step=step)

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
    return carry_out(session, command, given)


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
    bulk_id = bulk_id_of(client, operation)
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
    bulk_id = bulk_id_of(client, operation)
    client.stop_bulk(bulk_id, reason=reason)
    told(session, client.wait_for_bulk(bulk_id, timeout_s=60))
