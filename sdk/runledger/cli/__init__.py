"""The command `runledger`. Exit codes: 0 done, 1 refused or failed, 2 wrong usage,
3 no answer from the service (or none known), 130 interrupted.
"""

from __future__ import annotations

import json
import os
import sys
from importlib.metadata import PackageNotFoundError, version

import click
from pydantic import ValidationError

from runledger import errors
from runledger.cli import deciding, steering
from runledger.cli.bulk import bulk
from runledger.cli.events import events
from runledger.cli.importing import import_
from runledger.cli.lists import approvals, runs, workflows
from runledger.cli.logs import logs
from runledger.cli.matrix import matrix
from runledger.cli.registering import register
from runledger.cli.run import run
from runledger.cli.session import Session, json_option
from runledger.cli.steps import step
from runledger.cli.waiting import wait
from runledger.cli.work import jobs, queues, workers
from runledger.cli.worker import worker

SECTIONS = {
    "Look": (workflows, runs, run, logs, matrix, approvals, events),
    "Steer": (
        steering.start,
        steering.pause,
        steering.continue_,
        steering.cancel,
        steering.retry,
        steering.redo,
        bulk,
    ),
    "Decide": (
        deciding.inbox,
        deciding.review,
        deciding.approve,
        deciding.reject,
        deciding.delegate,
    ),
    "Feed": (register, step, import_, wait),
    "Work": (worker, jobs, workers, queues),
}


class Sections(click.Group):
    """A group whose help is in sections."""

    def format_commands(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        for title, commands in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl(
                    [(c.name or "", c.get_short_help_str(60)) for c in commands]
                )


def _version() -> str:
    try:
        return version("runledger")
    except PackageNotFoundError:
        return "unknown"


@click.group(
    cls=Sections,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option("--namespace", "-n", help="By default that of the connection.")
@click.option("--query-url", help="Address of the query API.")
@click.option("--command-url", help="Address of the command API.")
@json_option
@click.version_option(_version(), "--version", prog_name="runledger")
@click.pass_context
def cli(
    ctx: click.Context,
    namespace: str | None,
    query_url: str | None,
    command_url: str | None,
) -> None:
    """Workflow runs, on the record.

    The connection comes from RUNLEDGER_QUERY_URL, RUNLEDGER_COMMAND_URL,
    RUNLEDGER_TOKEN and RUNLEDGER_NAMESPACE, or from the file that infra/bin/up left in
    .runledger (looked for in this folder and those above).

    Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 no answer.
    """
    session = ctx.ensure_object(Session)
    session.namespace = namespace
    session.query_url = query_url
    session.command_url = command_url
    if os.environ.get("NO_COLOR"):
        ctx.color = False
    ctx.call_on_close(session.close)


for _commands in SECTIONS.values():
    for _command in _commands:
        cli.add_command(_command)


def main(arguments: list[str] | None = None) -> None:
    """Run the command and exit."""
    sys.exit(run_command(sys.argv[1:] if arguments is None else arguments))


def run_command(arguments: list[str]) -> int:
    """Run the command; its exit code."""
    session = Session()
    try:
        code = cli.main(
            arguments, prog_name="runledger", standalone_mode=False, obj=session
        )
    except click.Abort:
        click.echo("Interrupted.", err=True)
        return 130
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (errors.Unreachable, errors.NotConfigured) as error:
        _say(session, error)
        return 3
    except errors.RunledgerError as error:
        _say(session, error)
        return 1
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        _say(
            session,
            errors.ServiceError(
                f"The service's answer is not what this version of runledger knows "
                f"({error.title}, {where}: {first['msg'].lower()}): bring both to the "
                "same version.",
                code="unexpected-answer",
            ),
        )
        return 1
    except BrokenPipeError:
        # The reader (head, less) has seen enough; nothing more may be written.
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115
        return 0
    return code if isinstance(code, int) else 0


def _say(session: Session, error: errors.RunledgerError) -> None:
    if session.json:
        said = {"code": error.code, "status": error.status, "detail": error.detail}
        click.echo(json.dumps({"error": said}), err=True)
        return
    detail = " ".join(error.detail.split())
    colour = False if os.environ.get("NO_COLOR") else None
    click.echo(f"{click.style('Error:', fg='red')} {detail}", err=True, color=colour)
