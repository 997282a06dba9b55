"""runledger-server, the service command: its subcommands are imported when named."""

from __future__ import annotations

from importlib import import_module
from typing import NamedTuple

import click

from workers.failures import sentence


class Subcommand(NamedTuple):
    """Where a subcommand lies, and its line in the list of all."""

    module: str
    attribute: str
    help: str


SUBCOMMANDS = {
    "up": Subcommand("workers.local", "up", "Bring up the local stack."),
    "down": Subcommand("workers.local", "down", "Stop the local stack."),
    "doctor": Subcommand("workers.local", "doctor", "Say what is well and what not."),
    "migrate": Subcommand("workers.commands", "migrate", "Bring the schema level."),
    "token": Subcommand("workers.tokens", "token", "Make and revoke API tokens."),
    "link": Subcommand("workers.links", "command", "Print a link that signs you in."),
    "serve": Subcommand("workers.serve", "command", "Serve one of the two APIs."),
    "publish": Subcommand("workers.publish", "command", "Carry the log to Kafka."),
    "project": Subcommand("workers.project", "command", "Keep read tables current."),
    "timers": Subcommand("workers.timers", "command", "Let timers fire."),
    "rebuild": Subcommand("workers.rebuild", "rebuild", "Make read tables anew."),
    "replay": Subcommand("workers.rebuild", "replay", "Apply a parked run's events."),
    "sample": Subcommand("workers.sample.command", "sample", "The sample of `up`."),
    "rules": Subcommand("workers.rules", "command", "Rehearse runs, for tests."),
}


class ServiceCommand(click.Group):
    """A group that imports a subcommand only when that one is wanted.

    An API need not wait for Kafka's client at its start, nor ``down`` for either.
    Whatever a subcommand raises ends as one sentence and exit code 1.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(SUBCOMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        found = SUBCOMMANDS.get(cmd_name)
        if found is None:
            return None
        command = getattr(import_module(found.module), found.attribute)
        assert isinstance(command, click.Command)
        return command

    def format_commands(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, one.help) for name, one in SUBCOMMANDS.items()])

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.Abort, click.exceptions.Exit):
            raise
        except Exception as error:
            if ctx.params["debug"]:
                raise
            raise click.ClickException(sentence(error)) from error


@click.group(cls=ServiceCommand)
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.version_option(package_name="runledger-server")
def main(debug: bool) -> None:
    """Runledger: workflow runs, on the record."""


if __name__ == "__main__":
    main(prog_name="runledger-server")
