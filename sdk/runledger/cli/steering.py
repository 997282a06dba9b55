"""Commands to runs, by people."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from runledger import errors
from runledger.cli import text
from runledger.cli.naming import HELP, is_run, run_id
from runledger.cli.session import Session, command_options, takes_session

if TYPE_CHECKING:
    from collections.abc import Callable

    from runledger.models import Answer, RedoSafety, RetrySafety

reason_option = click.option("--reason", "-m", default="", help="Why; kept for good.")


def answered(session: Session, answer: Answer, did: str = "") -> None:
    """What a command led to."""
    if session.json:
        session.emit(answer)
        return
    name = click.style(text.printable(f"{answer.workflow}#{answer.number}"), bold=True)
    again = "   (done before)" if answer.repeated else ""
    click.echo(f"{name}   {session.state(answer.state)}{did}{again}")


def json_value(said: str | None) -> Any:
    """A value given as JSON, or as @FILE that holds it, or as @- for standard input."""
    if said is None:
        return None
    try:
        if said == "@-":
            said = sys.stdin.read()
        elif said.startswith("@"):
            said = Path(said[1:]).read_text(encoding="utf-8")
        return json.loads(said)
    except OSError as error:
        raise click.UsageError(
            f"{said[1:]} cannot be read ({error.strerror})."
        ) from error
    except ValueError as error:
        raise click.UsageError(
            f"{text.shorten(said, 40)!r} is not JSON ({error}): write '\"text\"', "
            "'{\"key\": 1}' or @FILE."
        ) from error


@click.command(epilog=HELP)
@takes_session
@click.argument("workflow_or_run")
@click.option("--inputs", "-i", help="JSON, @FILE, or @- for standard input.")
@click.option("--version", type=click.IntRange(1), help="Of the workflow.")
@click.option("--hold", is_flag=True, help="Create it only; start it later by name.")
@command_options
def start(
    session: Session,
    workflow_or_run: str,
    inputs: str | None,
    version: int | None,
    hold: bool,
    key: str | None,
    if_match: int | None,
) -> None:
    """Start a new run of a workflow, or a run that was created only."""
    client = session.client
    if is_run(workflow_or_run):
        if inputs is not None or version is not None or hold:
            raise click.UsageError("A run that is there has its inputs and version.")
        meant = run_id(client, workflow_or_run)
        answered(session, client.start_run(meant, key=key, if_match=if_match))
        return
    if if_match is not None:
        raise click.UsageError("--if-version is about a run that is there.")
    answer = client.create_run(
        workflow_or_run,
        inputs=json_value(inputs),
        version=version,
        start=not hold,
        key=key,
    )
    answered(session, answer, f"   {answer.run_id}")


def _simple(
    name: str, send: Callable[..., Answer], help_text: str, *options: Any
) -> click.Command:
    """A command to a run with a reason."""

    def command(session: Session, run: str, **given: Any) -> None:
        client = session.client
        answered(session, send(client, run_id(client, run), **given))

    for option in options:
        command = option(command)
    decorated = takes_session(
        click.argument("run", metavar="RUN")(reason_option(command_options(command)))
    )
    return click.command(name, help=help_text, epilog=HELP)(decorated)


pause = _simple(
    "pause",
    lambda client, meant, **given: client.pause_run(meant, **given),
    "Hold a run: what runs may finish, nothing new starts.",
)
continue_ = _simple(
    "continue",
    lambda client, meant, **given: client.continue_run(meant, **given),
    "Let a held run go on.",
)
cancel = _simple(
    "cancel",
    lambda client, meant, **given: client.cancel_run(meant, **given),
    "Cancel a run: what completed stays completed.",
    click.option("--force", is_flag=True, help="At once; running work is not awaited."),
)


@click.command(epilog=HELP)
@takes_session
@click.argument("run", metavar="RUN")
@click.option(
    "--from",
    "begin",
    default="failed",
    show_default=True,
    metavar="failed|start|STEP",
    help="What did not complete, everything, or a step and all built on it.",
)
@click.option("--version", type=click.IntRange(1), help="Of the workflow.")
@click.option("--inputs", "-i", help="Other ones: JSON, @FILE, or @-.")
@click.option("--yes", "-y", is_flag=True, help="Even where it may be unsafe.")
@reason_option
@command_options
def retry(
    session: Session,
    run: str,
    begin: str,
    version: int | None,
    inputs: str | None,
    yes: bool,
    reason: str,
    key: str | None,
    if_match: int | None,
) -> None:
    """Run a finished run again, as a new run linked to it."""
    client = session.client
    meant = run_id(client, run)
    retry_from = begin if begin in ("failed", "start") else f"step:{begin}"
    accepted = yes
    if not yes:
        shown = client.retry_safety(meant, retry_from=retry_from, version=version)
        accepted = _accepted(session, shown, "retry")
        if accepted and if_match is None:
            if_match = shown.version  # what is accepted is what was shown
    answer = client.retry_run(
        meant,
        retry_from=retry_from,
        version=version,
        inputs=json_value(inputs),
        accept_unsafe=accepted,
        reason=reason,
        key=key,
        if_match=if_match,
    )
    old = answer.linked
    did = f"   retry of {answer.workflow}#{old.number}" if old is not None else ""
    answered(session, answer, did)


def _accepted(session: Session, shown: RetrySafety | RedoSafety, what: str) -> bool:
    """Show what running steps again may do; whether somebody accepted that. Where all
    is safe nobody is asked; a command that is not allowed is left to be refused."""
    if not shown.must_accept or not shown.allowed:
        return False
    for verdict in shown.verdicts:
        if verdict.verdict == "safe":
            continue
        reasons = "; ".join(verdict.reasons)
        session.note(
            f"{text.printable(verdict.step)}: {verdict.verdict} to run again"
            + (f" ({text.printable(reasons)})" if reasons else "")
        )
    if not sys.stdin.isatty():
        raise errors.RunledgerError(
            "It is not known that running this again does no harm: look what the step "
            f"did, then say --yes to {what} anyway.",
            code="unsafe-to-repeat",
        )
    click.confirm(f"{what.capitalize()} anyway?", abort=True, err=True)
    return True


@click.command(epilog=HELP)
@takes_session
@click.argument("run", metavar="RUN")
@click.argument("step")
@click.option("--feedback", "-m", default="", help="What is to be done differently.")
@click.option("--yes", "-y", is_flag=True, help="Even where it may be unsafe.")
@command_options
def redo(session: Session, run: str, step: str, yes: bool, **given: Any) -> None:
    """Do a step once more, and all that was built on it."""
    client = session.client
    meant = run_id(client, run)
    accepted = yes
    if not yes:
        shown = client.redo_safety(meant, step)
        accepted = _accepted(session, shown, "redo")
        if accepted and given["if_match"] is None:
            given["if_match"] = shown.version
    answer = client.redo_step(meant, step, accept_unsafe=accepted, **given)
    answered(session, answer, f"   redoes {text.printable(step)}")
