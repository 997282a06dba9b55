"""How safe it is to retry many runs, from the read tables.

The rules are those of a single retry, asked about a run that is put together from what
the tables have of its steps. Only workflow versions with steps whose effects are
``once`` are looked at: of all others nothing is unsafe. When an item's turn comes, the
run itself is asked.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any, Literal, cast

from psycopg.rows import dict_row

from command_api.bulk_lists import SQL
from domain.errors import UnknownStep
from domain.ids import Namespace, RunId
from domain.run.events import RunCreated
from domain.run.safety import GRAVITY, retry_safety
from domain.run.state import Attempt, Run, StepRun, StepState
from infra.codec import decode

if TYPE_CHECKING:
    from uuid import UUID

    from psycopg_pool import AsyncConnectionPool

    from command_api.bulk_lists import Entry, Row
    from domain.ports import Catalogue
    from domain.run.events import StepVerdict
    from domain.workflow.definition import WorkflowDefinition

PAGE = 100
"""Runs whose steps are read at once; others of the process have their turn between."""

Verdict = Literal["safe", "unsafe", "unknown"]


async def judge(
    pool: AsyncConnectionPool[Any],
    catalogue: Catalogue,
    namespace: str,
    retry_from: str,
    entries: list[Entry],
) -> dict[UUID, Verdict]:
    """For each run that may be retried at all the worst of its steps' verdicts."""
    found: dict[UUID, Verdict] = {}
    risky: list[tuple[Row, WorkflowDefinition]] = []
    for entry in entries:
        row = entry.row
        if entry.foreseen.result != "done":
            continue
        definition = await catalogue.definition(
            Namespace(namespace), row["workflow"], row["workflow_version"]
        )
        if any(step.effects == "once" for step in definition.steps):
            risky.append((row, definition))
        else:
            found[row["run_id"]] = "safe"
    for start in range(0, len(risky), PAGE):
        page = risky[start : start + PAGE]
        steps, before = await _read(pool, namespace, [row for row, _ in page])
        for row, definition in page:
            run_id = row["run_id"]
            run = _run(definition, steps[run_id], before.get(run_id, ()))
            try:
                verdicts = retry_safety(run, RunId(run_id), retry_from, definition)
            except UnknownStep:
                continue  # refused when its turn comes
            worst = max(
                (each.verdict for each in verdicts),
                key=GRAVITY.__getitem__,
                default="safe",
            )
            found[run_id] = cast("Verdict", worst)
        await asyncio.sleep(0)
    return found


def counted(verdicts: dict[UUID, Verdict]) -> dict[str, int]:
    counts = Counter(verdicts.values())
    return {verdict: counts[verdict] for verdict in GRAVITY}


async def _read(
    pool: AsyncConnectionPool[Any], namespace: str, rows: list[Row]
) -> tuple[dict[UUID, list[Row]], dict[UUID, tuple[StepVerdict, ...]]]:
    """The steps of these runs, and what was known of them when they were made."""
    asked = {"run_ids": [row["run_id"] for row in rows], "namespace": namespace}
    retries = {"run_ids": [row["run_id"] for row in rows if row["is_retry"]]}
    steps: defaultdict[UUID, list[Row]] = defaultdict(list)
    before: dict[UUID, tuple[StepVerdict, ...]] = {}
    async with pool.connection() as connection:
        cursor = connection.cursor(row_factory=dict_row)
        await cursor.execute(SQL["steps"], asked)
        for row in await cursor.fetchall():
            steps[row["run_id"]].append(row)
        if retries["run_ids"]:
            await cursor.execute(SQL["openings"], retries)
            for row in await cursor.fetchall():
                event = decode(RunCreated.topic, row["state"])
                assert isinstance(event, RunCreated)
                before[row["originator_id"]] = event.verdicts
    return steps, before


def _run(
    definition: WorkflowDefinition, steps: list[Row], before: tuple[StepVerdict, ...]
) -> Run:
    """As much of the run as the rules of retry safety look at."""
    run = Run(definition)
    for row in steps:
        attempts = tuple(
            Attempt(
                number=int(each["number"]),
                iteration=1,
                outcome=each["outcome"],
                actor="",
                late=tuple(each["late"] or ()),
            )
            for each in row["attempts"] or ()
        )
        run.steps[row["step"]] = StepRun(
            row["step"],
            state=StepState(row["state"]),
            attempts=attempts,
            carried_from=row["run_id"] if row["carried"] else None,
        )
    run.verdicts = {each.step: each for each in before}
    return run
