"""The matrix of a workflow."""

from __future__ import annotations

import click

from runledger.cli import grid, text
from runledger.cli.lists import stale_note
from runledger.cli.session import Session, takes_session


@click.command()
@takes_session
@click.argument("workflow")
@click.option(
    "--runs",
    "-n",
    "count",
    type=click.IntRange(1, 1_000),
    default=25,
    show_default=True,
    help="How many, at most: the newest that fit.",
)
@click.option("--before", type=click.IntRange(1), help="Only runs before this number.")
@click.option("--version", type=click.IntRange(1), help="Only runs of this version.")
@click.option("--durations", "-d", is_flag=True, help="How long each step took.")
def matrix(
    session: Session,
    workflow: str,
    count: int,
    before: int | None,
    version: int | None,
    durations: bool,
) -> None:
    """Steps down, runs across, the newest at the right."""
    found = session.client.matrix(workflow, runs=count, before=before, version=version)
    if session.json:
        session.emit(found)
        return
    columns = [
        grid.Column(
            number=run.number,
            state=run.state,
            cells=run.cells,
            durations_s=run.durations or (),
            attempts=run.attempts or (),
            flags=run.flags,
            duration_s=run.duration_s,
            degraded=run.degraded,
        )
        for run in reversed(found.runs)
    ]
    steps = [step.name for step in found.steps]
    head = f"{text.plural(len(columns), 'run')}, {text.plural(len(steps), 'step')}"
    title = f"{click.style(text.printable(found.workflow), bold=True)}   {head}"
    click.echo(title)
    if not columns:
        session.note("No runs yet: `runledger start` makes one.")
        return
    for line in grid.draw(steps, columns, session.paper, durations=durations):
        click.echo(line)
    if found.next is not None:
        session.note(f"Older ones: --before {found.next}.")
    stale_note(session, found)
