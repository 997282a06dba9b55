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
    from uuid import UUID

    from runledger.models import Answer, StepApproval

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
@click.option("--yes", "-y", is_flag=True, help="Even where it may be unsafe.")
@reason_option
@command_options
def retry(
    session: Session,
    run: str,
    begin: str,
    version: int | None,
    yes: bool,
    reason: str,
    key: str | None,
    if_match: int | None,
) -> None:
    """Run a finished run again, as a new run linked to it."""
    client = session.client
    meant = run_id(client, run)
    if not yes:
        _warn_of_unsafe(session, meant)
    answer = client.retry_run(
        meant,
        retry_from=begin if begin in ("failed", "start") else f"step:{begin}",
        version=version,
        reason=reason,
        key=key,
        if_match=if_match,
    )
    old = answer.linked
    did = f"   retry of {answer.workflow}#{old.number}" if old is not None else ""
    answered(session, answer, did)


def _warn_of_unsafe(session: Session, meant: UUID) -> None:
    """Show what running steps again may do; whatever is not safe needs a yes."""
    verdicts = [
        verdict
        for action in session.client.run(meant).actions
        if action.command == "retry"
        for verdict in action.verdicts
        if verdict.verdict != "safe"
    ]
    for verdict in verdicts:
        reasons = "; ".join(verdict.reasons)
        session.note(
            f"{text.printable(verdict.step)}: {verdict.verdict} to run again"
            + (f" ({text.printable(reasons)})" if reasons else "")
        )
    if not verdicts:
        return
    if not sys.stdin.isatty():
        raise errors.RunledgerError(
            "It is not known that running this again does no harm: look what the step "
            "did, then say --yes to retry anyway.",
            code="unsafe-retry",
        )
    click.confirm("Retry anyway?", abort=True, err=True)


@click.command(epilog=HELP)
@takes_session
@click.argument("run", metavar="RUN")
@click.argument("step", required=False)
@click.option("--comment", "-m", default="", help="Kept for good.")
@command_options
def approve(session: Session, run: str, step: str | None, **given: Any) -> None:
    """Agree to what a step asks. STEP may be left out where only one asks."""
    client = session.client
    meant = run_id(client, run)
    step, shown = _open_approval(session, meant, step)
    answer = client.approve(meant, step, **_as_shown(shown), **given)
    answered(session, answer, f"   approved {text.printable(step)}")


@click.command(epilog=HELP)
@takes_session
@click.argument("run", metavar="RUN")
@click.argument("step", required=False)
@click.option("--comment", "-m", default="", help="Why; kept for good.")
@command_options
def reject(session: Session, run: str, step: str | None, **given: Any) -> None:
    """Disagree with what a step asks. STEP may be left out where only one asks."""
    client = session.client
    meant = run_id(client, run)
    step, shown = _open_approval(session, meant, step)
    answer = client.reject(meant, step, **_as_shown(shown), **given)
    answered(session, answer, f"   rejected {text.printable(step)}")


def _as_shown(approval: StepApproval | None) -> dict[str, Any]:
    """The decision is about this iteration and subject, and refused for any other."""
    if approval is None:
        return {}
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


@click.command(epilog=HELP)
@takes_session
@click.argument("run", metavar="RUN")
@click.argument("step")
@click.option("--feedback", "-m", default="", help="What is to be done differently.")
@command_options
def redo(session: Session, run: str, step: str, **given: Any) -> None:
    """Do a step once more, and all that was built on it."""
    client = session.client
    answer = client.redo_step(run_id(client, run), step, **given)
    answered(session, answer, f"   redoes {text.printable(step)}")
