"""Turns: one task at a time per stream, in order, and none is ever lost."""

from __future__ import annotations

import asyncio
import uuid

import pytest

from domain.known_runs import Turns

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
    async with turns.of(RUN), asyncio.timeout(1), turns.of(uuid.uuid4()):
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
    async with asyncio.timeout(1):
        await asyncio.gather(*tasks, return_exceptions=True)
    assert done == ["b"]


async def test_a_stream_that_nobody_works_on_takes_no_room() -> None:
    turns = Turns()
    async with turns.of(RUN):
        pass
    assert not turns._queues
