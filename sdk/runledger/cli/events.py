"""The event stream: what happened, in the order it was recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from runledger.cli import text
from runledger.cli.naming import run_id
from runledger.cli.session import Session, takes_session
from runledger.cli.times import MOMENT

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from runledger.models import Event


@click.command()
@takes_session
@click.option("--follow", "-f", is_flag=True, help="Go on with what comes.")
@click.option("--run", help="Only of this run.")
@click.option("--workflow", "-w", help="Only of this workflow and its runs.")
@click.option("--topic", help="Only topics that begin so: run.step.")
@click.option("--actor", help="Only by this actor.")
@click.option("--correlation", type=click.UUID, help="Only of this request.")
@click.option("--since", type=MOMENT, help="Recorded since: 2h, 3d, 2026-03-01.")
@click.option("--until", type=MOMENT, help="Recorded before.")
@click.option("--after", type=click.IntRange(0), help="Only after this position.")
@click.option(
    "--limit",
    "-n",
    type=click.IntRange(0, 1_000),
    default=20,
    show_default=True,
    help="How many: the newest, or with --after the next ones.",
)
def events(
    session: Session,
    follow: bool,
    run: str | None,
    workflow: str | None,
    topic: str | None,
    actor: str | None,
    correlation: UUID | None,
    since: datetime | None,
    until: datetime | None,
    after: int | None,
    limit: int,
) -> None:
    """Events of the log, oldest first. With --json a line for each.

    --follow resumes by itself where a broken connection left off.
    """
    if follow and (since or until):
        raise click.UsageError("--follow begins with --after, and has no end.")
    client = session.client
    meant = None if run is None else str(run_id(client, run))
    seen = after
    if not (follow and after is not None) and limit:
        found = client.events(
            run=meant,
            workflow=workflow,
            topic=topic,
            actor=actor,
            correlation=correlation,
            since=since,
            until=until,
            after=after,
            limit=limit,
        )
        shown = found.items if found.order == "ascending" else found.items[::-1]
        for event in shown:
            _show(session, event)
        seen = found.position
        if not shown and not follow and not session.json:
            session.note("No such events.")
    if not follow:
        return
    stream = client.follow(
        after=seen,
        run=meant,
        workflow=workflow,
        topic=topic,
        actor=actor,
        correlation=correlation,
        lost=lambda reason: session.note(f"Connection lost ({reason}): resuming."),
    )
    for event in stream:
        _show(session, event)


def _show(session: Session, event: Event) -> None:
    if session.json:
        session.emit_line(event)
        return
    subject = event.workflow or ""
    if event.number is not None:
        subject = f"{subject}#{event.number}"
    click.echo(
        f"{click.style(str(event.position).rjust(8), fg='bright_black')}  "
        f"{text.moment(event.occurred_at)}  "
        f"{click.style(text.printable(subject), bold=True)}  "
        f"{text.printable(event.summary)}"
    )
