"""Reports about steps, by a service or a script."""

from __future__ import annotations

from typing import Any

import click

from runledger.cli.naming import HELP, run_id
from runledger.cli.session import Session, command_options, takes_session
from runledger.cli.steering import answered, json_value

attempt_option = click.option(
    "--attempt",
    type=click.IntRange(1),
    help="The one meant: told again, it is recognised as the same.",
)
output_option = click.option(
    "--output", "-o", help="JSON, @FILE, or @- for standard input."
)


@click.group()
def step() -> None:
    """Report what happens to a step: start, complete, fail, request-approval."""


@step.command(epilog=HELP)
@takes_session
@click.argument("run", metavar="RUN")
@click.argument("step")
@attempt_option
@command_options
def start(session: Session, run: str, step: str, **given: Any) -> None:
    """An attempt has begun."""
    client = session.client
    answered(session, client.start_step(run_id(client, run), step, **given))


@step.command(epilog=HELP)
@takes_session
@click.argument("run", metavar="RUN")
@click.argument("step")
@output_option
@attempt_option
@command_options
def complete(
    session: Session, run: str, step: str, output: str | None, **given: Any
) -> None:
    """The attempt has succeeded."""
    client = session.client
    value = json_value(output)
    answer = client.complete_step(run_id(client, run), step, output=value, **given)
    answered(session, answer)


@step.command(epilog=HELP)
@takes_session
@click.argument("run", metavar="RUN")
@click.argument("step")
@click.option("--error", "message", "-m", default="", help="What went wrong.")
@click.option("--type", "error_type", default="Error", help="Kind of the error.")
@click.option("--final", is_flag=True, help="Not to be tried again by itself.")
@attempt_option
@command_options
def fail(session: Session, run: str, step: str, final: bool, **given: Any) -> None:
    """The attempt has failed."""
    client = session.client
    answer = client.fail_step(run_id(client, run), step, retryable=not final, **given)
    answered(session, answer)


@step.command("request-approval", epilog=HELP)
@takes_session
@click.argument("run", metavar="RUN")
@click.argument("step")
@output_option
@click.option("--summary", "-m", default="", help="What people are asked.")
@click.option("--approver", "approvers", multiple=True, help="Who may decide.")
@click.option("--required", type=click.IntRange(1), help="How many must agree.")
@attempt_option
@command_options
def request_approval(
    session: Session, run: str, step: str, output: str | None, **given: Any
) -> None:
    """The attempt has succeeded, and people are asked about its output."""
    client = session.client
    value = json_value(output)
    answer = client.request_approval(run_id(client, run), step, output=value, **given)
    answered(session, answer)
