"""One run, whole, or one step of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from runledger.cli import text
from runledger.cli.lists import may_decide, stale_note
from runledger.cli.naming import HELP, label, run_id
from runledger.cli.session import Session, takes_session
from runledger.cli.times import MOMENT
from runledger.cli.work import progress

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from runledger.models import (
        Attempt,
        Content,
        Lineage,
        Link,
        OneStep,
        RunDetail,
        StepApproval,
        StepDetail,
        StepJob,
    )

INDENT = "  "


@click.command(epilog=HELP)
@takes_session
@click.argument("run", metavar="RUN")
@click.option("--step", help="Only this step, with attempts, output and errors.")
@click.option("--at-version", type=click.IntRange(1), help="As after that event of it.")
@click.option("--at", type=MOMENT, help="As it was then: 2h, 3d, 2026-03-01T09:26.")
def run(
    session: Session,
    run: str,
    step: str | None,
    at_version: int | None,
    at: datetime | None,
) -> None:
    """A run with its steps: now, or as it was."""
    client = session.client
    meant = run_id(client, run)
    if step is not None:
        shown = client.step(meant, step, at_version=at_version, at=at)
        if session.json:
            session.emit(shown)
        else:
            click.echo("\n".join(_step(session, shown)))
        return
    found = client.run(meant, at_version=at_version, at=at)
    if session.json:
        session.emit(found)
        return
    click.echo("\n".join(_run(session, found)))
    stale_note(session, found)


def _run(session: Session, run: RunDetail) -> Iterator[str]:
    head = click.style(text.printable(label(run)), bold=True)
    observed = f"   observed, from {run.source} {run.external_id}"
    yield (
        f"{head}   {session.state(run.state)}"
        + (text.printable(observed) if run.observed else "")
    )
    if run.explanation:
        yield text.printable(run.explanation)
    yield ""
    for name, value in _facts(run):
        yield f"{name:<10} {text.printable(value)}"
    yield ""
    rows = [_row(session, step) for step in run.steps]
    if rows:
        heads = ("STEP", "STATE", "ATTEMPTS", "DURATION", "WAITED", "STARTED", "NOTE")
        yield text.table(heads, rows, right=(2, 3, 4))
    for step in run.steps:
        for approval in step.approvals:
            if approval.state == "open":
                yield ""
                yield from _approval(session, step.step, approval)


def _facts(run: RunDetail) -> Iterator[tuple[str, str]]:
    yield "id", str(run.run_id)
    yield "workflow", f"{run.workflow}, version {run.workflow_version}"
    yield "created", f"{text.moment(run.created_at)} by {run.created_by}"
    if run.started_at:
        yield "started", text.moment(run.started_at)
    if run.ended_at:
        yield "ended", text.moment(run.ended_at)
    if run.duration_s is not None:
        yield "duration", text.duration(run.duration_s)
    if run.inputs is not None:
        yield "inputs", text.shorten(_content(run.inputs), 200)
    yield from _links(run.lineage)
    version = f"{run.version}, at position {run.position}"
    yield "version", version + (" (an earlier state)" if run.as_of else "")


def _links(lineage: Lineage) -> Iterator[tuple[str, str]]:
    if lineage.retry_of is not None:
        yield "retry of", _link(lineage.retry_of)
    for link in lineage.retries:
        yield "retried as", _link(link)


def _link(link: Link) -> str:
    if link.number is None:
        return str(link.run_id)
    return f"{link.workflow}#{link.number} {link.run_id}"


def _row(session: Session, step: StepDetail) -> tuple[str, ...]:
    note = step.reason
    if step.job is not None:
        note = _at_work(step.job) or note
    elif step.error is not None:
        note = f"{step.error.type}: {step.error.message}"
    elif step.carried_from is not None:
        note = f"carried from {step.carried_from}"
    iteration = f" (iteration {step.iteration})" if step.iteration > 1 else ""
    return (
        text.printable(step.step),
        session.state(step.state) + iteration,
        str(len(step.attempts)) if step.attempts else "-",
        text.duration(step.duration_s),
        text.duration(_waited_s(step)),
        text.ago(step.started_at),
        text.shorten(text.printable(note), 60),
    )


def _at_work(job: StepJob) -> str:
    """Where the step's job is now."""
    if job.state == "queued":
        return f"in queue {job.queue}"
    told = "told to stop" if job.canceling else progress(job.progress)
    return f"on {job.worker}, {told}" if told else f"on {job.worker}"


def _waited_s(step: StepDetail) -> float | None:
    """For its time, for a worker and for people, as far as that is over."""
    waits = step.waits
    return (waits.backoff_s + waits.queued_s + waits.people_s) or None


def _step(session: Session, step: OneStep) -> Iterator[str]:
    head = click.style(text.printable(step.step), bold=True)
    yield f"{head}   {session.state(step.state)}   iteration {step.iteration}"
    if step.explanation:
        yield text.printable(step.explanation)
    if step.needs:
        yield f"needs {text.printable(', '.join(step.needs))}"
    for attempt in step.attempts:
        yield ""
        yield from _attempt(session, attempt)
    if step.output is not None:
        yield ""
        yield f"output: {text.printable(_content(step.output))}"
    for approval in step.approvals:
        yield ""
        yield from _approval(session, step.step, approval)


def _attempt(session: Session, attempt: Attempt) -> Iterator[str]:
    times = text.moment(attempt.started_at or attempt.ended_at)
    yield (
        f"attempt {attempt.number}   {session.state(attempt.outcome)}   {times}   "
        f"{text.duration(attempt.duration_s)}   by {text.printable(attempt.actor)}"
    )
    if (job := attempt.job) is not None:
        told = f"job {job.state} on {job.worker}, queue {job.queue}"
        if job.queued_s is not None:
            told += f", waited {text.duration(job.queued_s)}"
        more = job.reason or progress(job.progress)
        yield INDENT + text.printable(f"{told}, {more}" if more else told)
    if attempt.error is not None:
        error = f"{attempt.error.type}: {attempt.error.message}"
        yield INDENT + text.printable(error)
        for line in attempt.error.traceback.splitlines():
            yield INDENT + text.printable(line)


def _approval(session: Session, step: str, approval: StepApproval) -> Iterator[str]:
    people = may_decide(approval)
    yield (
        f"approval of {text.printable(step)}   {session.state(approval.state)}   "
        f"{approval.agreed} of {approval.required} agreed   may decide: "
        f"{text.printable(people)}"
    )
    if approval.summary:
        yield INDENT + text.printable(approval.summary)
    if approval.subject is not None:
        subject = text.shorten(_content(approval.subject), 200)
        yield f"{INDENT}subject: {text.printable(subject)}"
    for said in approval.decisions:
        comment = f": {said.comment}" if said.comment else ""
        line = f"{said.decision} by {said.actor} {text.ago(said.at)}{comment}"
        yield INDENT + text.printable(line)


def _content(content: Content) -> str:
    if content.digest is not None:
        return f"({content.size:,} bytes, digest {content.digest})"
    return json.dumps(content.value, ensure_ascii=False)
