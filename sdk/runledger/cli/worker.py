"""``runledger worker``: carry out the steps of workflows."""

from __future__ import annotations

import logging
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

import click

from runledger import errors
from runledger.cli.text import printable

if TYPE_CHECKING:
    from runledger.cli.session import Session
    from runledger.worker import Worker, Workflow


@click.command()
@click.pass_obj
@click.argument("module", nargs=-1, required=True, metavar="MODULE[:NAME]...")
@click.option(
    "--yaml",
    "yaml_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A workflow's definition; MODULE holds its functions.",
)
@click.option(
    "--slots",
    type=click.IntRange(1, 10_000),
    default=10,
    show_default=True,
    help="How many functions run at a time.",
)
@click.option("--queue", "-q", help="By default that of the workflows.")
@click.option(
    "--capability",
    "-c",
    "capabilities",
    multiple=True,
    help="What steps with `requires` may count on here.",
)
@click.option(
    "--lease",
    "lease_s",
    type=click.FloatRange(5, 3600),
    default=30.0,
    show_default=True,
    help="Seconds without a heartbeat until its jobs are lost.",
)
@click.option(
    "--grace",
    "grace_s",
    type=click.FloatRange(0),
    default=30.0,
    show_default=True,
    help="Seconds for what runs, once it is to stop.",
)
@click.option(
    "--capture-output/--no-capture-output",
    default=True,
    help="What functions print becomes lines of their logs.  [default: yes]",
)
@click.option(
    "--register/--no-register",
    default=True,
    help="Make the definitions known first.  [default: yes]",
)
def worker(
    session: Session,
    module: tuple[str, ...],
    yaml_file: Path | None,
    slots: int,
    queue: str | None,
    capabilities: tuple[str, ...],
    lease_s: float,
    grace_s: float,
    capture_output: bool,
    register: bool,
) -> None:
    """Carry out the steps of the workflows that a module declares.

    MODULE is a module (`pages`), or a file (`flows/pages.py`); with :NAME one workflow
    of several. Ctrl-C or SIGTERM stops it in good order; a second one at once.
    """
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S"
    )
    logging.getLogger("httpx2").setLevel(logging.WARNING)
    from runledger.worker import Worker

    made = Worker(
        *_workflows(module, yaml_file),
        queue=queue,
        slots=slots,
        capabilities=capabilities,
        lease_s=lease_s,
        grace_s=grace_s,
        capture_output=capture_output,
        register=register,
        query_url=session.query_url,
        command_url=session.command_url,
        namespace=session.namespace,
    )
    for line in start_lines(made):
        session.note(line)
    made.run()
    session.note("Stopped.")


def start_lines(worker: Worker) -> list[str]:
    """Who it is, what it will do, and what it will not."""
    count = "1 slot" if worker.slots == 1 else f"{worker.slots} slots"
    where = f"{worker.connection.command_url} ({worker.connection.namespace})"
    lines = [f"Worker {worker.name}: queue {worker.queue}, {count}, at {where}"]
    for workflow in worker.workflows.values():
        names = [name for flow, name in worker.steps if flow == workflow.name]
        lines.append(f"  {printable(workflow.name)}: {', '.join(names)}")
        for name in names:
            requires = workflow.steps[name].definition.get("requires", ())
            if lacking := sorted(set(requires) - set(worker.capabilities)):
                lines.append(
                    f"  step {name} needs a worker with --capability "
                    f"{' --capability '.join(lacking)}: not this one"
                )
    return lines


def _workflows(module: tuple[str, ...], yaml_file: Path | None) -> list[Workflow]:
    from runledger.worker import Workflow, finding

    try:
        if yaml_file is None:
            return [found for said in module for found in finding.workflows(said)]
        if len(module) != 1:
            raise click.UsageError("--yaml takes one module: that of its functions.")
        return [Workflow.from_yaml(yaml_file, finding.module(module[0]))]
    except errors.RunledgerError:
        raise
    except click.ClickException:
        raise
    except Exception as error:
        # The user's own code: where in it is what helps.
        traceback.print_exc()
        raise errors.RunledgerError(
            f"{' '.join(module)} cannot be imported: see above.", code="import-failed"
        ) from error
