"""What the benchmarks' worker carries out: steps that do nothing."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from runledger.worker import Workflow

if TYPE_CHECKING:
    from runledger.worker import Context

STEPS = 20

chain = Workflow("bench-chain", queue="bench")
single = Workflow("bench-single", queue="bench-single")


async def nothing(context: Context) -> None:
    """The shortest step there is."""


for number in range(STEPS):
    needs = [f"s{number - 1:02}"] if number else []
    chain.step(name=f"s{number:02}", needs=needs)(nothing)


@single.step()
def stamp(context: Context) -> None:
    """Write down when it began."""
    line = f"{context.run.id} {time.time()}\n"
    with open(os.environ["BENCH_STAMPS"], "a", encoding="utf-8") as file:
        file.write(line)
