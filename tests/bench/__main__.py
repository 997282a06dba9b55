"""``python -m tests.bench``: every figure beside its limit, in one run."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import tempfile
from pathlib import Path

from tests.bench.figures import Figure, heading, row, write
from tests.bench.stack import Stack

MODULES = (
    "appends",
    "commands",
    "projecting",
    "visible",
    "reading",
    "rebuilding",
    "queueing",
    "working",
    "logs",
    "dashboard",
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="infra/bin/bench", description=__doc__)
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument(
        "only", nargs="*", choices=[[], *MODULES], help="only these groups"
    )
    chosen = parser.parse_args()
    figures: list[Figure] = []
    print(f"{os.cpu_count()} cores, shared by servers, service and load", flush=True)
    print(heading(), flush=True)
    for name in chosen.only or MODULES:
        # Each group on servers of its own: none finds another one's tables full.
        with (
            tempfile.TemporaryDirectory(prefix="runledger-bench-") as folder,
            Stack(Path(folder)) as stack,
        ):
            for figure in importlib.import_module(f"tests.bench.{name}").measure(stack):
                figures.append(figure)
                print(row(figure), flush=True)
    if chosen.json:
        write(figures, chosen.json)
    missed = [figure.name for figure in figures if figure.met is False]
    if missed:
        print(f"missed: {', '.join(missed)}")
    sys.exit(0)


if __name__ == "__main__":
    main()
