"""Jobs, the workers that carry them out, and the queues that they wait in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from runledger.cli import text
from runledger.cli.lists import (
    all_option,
    emit_list,
    fetch,
    limit_option,
    more,
    stale_note,
)
from runledger.cli.naming import label, run_id
from runledger.cli.session import Session, takes_session

if TYPE_CHECKING:
    from runledger.models import HeldJob, Job, Progress, Queue, Worker

STATES = ("queued", "leased", "succeeded", "failed", "lost", "canceled", "released")


@click.command()
@takes_session
@click.argument("run", metavar="[RUN]", required=False)
@click.option(
    "--state",
    "-s",
    "states",
    multiple=True,
    type=click.Choice(STATES),
    help="Only in this state; may be given more than once.",
)
@click.option("--workflow", "-w", help="Only of this workflow.")
@click.option("--queue", "-q", help="Only of this queue.")
@click.option("--worker", help="Only those that this worker has or had.")
@limit_option
@all_option
def jobs(
    session: Session,
    run: str | None,
    states: tuple[str, ...],
    workflow: str | None,
    queue: str | None,
    worker: str | None,
    limit: int,
    everything: bool,
) -> None:
    """What workers were, are or will be given, the newest first."""
    client = session.client
    found, page = fetch(
        client.jobs,
        limit,
        everything,
        run=None if run is None else run_id(client, run),
        state=states,
        workflow=workflow,
        queue=queue,
        worker=worker,
    )
    if session.json:
        emit_list(session, found, page)
        return
    if not found:
        session.note("No such jobs. Steps without a queue have none.")
        return
    rows = [_job(session, job) for job in found]
    heads = ("RUN", "STEP", "STATE", "QUEUE", "WORKER", "QUEUED", "WAITED", "TOOK")
    click.echo(text.table((*heads, "NOTE"), rows, right=(6, 7)))
    more(session, page, len(found), everything)
    stale_note(session, page)


def _job(session: Session, job: Job) -> tuple[str, ...]:
    return (
        text.printable(label(job)),
        f"{text.printable(job.step)} ({job.attempt})",
        session.state(job.state),
        text.printable(job.queue),
        text.printable(job.worker) or "-",
        text.ago(job.queued_at),
        text.duration(job.queued_s),
        text.duration(job.duration_s),
        text.shorten(text.printable(note(job)), 60),
    )


def note(job: Job) -> str:
    """What there is to say beside its state."""
    if job.canceling:
        return "told to stop"
    return job.error or job.reason or progress(job.progress)


def progress(told: Progress | None) -> str:
    if told is None:
        return ""
    done = "" if told.fraction is None else f"{told.fraction:.0%}"
    return ": ".join(filter(None, (done, told.message)))


@click.command()
@takes_session
@click.option("--state", "-s", type=click.Choice(("live", "offline")))
@click.option("--queue", "-q", help="Only of this queue.")
@limit_option
@all_option
def workers(
    session: Session,
    state: str | None,
    queue: str | None,
    limit: int,
    everything: bool,
) -> None:
    """Workers that are there, and what each carries out at this moment."""
    found, page = fetch(
        session.client.workers, limit, everything, state=state, queue=queue
    )
    if session.json:
        emit_list(session, found, page)
        return
    if not found:
        session.note("No workers: `runledger worker MODULE` starts one.")
        return
    rows = [_worker(session, worker) for worker in found]
    heads = ("WORKER", "STATE", "QUEUE", "SEEN", "JOBS", "WORKFLOWS")
    click.echo(text.table(heads, rows, right=(4,)))
    for worker in found:
        for job in worker.jobs:
            click.echo(f"  {text.printable(worker.worker)}: {_held(job)}")
    more(session, page, len(found), everything)


def _worker(session: Session, worker: Worker) -> tuple[str, ...]:
    slots = "" if worker.slots is None else f" of {worker.slots}"
    capable = f" ({', '.join(worker.capabilities)})" if worker.capabilities else ""
    return (
        text.printable(worker.worker),
        session.state(worker.state),
        text.printable(worker.queue + capable),
        text.ago(worker.seen),
        f"{len(worker.jobs)}{slots}",
        text.shorten(text.printable(", ".join(worker.workflows)), 60),
    )


def _held(job: HeldJob) -> str:
    name = label(job) if job.number is not None else str(job.run_id)
    said = f"{name} {job.step} ({job.attempt}), {text.ago(job.leased_at)}"
    extra = "told to stop" if job.canceling else progress(job.progress)
    return text.printable(f"{said}, {extra}" if extra else said)


@click.command()
@takes_session
def queues(session: Session) -> None:
    """What waits in each queue at this moment, and who serves it."""
    found = session.client.queues()
    if session.json:
        session.emit(found)
        return
    if not found.items:
        session.note("Nothing is queued, and no worker is there.")
        return
    heads = ("QUEUE", "QUEUED", "OLDEST", "LATER", "LEASED", "WORKERS", "SLOTS")
    rows = [_queue(queue) for queue in found.items]
    click.echo(text.table(heads, rows, right=(1, 3, 4, 5, 6)))


def _queue(queue: Queue) -> tuple[str, ...]:
    return (
        text.printable(queue.queue),
        f"{queue.queued:,}",
        text.ago(queue.oldest),
        f"{queue.later:,}",
        f"{queue.leased:,}",
        f"{queue.workers:,}",
        "-" if queue.slots is None else f"{queue.slots:,}",
    )
