"""What waits for people, and their answers."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Any

import click

from runledger import errors
from runledger.cli import text
from runledger.cli.lists import (
    all_option,
    emit_list,
    fetch,
    limit_option,
    may_decide,
    more,
    stale_note,
)
from runledger.cli.naming import HELP, run_id
from runledger.cli.session import Session, command_options, takes_session
from runledger.cli.steering import answered, json_value

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from runledger.models import Approval, Content, Review, SentBack, StepApproval

INDENT = "    "
SHORT = 12
"""Characters of a digest that people type."""

digest_option = click.option(
    "--digest",
    metavar="BEGINNING",
    help="Of what you were shown, as `review` tells it: refused if it has changed.",
)


@click.command()
@takes_session
@click.option("--for", "person", help="That of another person.")
@click.option("--group", help="Only what is asked of this group.")
@click.option("--workflow", "-w", help="Only of this workflow.")
@click.option(
    "--withheld",
    is_flag=True,
    help="Also what is asked of you and is not yours to decide, and why.",
)
@limit_option
@all_option
def inbox(
    session: Session,
    person: str | None,
    group: str | None,
    workflow: str | None,
    withheld: bool,
    limit: int,
    everything: bool,
) -> None:
    """What waits for your decision: by name, by group, or in somebody's place."""
    found, page = fetch(
        session.client.approvals,
        limit,
        everything,
        mine=person is None,
        for_=person,
        withheld=withheld,
        group=group,
        workflow=workflow,
    )
    if session.json:
        emit_list(session, found, page)
        return
    if not found:
        session.note("Nothing waits for a decision.")
        return
    heads = ("RUN", "STEP", "ASKED", "EXPIRES", "BY", "AGREED", "NOTE", "SUMMARY")
    click.echo(text.table(heads, [_waiting(one) for one in found]))
    more(session, page, len(found), everything)
    session.note("Look with: runledger review RUN STEP; then approve, or reject.")
    stale_note(session, page)


def _waiting(approval: Approval) -> tuple[str, ...]:
    standing = approval.standing
    note = "a form" if approval.asks_form else ""
    if standing.in_place_of is not None:
        note = f"in the place of {standing.in_place_of}"
    if standing.why_not is not None:
        note = standing.why_not
    elif approval.redo is not None:
        note = f"again{f': {note}' if note else ''}"
    return (
        text.printable(f"{approval.workflow}#{approval.number}"),
        text.printable(approval.step),
        text.ago(approval.requested_at),
        text.ago(approval.expires_at),
        text.printable(approval.requested_by),
        f"{approval.agreed} of {approval.required}",
        text.shorten(text.printable(note), 60),
        text.shorten(text.printable(approval.summary), 60),
    )


@click.command(epilog=HELP)
@takes_session
@click.argument("run", metavar="RUN")
@click.argument("step", required=False)
@click.option("--iteration", type=click.IntRange(1), help="An earlier one.")
def review(session: Session, run: str, step: str | None, iteration: int | None) -> None:
    """All there is to know before one decides. STEP as in approve."""
    client = session.client
    meant = run_id(client, run)
    if step is None:
        step, _ = _open_approval(session, meant, None)
    found = client.review(meant, step, iteration=iteration)
    if session.json:
        session.emit(found)
        return
    click.echo("\n".join(_review(session, found)))


def _review(session: Session, asked: Review) -> Iterator[str]:
    name = f"{asked.workflow}#{asked.number}"
    step = text.printable(asked.step)
    head = click.style(f"{text.printable(name)} {step}", bold=True)
    yield f"{head}   {session.state(asked.state)}   iteration {asked.iteration}"
    if asked.description:
        yield text.printable(asked.description)
    yield ""
    for title, value in _facts(asked):
        yield f"{title:<11} {text.printable(value)}"
    for title, content in (("subject", asked.subject), ("inputs", asked.inputs)):
        if content is not None:
            yield ""
            yield from _content(title, content)
    if asked.form is not None:
        yield ""
        yield "form, as JSON Schema"
        yield from _indented(asked.form)
    for said in asked.decisions:
        place = f" in the place of {said.on_behalf_of}" if said.on_behalf_of else ""
        comment = f": {said.comment}" if said.comment else ""
        told = f"{said.decision} by {said.actor}{place} {text.ago(said.at)}{comment}"
        yield text.printable(told)
    for one in asked.delegations:
        told = f"{one.actor} has {one.to} decide in their place: {one.comment}"
        yield text.printable(told.removesuffix(": "))
    for earlier in asked.earlier:
        yield ""
        yield f"iteration {earlier.iteration}   {session.state(earlier.state)}"
        if earlier.summary:
            yield INDENT + text.printable(earlier.summary)
        for said in earlier.decisions:
            told = f"{said.decision} by {said.actor}: {said.comment}"
            yield INDENT + text.printable(told.removesuffix(": "))
        if earlier.sent_back is not None:
            yield INDENT + text.printable(_sent_back(earlier.sent_back))
    if asked.standing.may_decide:
        form = " --form @FILE" if asked.form is not None else ""
        yield ""
        yield (
            f"runledger approve {shlex.quote(name)} {shlex.quote(asked.step)} "
            f"--digest {asked.subject_digest[:SHORT]}{form}"
        )


def _facts(asked: Review) -> Iterator[tuple[str, str]]:
    yield "asked", f"{text.moment(asked.requested_at)} by {asked.requested_by}"
    if asked.summary:
        yield "summary", " ".join(asked.summary.split())
    if asked.redo is not None:
        yield "again", _sent_back(asked.redo)
    yield "may decide", may_decide(asked)
    count = f"{asked.agreed} of {asked.required} agreed"
    if asked.rejections > 1 or asked.rejected:
        count += f", {asked.rejected} of {asked.rejections} disagreed"
    yield "so far", count
    for one in asked.barred:
        yield "not", f"{one.person}, who {one.why}"
    if asked.expires_at is not None and asked.state == "open":
        counts = "yes" if asked.on_expiry == "approve" else "no"
        yield "expires", f"{text.moment(asked.expires_at)}, and counts as {counts}"
    if asked.closed_because:
        yield "because", asked.closed_because
    standing = asked.standing
    if standing.may_decide:
        place = f", in the place of {standing.in_place_of}"
        yield "you", f"may decide{place if standing.in_place_of else ''}"
    else:
        yield "you", f"may not decide: {standing.why_not}"
    yield "digest", asked.subject_digest


def _sent_back(redo: SentBack) -> str:
    how = "was rejected" if redo.after_rejection else f"sent back by {redo.by}"
    return f"{redo.step} {how}: {redo.feedback}".removesuffix(": ")


def _content(title: str, content: Content) -> Iterator[str]:
    if content.digest is not None:
        yield f"{title}: {content.size:,} bytes, at /contents/{content.digest}"
        return
    yield title
    yield from _indented(content.value)


def _indented(value: Any) -> Iterator[str]:
    written = json.dumps(value, indent=2, ensure_ascii=False)
    for line in written.splitlines():
        yield INDENT + text.printable(line)


@click.command(epilog=HELP)
@takes_session
@click.argument("run", metavar="RUN")
@click.argument("step", required=False)
@click.option("--form", help="What the policy asks for: JSON, @FILE, or @-.")
@click.option("--comment", "-m", default="", help="Kept for good.")
@digest_option
@command_options
def approve(
    session: Session,
    run: str,
    step: str | None,
    form: str | None,
    digest: str | None,
    **given: Any,
) -> None:
    """Agree to what a step asks. STEP may be left out where only one asks."""
    filled = json_value(form)
    client = session.client
    meant = run_id(client, run)
    step, shown = _open_approval(session, meant, step)
    decided = {**_as_shown(step, shown, digest), **given}
    answer = client.approve(meant, step, form=filled, **decided)
    answered(session, answer, f"   approved {text.printable(step)}")


@click.command(epilog=HELP)
@takes_session
@click.argument("run", metavar="RUN")
@click.argument("step", required=False)
@click.option("--comment", "-m", default="", help="Why; kept for good.")
@digest_option
@command_options
def reject(
    session: Session, run: str, step: str | None, digest: str | None, **given: Any
) -> None:
    """Disagree with what a step asks. STEP may be left out where only one asks."""
    client = session.client
    meant = run_id(client, run)
    step, shown = _open_approval(session, meant, step)
    decided = {**_as_shown(step, shown, digest), **given}
    answer = client.reject(meant, step, **decided)
    answered(session, answer, f"   rejected {text.printable(step)}")


@click.command(epilog=HELP)
@takes_session
@click.argument("run", metavar="RUN")
@click.argument("step", required=False)
@click.option("--to", required=True, help="Who is to decide, as their token names it.")
@click.option("--comment", "-m", default="", help="Why; kept for good.")
@command_options
def delegate(
    session: Session, run: str, step: str | None, to: str, **given: Any
) -> None:
    """Have somebody else decide in your place; or hand back what you were given."""
    client = session.client
    meant = run_id(client, run)
    step, shown = _open_approval(session, meant, step)
    iteration = None if shown is None else shown.iteration
    answer = client.delegate_approval(meant, step, to=to, iteration=iteration, **given)
    told = f"   {text.printable(to)} decides about {text.printable(step)}"
    answered(session, answer, told)


def _as_shown(
    step: str, approval: StepApproval | None, digest: str | None
) -> dict[str, Any]:
    """The decision is about this iteration and subject, and refused for any other."""
    if approval is None:
        return {} if digest is None else {"subject_digest": digest}
    if digest is not None and not approval.subject_digest.startswith(digest):
        raise errors.Refused(
            f"What {step} asks is not what you were shown any more: look with "
            "`runledger review` again, then decide.",
            code="stale-decision",
        )
    return {
        "iteration": approval.iteration,
        "subject_digest": approval.subject_digest,
    }


def _open_approval(
    session: Session, meant: UUID, step: str | None
) -> tuple[str, StepApproval | None]:
    run = session.client.run(meant)
    asking = {
        one.step: one.approvals[-1]
        for one in run.steps
        if one.approvals and one.approvals[-1].state == "open"
    }
    if step is not None:
        return step, asking.get(step)
    if len(asking) == 1:
        return next(iter(asking.items()))
    if not asking:
        raise errors.RunledgerError(
            f"{run.workflow}#{run.number} asks nothing: it is "
            f"{text.look(run.state).word}.",
            code="wrong-state",
        )
    names = ", ".join(asking)
    raise click.UsageError(f"Several steps ask ({names}): name the one you mean.")
