"""Turns: one task at a time per stream, in order, and none is ever lost."""

from __future__ import annotations

import asyncio
import uuid

import pytest

from domain.ids import Namespace
from domain.known_runs import Known, KnownRuns, Turns
from domain.run.state import Run, StepRun
from domain.workflow.definition import StepDefinition, WorkflowDefinition

pytestmark = pytest.mark.anyio

RUN = uuid.uuid4()


async def test_tasks_take_turns_in_their_order() -> None:
    turns = Turns()
    told: list[str] = []

    async def work(name: str) -> None:
        async with turns.of(RUN):
            told.append(f"{name} begins")
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            told.append(f"{name} ends")

    await asyncio.gather(*map(work, "abc"))
    assert told == [f"{name} {what}" for name in "abc" for what in ("begins", "ends")]


async def test_other_streams_do_not_wait() -> None:
    turns = Turns()
    async with turns.of(RUN), asyncio.timeout(10), turns.of(uuid.uuid4()):
        pass


async def test_who_gives_up_waiting_is_passed_over() -> None:
    turns = Turns()
    done: list[str] = []

    async def work(name: str) -> None:
        async with turns.of(RUN):
            done.append(name)

    async with turns.of(RUN):
        tasks = [asyncio.create_task(work(name)) for name in "abcd"]
        await asyncio.sleep(0)
        tasks[1].cancel()
        await asyncio.sleep(0)
    await asyncio.gather(*tasks, return_exceptions=True)
    assert done == ["a", "c", "d"]


async def test_who_gives_up_at_the_moment_of_its_turn_passes_it_on() -> None:
    turns = Turns()
    done: list[str] = []

    async def work(name: str) -> None:
        async with turns.of(RUN):
            done.append(name)

    async with turns.of(RUN):
        tasks = [asyncio.create_task(work(name)) for name in "ab"]
        await asyncio.sleep(0)
    # The turn is a's from here on, but a has not run yet.
    tasks[0].cancel()
    async with asyncio.timeout(10):
        await asyncio.gather(*tasks, return_exceptions=True)
    assert done == ["b"]


async def test_a_stream_that_nobody_works_on_takes_no_room() -> None:
    turns = Turns()
    async with turns.of(RUN):
        pass
    assert not turns._queues


def known(steps: int) -> Known:
    definition = WorkflowDefinition(
        name="w", steps=tuple(StepDefinition(name=f"s{n}") for n in range(steps))
    )
    run = Run(definition, steps={f"s{n}": StepRun(f"s{n}") for n in range(steps)})
    return Known(Namespace("default"), run, bytes(32), 1)


def test_the_runs_used_last_are_kept() -> None:
    runs = KnownRuns(2)
    one, two, three = (uuid.uuid4() for _ in range(3))
    runs.put(one, known(1))
    runs.put(two, known(1))
    runs.get(one)
    runs.put(three, known(1))
    assert [runs.get(run_id) is not None for run_id in (one, two, three)] == [
        True,
        False,
        True,
    ]


def test_wide_runs_take_the_room_of_many() -> None:
    runs = KnownRuns(100, max_steps=10)
    ids = [uuid.uuid4() for _ in range(4)]
    for run_id, steps in zip(ids, (4, 4, 2, 4), strict=True):
        runs.put(run_id, known(steps))
        runs.put(run_id, known(steps))
    assert [runs.get(run_id) is not None for run_id in ids] == [False, True, True, True]
    runs.put(ids[0], known(11))
    assert len(runs) == 0
    for run_id in ids[:2]:
        runs.put(run_id, known(5))
    assert len(runs) == 2
