"""Run by a Python that has DBOS: ``dbos_program.py URL RUNS STEPS``; prints steps/s."""

from __future__ import annotations

import asyncio
import sys
import time

from dbos import DBOS  # type: ignore[import-not-found]

url, runs, steps = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
DBOS(
    config={
        "name": "bench",
        "system_database_url": url,
        "log_level": "ERROR",
        "run_admin_server": False,
    }
)


@DBOS.step()  # type: ignore[untyped-decorator]
async def nothing() -> None:
    """The shortest step there is."""


@DBOS.workflow()  # type: ignore[untyped-decorator]
async def chain() -> None:
    for _ in range(steps):
        await nothing()


async def carry_out(count: int) -> float:
    started = time.perf_counter()
    handles = [await DBOS.start_workflow_async(chain) for _ in range(count)]
    for handle in handles:
        await handle.get_result()
    return count * steps / (time.perf_counter() - started)


async def main() -> None:
    DBOS.launch()
    await carry_out(max(runs // 10, 1))  # warm, like the other
    print(await carry_out(runs))


asyncio.run(main())
DBOS.destroy()
