"""The worker that is killed: each step writes down that it began and that it ended.

python -m tests.journeys.chaos_hands NAME FILE SLOTS
"""

from __future__ import annotations

import os
import random
import sys
import time
from typing import TYPE_CHECKING

from runledger.worker import Worker, Workflow

if TYPE_CHECKING:
    from runledger.worker import Context

LEASE_S = 5
GRAPH = {
    "a": (),
    "b": ("a",),
    "c": ("a",),
    "d": ("a",),
    "e": ("b", "c"),
    "f": ("c", "d"),
    "g": ("e",),
    "h": ("e", "f"),
    "i": ("g", "h"),
    "j": ("i",),
}

chaos = Workflow("chaos", queue="chaos")


def work(context: Context) -> str:
    """Write both ends down, each in one write, so that no line is ever torn."""
    step = f"{context.run.id} {context.step} {context.attempt}"
    note(f"began {step}")
    time.sleep(random.uniform(0, 0.02))
    note(f"ended {step}")
    return context.step


def note(line: str) -> None:
    os.write(FILE, f"{line} {NAME}\n".encode())


for name, needs in GRAPH.items():
    chaos.step(name=name, needs=needs, max_losses=100)(work)

if __name__ == "__main__":
    NAME = sys.argv[1]
    FILE = os.open(sys.argv[2], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    Worker(chaos, name=NAME, slots=int(sys.argv[3]), lease_s=LEASE_S).run()
