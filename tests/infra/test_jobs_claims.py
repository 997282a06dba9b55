"""Claiming queued jobs: each by one only, those that wait longest first, and nobody
waits for anybody."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import psycopg
import pytest

from domain.run.agenda import Agenda, QueuedJob
from tests.support.queueing import ASK, queueing

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.support.database import Database
    from tests.support.queueing import Queueing

pytestmark = pytest.mark.anyio


@pytest.fixture
async def jobs(database: Database) -> AsyncIterator[Queueing]:
    async with queueing(database) as found:
        yield found


async def test_those_that_wait_longest_are_claimed_first(jobs: Queueing) -> None:
    runs = [await jobs.job() for _ in range(5)]
    first = await jobs.queue.claim(ASK, 2)
    rest = await jobs.queue.claim(ASK, 10)
    assert {claim.run_id for claim in first} == set(runs[:2])
    assert {claim.run_id for claim in rest} == set(runs[2:])
    assert await jobs.queue.claim(ASK, 10) == []


async def test_longest_waiting_goes_before_workflow(jobs: Queueing) -> None:
    both = ASK._replace(workflows=("deploy", "backup"))
    first = await jobs.job(workflow="backup")
    await jobs.job(workflow="deploy")
    (claim,) = await jobs.queue.claim(both, 1)
    assert claim.run_id == first


async def test_claimers_at_once_never_get_the_same_job(jobs: Queueing) -> None:
    runs = {await jobs.job() for _ in range(60)}

    async def claim_all() -> list[object]:
        found: list[object] = []
        while claims := await jobs.queue.claim(ASK, 3):
            found += [claim.run_id for claim in claims]
        return found

    claimed = await asyncio.gather(*(claim_all() for _ in range(6)))
    together = [run_id for found in claimed for run_id in found]
    assert len(together) == len(set(together))
    # One that a neighbour held at the moment is left for the next to ask.
    together += [c.run_id for c in await jobs.queue.claim(ASK, 60)]
    assert set(together) == runs


async def test_only_what_a_worker_can_do_is_claimed(jobs: Queueing) -> None:
    await jobs.job(workflow="backup")
    await jobs.job(queue="gpu")
    await jobs.job(requires=("docker", "gpu"))
    plain = await jobs.job()
    (claim,) = await jobs.queue.claim(ASK, 10)
    assert claim.run_id == plain
    assert await jobs.queue.claim(ASK._replace(namespace="other"), 10) == []
    assert await jobs.queue.claim(ASK._replace(capabilities=("gpu",)), 10) == []
    able = ASK._replace(capabilities=("gpu", "x", "docker"))
    assert len(await jobs.queue.claim(able, 10)) == 1


async def test_a_job_is_claimed_when_its_time_has_come_and_not_before(
    jobs: Queueing,
) -> None:
    await jobs.job(wait_s=60)
    assert await jobs.queue.claim(ASK, 1) == []
    seconds = await jobs.queue.next_available(ASK)
    assert seconds is not None
    assert 55 < seconds <= 60


async def test_a_claim_is_over_by_itself(jobs: Queueing) -> None:
    await jobs.job()
    (first,) = await jobs.queue.claim(ASK, 1, hold=timedelta(microseconds=1))
    (again,) = await jobs.queue.claim(ASK, 1)
    assert again.run_id == first.run_id
    # The first claimer is too late to give it back.
    assert await jobs.queue.give_back([first]) == 0
    assert await jobs.queue.claim(ASK, 1) == []


async def test_what_is_given_back_is_claimed_again_at_once(jobs: Queueing) -> None:
    await jobs.job()
    claims = await jobs.queue.claim(ASK, 1)
    seconds = await jobs.queue.next_available(ASK)
    assert seconds is not None
    assert seconds > 5
    assert await jobs.queue.give_back(claims) == 1
    assert len(await jobs.queue.claim(ASK, 1)) == 1


async def test_a_job_queued_anew_loses_the_claim_of_the_old_one(jobs: Queueing) -> None:
    run_id = await jobs.job()
    await jobs.queue.claim(ASK, 1)
    again = QueuedJob("build", 2, 3, "default", (), 0)
    await jobs.put(Agenda(queued=(again,)), run_id)
    (claim,) = await jobs.queue.claim(ASK, 1)
    assert (claim.iteration, claim.attempt) == (2, 3)


async def test_a_dropped_job_is_gone(jobs: Queueing) -> None:
    run_id = await jobs.job()
    await jobs.put(Agenda(dropped_jobs=("build",)), run_id)
    assert await jobs.queue.claim(ASK, 1) == []
    assert await jobs.queue.next_available(ASK) is None


async def test_a_row_that_is_locked_is_passed_over(
    jobs: Queueing, database: Database
) -> None:
    first = await jobs.job()
    second = await jobs.job()
    async with await psycopg.AsyncConnection.connect(database.url()) as connection:
        await connection.execute(
            "SELECT FROM ledger.jobs WHERE run_id = %s FOR UPDATE", (first,)
        )
        async with asyncio.timeout(15):
            (claim,) = await jobs.queue.claim(ASK, 1)
    assert claim.run_id == second


@pytest.mark.parametrize(
    ("workflow", "requires"), [("other", "{}"), ("deploy", "{fpga}")]
)
async def test_jobs_of_others_at_the_head_are_not_read(
    jobs: Queueing, database: Database, workflow: str, requires: str
) -> None:
    """Pages read, not milliseconds: 20,000 such jobs lie on some 400."""
    for _ in range(3):
        await jobs.job()
    with psycopg.connect(database.url("postgres"), autocommit=True) as connection:
        connection.execute(
            """
            INSERT INTO ledger.jobs (run_id, step, namespace, workflow, queue, requires,
                                     iteration, attempt, state, available_at)
            SELECT gen_random_uuid(), 'build', 'default', %s, 'default', %s, 1, 1,
                   'queued', now() - interval '1 hour'
              FROM generate_series(1, 20000)
            """,
            (workflow, requires),
        )
        # A session makes its plan with the first claim, and reads the catalogue for it.
        connection.execute(CLAIM.replace(b"'default'", b"'another'"))
        ((explained,),) = connection.execute(
            b"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + CLAIM
        ).fetchall()
    plan = explained[0]["Plan"]
    assert plan["Actual Rows"] == 3
    assert plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] < 100


CLAIM = b"""
SELECT * FROM ledger.claim_jobs('default', 'default', '{deploy}', '{}', 3, '10 s')
"""
