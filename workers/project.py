"""The command ``project``."""

from __future__ import annotations

import click

from infra.settings import PARTITIONS, Settings
from workers.collecting import collect_rarely
from workers.logs import to_stderr
from workers.projector import Projector
from workers.stopping import Stopping


class Partitions(click.ParamType[tuple[int, ...]]):
    """``0-3`` or ``0,2,5``, as a tuple of numbers."""

    name = "partitions"

    def convert(
        self,
        value: object,
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> tuple[int, ...]:
        found: set[int] = set()
        for part in str(value).split(","):
            first, _, last = part.partition("-")
            if not first.isdigit() or (last and not last.isdigit()):
                self.fail(f"{value!r} is no list like 0-3 or 0,2,5", param, ctx)
            found.update(range(int(first), int(last or first) + 1))
        if not found or max(found) >= PARTITIONS:
            self.fail(f"partitions go from 0 to {PARTITIONS - 1}", param, ctx)
        return tuple(sorted(found))


@click.command("project")
@click.option(
    "--partitions",
    type=Partitions(),
    default=f"0-{PARTITIONS - 1}",
    show_default=True,
    help="Which ones, so that several processes share the work.",
)
def command(partitions: tuple[int, ...]) -> None:
    """Keep the read tables level with the log.

    Of several with the same partitions one works, the others stand by.
    """
    to_stderr()
    settings = Settings.from_environment()
    collect_rarely()
    Projector(
        settings.database_url,
        settings.bootstrap,
        Stopping().on_signals(),
        partitions,
    ).run()
