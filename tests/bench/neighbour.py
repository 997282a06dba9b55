"""DBOS Transact on the same PostgreSQL, if it can be installed: a known neighbour."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path
from typing import TYPE_CHECKING

from infra.migrate import create_database

if TYPE_CHECKING:
    from tests.bench.stack import Stack

PROGRAM = Path(__file__).with_name("dbos_program.py")


def dbos_steps(stack: Stack, runs: int, steps: int) -> float | None:
    """Steps per second of workflows of no-op steps; None where there is no DBOS."""
    folder = stack.folder / "dbos"
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    installed = subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "dbos"],
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )
    if installed.returncode:
        print(f"no DBOS to compare with: {installed.stderr.strip()}", file=sys.stderr)
        return None
    create_database(stack.postgres.url(), "dbos")
    url = stack.postgres.url("dbos", "runledger_owner")
    with stack.quiet("publish", "project", "command", "query"):
        done = subprocess.run(
            [python, "-P", PROGRAM, url, str(runs), str(steps)],
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
    assert done.returncode == 0, done.stderr
    return float(done.stdout.split()[-1])
