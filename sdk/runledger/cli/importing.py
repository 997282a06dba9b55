"""Import of history: progress while it runs, and a whole account at its end."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from runledger import errors
from runledger.cli import text
from runledger.cli.session import Session, takes_session
from runledger.importing import mapping as mappings
from runledger.importing.account import Account
from runledger.importing.importer import Choices, Importer
from runledger.importing.observed import Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE_S = 60.0
"""How long a service may be away in the middle of an import."""


@click.command("import")
@takes_session
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE..."
)
@click.option(
    "--mapping",
    "mapping_name",
    help="How the runs of a log ended: a .toml file, or the name of a shipped one.",
)
@click.option("--no-mapping", is_flag=True, help="Use none, not even a shipped one.")
@click.option("--workflow", "-w", help="Name of the workflow; default: the file's own.")
@click.option("--quiet", "-q", is_flag=True, help="No progress bar.")
@click.pass_context
def import_(
    ctx: click.Context,
    session: Session,
    files: tuple[Path, ...],
    mapping_name: str | None,
    no_mapping: bool,
    workflow: str | None,
    quiet: bool,
) -> None:
    """Put runs that ran elsewhere on record: WfFormat 1.5 instances and XES logs.

    Plain or .gz. What is on record already is recognised: run an import again after
    an interruption, or as often as you like.
    """
    choices = Choices(
        mapping=None if mapping_name is None else _mapping(mapping_name),
        mapping_name=mapping_name or "",
        shipped_mappings=not no_mapping,
        workflow=workflow,
        told=session.note,
    )
    session.client.workflows(limit=1)  # who does not answer at all is told at once
    session.be_patient(PATIENCE_S)
    accounts: list[Account] = []
    with Importer(session.client, choices) as importer:
        for path in files:
            with _progress(path, choices, show=not quiet and sys.stderr.isatty()):
                accounts.append(_import(session, importer, path))
            if not session.json:
                click.echo("\n".join(headline(accounts[-1])))
    if session.json:
        session.emit([account.as_json() for account in accounts])
    else:
        click.echo("\n".join(summary(session, accounts)))
    if not all(account.good for account in accounts):
        ctx.exit(1)


def _import(session: Session, importer: Importer, path: Path) -> Account:
    try:
        return importer.file(path)
    except KeyboardInterrupt:
        session.note(
            "\nWhat was sent is on record; run the same import again to go on."
        )
        raise
    except (errors.Unreachable, errors.ServiceError) as error:
        error.detail = (
            f"{path}: {error.detail} What was sent is on record; run the same import "
            "again to go on."
        )
        raise


def _mapping(name: str) -> mappings.Mapping:
    try:
        return mappings.load(name)
    except Unreadable as error:
        raise click.UsageError(f"--mapping {error.sentence(name)}") from error


@contextmanager
def _progress(path: Path, choices: Choices, *, show: bool) -> Iterator[None]:
    if not show or not path.is_file():
        choices.progress = lambda *_: None
        yield
        return
    size = path.stat().st_size
    label = text.shorten(path.name, 30)
    with click.progressbar(
        length=size, label=label, file=sys.stderr, show_pos=False
    ) as bar:
        done = 0

        def progress(bytes_read: int, runs: int) -> None:
            nonlocal done
            if bytes_read > done:
                bar.label = f"{label}  {runs:,} runs"
                bar.update(bytes_read - done)
                done = bytes_read

        choices.progress = progress
        yield


def headline(account: Account) -> Iterator[str]:
    """What became of a file's runs."""
    name = click.style(text.printable(Path(account.file).name), bold=True)
    of = f" of {text.printable(account.workflow)}" if account.workflow else ""
    runs = text.plural(account.runs, "run")
    yield f"{name}   {runs}{of}: {_counts(account)}   {account.seconds:.1f} s"
    for problem in account.problems:
        yield click.style("  ! ", fg="red") + text.printable(problem)
    if account.refused > len(account.problems) > 1:
        yield f"    and {account.refused - len(account.problems):,} more"


def summary(session: Session, accounts: list[Account]) -> Iterator[str]:
    """What became of every entry of all files."""
    total = Account("")
    for account in accounts:
        total.add(account)
    if len(accounts) > 1:
        runs = text.plural(total.runs, "run")
        yield f"\n{len(accounts)} files, {runs}: {_counts(total)}"
    if total.outcomes:
        yield "  outcomes   " + "   ".join(
            f"{count:,} {_outcome(session, outcome)}"
            for outcome, count in total.outcomes.most_common()
        )
    if total.entries:
        yield f"  entries    {total.entries.total():,} recorded"
        rows = [
            (f"    {transition}", f"{count:,}", command.replace("_", " "))
            for (transition, command), count in sorted(total.entries.items())
        ]
        heads = ("    IN THE FILE", "ENTRIES", "RECORDED AS")
        yield text.table(heads, rows, right=(1,))
    for count, words in (
        (total.refused_entries, "entries of refused runs, not recorded"),
        (total.outside, "entries outside of every trace, not recorded"),
        (total.without_time, "entries without a time: took that of the one before"),
        (total.back_in_time, "entries earlier than the one before: kept as told"),
    ):
        if count:
            yield f"  {count:,} {words}"
    if total.outcomes["open"] == total.runs > 0:
        yield (
            "  Every run is still open. How runs of a log ended, --mapping FILE tells "
            "(docs/importing.md)."
        )


def _counts(account: Account) -> str:
    parts = [f"{account.new:,} new"]
    if account.known:
        parts.append(f"{account.known:,} on record already")
    if account.refused:
        parts.append(f"{account.refused:,} refused")
    return ", ".join(parts)


def _outcome(session: Session, outcome: str) -> str:
    return "still open" if outcome == "open" else session.state(outcome)
