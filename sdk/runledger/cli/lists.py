"""Lists: workflows, runs, approvals."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

import click

from runledger.cli import text
from runledger.cli.naming import label
from runledger.cli.session import Session, takes_session
from runledger.cli.times import MOMENT

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from runledger.models import Approval, Review, Run, StepApproval, Workflow
    from runledger.queries import Page

PAGE = 500

limit_option = click.option(
    "--limit", type=click.IntRange(1), default=25, show_default=True, help="At most."
)
all_option = click.option("--all", "everything", is_flag=True, help="However many.")


def emit_list(session: Session, items: list[Any], page: Page[Any]) -> None:
    session.emit(
        {
            "items": items,
            "position": page.position,
            "stale": page.stale,
            "degraded": page.degraded,
        }
    )


def fetch(
    query: Callable[..., Page[Any]], limit: int, everything: bool, **filters: Any
) -> tuple[list[Any], Page[Any]]:
    """Items up to the limit, over as many pages as that takes; and the first page."""
    first: list[Page[Any]] = []

    def remembered(**options: Any) -> Page[Any]:
        page = query(**options)
        first.append(page)
        return page

    def items() -> Any:
        cursor: str | None = None
        size = PAGE if everything else min(limit, PAGE)
        while True:
            page = remembered(**filters, limit=size, cursor=cursor)
            yield from page.items
            cursor = page.next
            if cursor is None:
                return

    found = list(items() if everything else islice(items(), limit))
    return found, first[0]


def stale_note(session: Session, page: Any) -> None:
    if page.stale:
        session.note(
            "The read models lag behind the log, so the newest is missing here: "
            "`runledger wait` waits for them."
        )


@click.command()
@takes_session
@limit_option
@all_option
def workflows(session: Session, limit: int, everything: bool) -> None:
    """Workflows, and how many runs of each are in which state."""
    found, page = fetch(session.client.workflows, limit, everything)
    if session.json:
        emit_list(session, found, page)
        return
    if not found:
        session.note("No workflows yet: `runledger register FILE` makes one.")
        return
    rows = [_workflow(session, workflow) for workflow in found]
    heads = ("WORKFLOW", "VERSION", "STEPS", "RUNS", "REGISTERED", "STATES")
    click.echo(text.table(heads, rows, right=(1, 2, 3)))
    more(session, page, len(found), everything)
    stale_note(session, page)


def _workflow(session: Session, workflow: Workflow) -> tuple[str, ...]:
    states = [
        f"{count:,} {session.state(name)}"
        for name in text.RUN_LOOKS
        if (count := workflow.runs.get(name))
    ]
    return (
        text.printable(workflow.name),
        str(workflow.version),
        str(workflow.step_count) if workflow.step_count else "-",
        f"{sum(workflow.runs.values()):,}",
        text.ago(workflow.registered_at),
        "  ".join(states) or "-",
    )


@click.command()
@takes_session
@click.option("--workflow", "-w", help="Only of this workflow.")
@click.option(
    "--state",
    "-s",
    "states",
    multiple=True,
    type=click.Choice(list(text.RUN_LOOKS)),
    help="Only in this state; may be given more than once.",
)
@click.option("--actor", help="Only those that this person created.")
@click.option("--since", type=MOMENT, help="Created since: 2h, 3d, 2026-03-01.")
@click.option("--until", type=MOMENT, help="Created before.")
@click.option("--retry-of", "retried", help="Only retries of this run.")
@click.option("--observed/--managed", default=None, help="Only ran elsewhere / here.")
@limit_option
@all_option
def runs(
    session: Session,
    workflow: str | None,
    states: tuple[str, ...],
    actor: str | None,
    since: datetime | None,
    until: datetime | None,
    retried: str | None,
    observed: bool | None,
    limit: int,
    everything: bool,
) -> None:
    """Runs, newest first."""
    from runledger.cli.naming import run_id

    client = session.client
    found, page = fetch(
        client.runs,
        limit,
        everything,
        workflow=workflow,
        state=states,
        actor=actor,
        created_after=since,
        created_before=until,
        retry_of=None if retried is None else run_id(client, retried),
        observed=observed,
    )
    if session.json:
        emit_list(session, found, page)
        return
    if not found:
        session.note("No such runs.")
        return
    rows = [_run(session, run) for run in found]
    heads = ("RUN", "STATE", "STEPS", "CREATED", "DURATION", "BY", "ID", "WHY")
    click.echo(text.table(heads, rows, right=(2, 4)))
    more(session, page, len(found), everything)
    stale_note(session, page)


def _run(session: Session, run: Run) -> tuple[str, ...]:
    total = sum(run.step_counts.values())
    done = run.step_counts.get("completed", 0)
    return (
        text.printable(label(run)),
        session.state(run.state) + (" (not up to date)" if run.degraded else ""),
        f"{done}/{total}",
        text.ago(run.created_at),
        text.duration(run.duration_s),
        text.printable(run.created_by),
        str(run.run_id),
        text.shorten(text.printable(why(run)), 60),
    )


def why(run: Run) -> str:
    """Why it is failed, canceled or held, in short."""
    cause = run.cause
    if cause is None:
        active = run.active_steps
        return f"at {', '.join(active[:3])}" if active else ""
    step = f"{cause.step}: " if cause.step else ""
    error = f"{cause.error.type}: {cause.error.message}" if cause.error else ""
    said = error or cause.reason.splitlines()[0] if error or cause.reason else ""
    return f"{step}{said}" or f"by {cause.actor}"


def more(session: Session, page: Page[Any], shown: int, everything: bool) -> None:
    if page.next is not None and not everything:
        session.note(f"The first {shown}; --limit N or --all shows more.")


@click.command()
@takes_session
@click.option("--for", "person", help="Only what this person may decide.")
@click.option("--group", help="Only what is asked of this group.")
@click.option("--workflow", "-w", help="Only of this workflow.")
@click.option(
    "--state",
    "states",
    multiple=True,
    default=("open",),
    show_default=True,
    type=click.Choice(["open", "approved", "rejected", "withdrawn"]),
)
@limit_option
@all_option
def approvals(
    session: Session,
    person: str | None,
    group: str | None,
    workflow: str | None,
    states: tuple[str, ...],
    limit: int,
    everything: bool,
) -> None:
    """Questions that wait for people (or that were decided: --state)."""
    found, page = fetch(
        session.client.approvals,
        limit,
        everything,
        for_=person,
        group=group,
        workflow=workflow,
        state=states,
    )
    if session.json:
        emit_list(session, found, page)
        return
    if not found:
        session.note("Nothing waits for a decision." if "open" in states else "None.")
        return
    rows = [_approval(session, approval) for approval in found]
    heads = ("RUN", "STEP", "STATE", "ASKED", "AGREED", "WHO MAY DECIDE", "SUMMARY")
    click.echo(text.table(heads, rows))
    more(session, page, len(found), everything)
    if any(approval.state == "open" for approval in found):
        session.note("Decide with: runledger approve RUN STEP (or reject).")
    stale_note(session, page)


def may_decide(approval: Approval | Review | StepApproval) -> str:
    """Whom the policy names."""
    groups = (f"group {name}" for name in approval.groups)
    return ", ".join((*approval.approvers, *groups)) or "every approver"


def _approval(session: Session, approval: Approval) -> tuple[str, ...]:
    people = may_decide(approval)
    return (
        text.printable(f"{approval.workflow}#{approval.number}"),
        text.printable(approval.step),
        session.state(approval.state),
        text.ago(approval.requested_at),
        f"{approval.agreed} of {approval.required}",
        text.shorten(text.printable(people), 40),
        text.shorten(text.printable(approval.summary), 60),
    )
