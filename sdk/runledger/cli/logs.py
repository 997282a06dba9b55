"""What a step's attempt has printed and logged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from runledger.cli import text
from runledger.cli.log_lines import Writing
from runledger.cli.naming import HELP, label, run_id
from runledger.cli.session import Session, takes_session

if TYPE_CHECKING:
    from uuid import UUID

    from runledger.client import Client
    from runledger.logs import Wanted
    from runledger.models import Attempt, LogLine, LogPage, OneStep, RunDetail

PAGE = 1_000
PATIENCE_S = 60.0
"""How long a follower waits for a service that does not answer."""


@click.command(epilog=HELP)
@takes_session
@click.argument("run", metavar="RUN")
@click.argument("step", metavar="[STEP]", required=False)
@click.option("--attempt", "-a", type=click.IntRange(1), help="By default the last.")
@click.option("--follow", "-f", is_flag=True, help="Go on with what comes.")
@click.option("--search", "-s", help="Only lines with this text, in capitals or not.")
@click.option("--match-case", is_flag=True, help="Only as it is written.")
@click.option(
    "--level",
    "-l",
    type=click.Choice(["debug", "info", "warning", "error"]),
    help="Only this level and worse ones.",
)
@click.option(
    "--stream",
    type=click.Choice(["stdout", "stderr", "log"]),
    help="Only what was printed there, or logged.",
)
@click.option(
    "--lines",
    "-n",
    type=click.IntRange(0, 100_000),
    default=100,
    show_default=True,
    help="How many of the last ones.",
)
@click.option("--download", is_flag=True, help="All of it, as text: > file.")
def logs(
    session: Session,
    run: str,
    step: str | None,
    attempt: int | None,
    follow: bool,
    search: str | None,
    match_case: bool,
    level: str | None,
    stream: str | None,
    lines: int,
    download: bool,
) -> None:
    """What an attempt has printed and logged: its last lines.

    Without STEP it is the one that failed, else the one that runs, else the last.
    With --json a line for each. --follow ends when the attempt has, and goes on with
    the next one if there is one.
    """
    if download and (follow or search or level or stream):
        raise click.UsageError("--download is all of the log: leave the others out.")
    if follow:
        session.be_patient(PATIENCE_S)
    client = session.client
    meant = run_id(client, run)
    if step is None:
        step = _likely_step(session, client.run(meant))
    shown = client.step(meant, step)
    if not shown.attempts:
        session.note(f"{step} has had no attempt yet: it is {_word(shown.state)}.")
        return
    chosen = _attempt(shown, attempt)
    wanted: Wanted = {
        "search": search,
        "match_case": match_case,
        "level": level,
        "stream": stream,
    }
    if download:
        _download(client, meant, step, chosen.number)
        return
    writing = Writing(
        search=search or "", match_case=match_case, numbers=search is not None
    )
    _head(session, shown, chosen)
    seen = _end(session, meant, shown, chosen, lines, wanted, writing, follow=follow)
    while follow:
        for line in client.log_lines(
            meant, step, chosen.number, after=seen, follow=True, **wanted
        ):
            _show(session, writing, line)
        shown = client.step(meant, step)
        last = shown.attempts[-1]
        if attempt is not None or last.number == chosen.number:
            ended = _attempt(shown, chosen.number)
            session.note(
                f"Attempt {chosen.number} is over: {_word(ended.outcome)}. "
                f"{step} is {_word(shown.state)}."
            )
            return
        chosen, seen = last, 0
        _head(session, shown, chosen)


def _likely_step(session: Session, run: RunDetail) -> str:
    """The one whose log is wanted, most likely."""
    tried = [step for step in run.steps if step.attempts]
    if not tried:
        raise click.UsageError(f"No step of {label(run)} has started yet.")
    for state in ("failed", "running"):
        found = [step for step in tried if step.state == state]
        if found:
            break
    else:
        # Of an observed run a start may be unknown: such a step is not the last one.
        found = sorted(tried, key=lambda s: s.started_at or run.created_at)[-1:]
    if len(tried) > 1:
        others = text.plural(len(tried) - 1, "other step")
        session.note(f"{found[0].step}: {others} of {label(run)} may have logs too.")
    return found[0].step


def _attempt(step: OneStep, number: int | None) -> Attempt:
    if number is None:
        return step.attempts[-1]
    for one in step.attempts:
        if one.number == number:
            return one
    had = ", ".join(str(one.number) for one in step.attempts)
    raise click.UsageError(f"{step.step} has no attempt {number}: it has had {had}.")


def _head(session: Session, step: OneStep, attempt: Attempt) -> None:
    """Beside the output, so that what is piped on is lines alone."""
    if session.json:
        return
    name = click.style(
        text.printable(f"{step.workflow}#{step.number} {step.step}"), bold=True
    )
    of = f" of {step.attempts[-1].number}" if len(step.attempts) > 1 else ""
    session.note(
        f"{name}   attempt {attempt.number}{of}   {session.state(attempt.outcome)}   "
        f"{text.ago(attempt.started_at)}, by {text.printable(attempt.actor)}"
    )
    if attempt.error is not None:
        error = f"{attempt.error.type}: {attempt.error.message}"
        session.note(click.style(text.printable(error), fg="red"))


def _end(
    session: Session,
    run: UUID,
    step: OneStep,
    attempt: Attempt,
    count: int,
    wanted: Wanted,
    writing: Writing,
    *,
    follow: bool,
) -> int:
    """Show the last lines that are wanted; the number to follow on from."""
    client, name, number = session.client, step.step, attempt.number
    last = client.log(run, name, number, tail=max(min(count, PAGE), 1), **wanted)
    shown: list[LogLine] = last.lines if count else []
    page = last
    while len(shown) < count and page.previous is not None:
        room = min(count - len(shown), PAGE)
        page = client.log(run, name, number, before=page.previous, limit=room, **wanted)
        shown = page.lines + shown
    if not session.json:
        _say_before(session, last, page, shown, filtered=last.matches is not None)
    for line in shown:
        _show(session, writing, line)
    if not session.json and not follow:
        _say_after(session, last, len(shown))
    return last.next


def _say_before(
    session: Session,
    last: LogPage,
    page: LogPage,
    shown: list[LogLine],
    *,
    filtered: bool,
) -> None:
    if last.dropped is not None:
        dropped = text.plural(last.dropped.lines, "line")
        session.note(f"The first {dropped} are dropped: {last.dropped.why}.")
    if not last.total:
        session.note("No lines yet." if last.open else "It has no lines.")
    elif not shown and filtered:
        session.note(f"None of its {text.plural(last.total, 'line')} is like that.")
    elif page.previous is not None and shown and not filtered:
        before = shown[0].n - last.first_kept
        session.note(
            f"{text.plural(before, 'line')} before these: -n, --search or --download."
        )


def _say_after(session: Session, last: LogPage, shown: int) -> None:
    if last.matches is not None and last.matches.lines > shown:
        least = "At least " if last.matches.at_least else ""
        found = text.plural(last.matches.lines, "line")
        session.note(f"{least}{found} like that, these are the last: -n for more.")
    if last.over_limit:
        over = text.plural(last.over_limit, "more line")
        session.note(f"{over} came over the attempt's limit and are not kept.")
    if last.ended is False:
        session.note("It goes on: -f follows it.")


def _show(session: Session, writing: Writing, line: LogLine) -> None:
    if session.json:
        session.emit_line(line)
        return
    for part in writing(line):
        click.echo(part)


def _download(client: Client, run: UUID, step: str, attempt: int) -> None:
    for piece in client.download_log(run, step, attempt):
        click.echo(piece, nl=False)


def _word(state: str) -> str:
    return text.look(state).word
