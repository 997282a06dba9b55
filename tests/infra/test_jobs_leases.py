"""Leases as rows: heartbeats, what they pass on, and leases that run out."""

from __future__ import annotations

import asyncio
import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import psycopg
import pytest

from domain.run.agenda import Agenda
from infra.jobs.queue import Beat
from tests.support.queueing import ASK, queueing
from tests.support.waiting import eventually_async

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.support.database import Database
    from tests.support.queueing import Queueing

pytestmark = pytest.mark.anyio

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
NS = "default"


@pytest.fixture
async def jobs(database: Database) -> AsyncIterator[Queueing]:
    async with queueing(database) as found:
        yield found


def row(database: Database, run_id: uuid.UUID, columns: str) -> tuple[object, ...]:
    with psycopg.connect(database.url()) as connection:
        found = connection.execute(
            f"SELECT {columns} FROM ledger.jobs WHERE run_id = %s".encode(), (run_id,)
        ).fetchone()
    assert found is not None
    return found


async def test_a_leased_job_is_not_claimed(jobs: Queueing) -> None:
    await jobs.leased()
    assert await jobs.queue.claim(ASK, 1) == []


async def test_a_heartbeat_extends_by_the_lease_and_keeps_the_progress(
    jobs: Queueing, database: Database
) -> None:
    run_id, lease = await jobs.leased(lease_s=100)
    (before,) = row(database, run_id, "leased_until")
    beat = Beat(run_id, "build", lease, '{"fraction": 0.5}')
    assert await jobs.queue.beat(NS, "worker", [beat]) == ["ok"]
    assert await jobs.queue.beat(NS, "worker", [beat._replace(progress=None)]) == ["ok"]
    after, left, progress = row(
        database,
        run_id,
        "leased_until, extract(epoch FROM leased_until - beat_at)::int, progress",
    )
    assert isinstance(before, datetime)
    assert isinstance(after, datetime)
    assert before < after
    assert left == 100
    assert progress == {"fraction": 0.5}


async def test_a_heartbeat_passes_on_that_the_job_is_to_stop(jobs: Queueing) -> None:
    run_id, lease = await jobs.leased()
    await jobs.leased(run_id=run_id, lease=lease, canceling=True)
    assert await jobs.queue.beat(NS, "worker", [Beat(run_id, "build", lease)]) == [
        "stop"
    ]


async def test_a_lease_put_again_runs_on_as_it_ran(
    jobs: Queueing, database: Database
) -> None:
    run_id, lease = await jobs.leased()
    beat = Beat(run_id, "build", lease, '{"message": "half"}')
    await jobs.queue.beat(NS, "worker", [beat])
    before = row(database, run_id, "leased_at, leased_until, progress, beat_at, queue")
    await jobs.leased(run_id=run_id, lease=lease, canceling=True)
    after = row(database, run_id, "leased_at, leased_until, progress, beat_at, queue")
    assert after == before


async def test_only_its_own_principal_extends_a_lease(jobs: Queueing) -> None:
    run_id, lease = await jobs.leased(principal="ada")
    beat = Beat(run_id, "build", lease)
    assert await jobs.queue.beat(NS, "eve", [beat]) == ["gone"]
    assert await jobs.queue.beat("other", "ada", [beat]) == ["gone"]
    assert await jobs.queue.beat(NS, "ada", [beat]) == ["ok"]


async def test_heartbeats_are_answered_in_their_order(jobs: Queueing) -> None:
    run_id, lease = await jobs.leased()
    other, other_lease = await jobs.leased(canceling=True)
    beats = [
        Beat(run_id, "build", uuid.uuid4()),
        Beat(other, "build", other_lease),
        Beat(uuid.uuid4(), "build", lease),
        Beat(run_id, "build", lease),
    ]
    answers = await jobs.queue.beat(NS, "worker", beats)
    assert answers == ["gone", "stop", "gone", "ok"]


async def test_a_heartbeat_does_not_wait_for_a_row_that_is_locked(
    jobs: Queueing, database: Database
) -> None:
    run_id, lease = await jobs.leased()
    async with await psycopg.AsyncConnection.connect(database.url()) as connection:
        await connection.execute(
            "SELECT FROM ledger.jobs WHERE run_id = %s FOR UPDATE", (run_id,)
        )
        async with asyncio.timeout(15):
            beat = Beat(run_id, "build", lease)
            assert await jobs.queue.beat(NS, "worker", [beat]) == ["ok"]


async def test_a_run_out_lease_is_claimed_by_one_and_then_gone_for_its_worker(
    jobs: Queueing,
) -> None:
    run_id, lease = await jobs.leased(lease_s=0.000_001)
    found = await asyncio.gather(*(jobs.due.leases(5, LONG_AGO) for _ in range(4)))
    ((claimed,),) = [leases for leases in found if leases]
    assert (claimed.run_id, claimed.lease) == (run_id, lease)
    beat = Beat(run_id, "build", lease)
    assert await jobs.queue.beat(NS, "worker", [beat]) == ["gone"]


async def test_a_heartbeat_that_comes_before_the_loss_is_in_time(
    jobs: Queueing,
) -> None:
    run_id, lease = await jobs.leased(lease_s=0.2)

    async def run_out() -> bool:
        seconds = await jobs.due.next_lease(LONG_AGO)
        return seconds is not None and seconds < 0

    await eventually_async(run_out)
    beat = Beat(run_id, "build", lease)
    assert await jobs.queue.beat(NS, "worker", [beat]) == ["ok"]
    assert await jobs.due.leases(5, LONG_AGO) == []


async def test_after_an_outage_each_lease_has_its_own_time_first(
    jobs: Queueing,
) -> None:
    await jobs.leased(lease_s=0.000_001)
    await jobs.leased(lease_s=0.000_001)
    now = await jobs.due.clock()
    assert await jobs.due.leases(5, now + timedelta(seconds=30)) == []
    found = await jobs.due.leases(5, now - timedelta(milliseconds=1))
    assert len(found) == 2


async def test_a_lease_that_was_reported_on_is_not_lost(jobs: Queueing) -> None:
    run_id, _ = await jobs.leased(lease_s=0.000_001)
    (claimed,) = await jobs.due.leases(5, LONG_AGO)
    await jobs.put(Agenda(dropped_jobs=("build",)), run_id)
    assert await jobs.due.drop_leases([claimed]) == 0
    assert await jobs.due.next_lease(LONG_AGO) is None


async def test_a_row_that_the_rules_know_nothing_of_is_taken_out(
    jobs: Queueing,
) -> None:
    await jobs.leased(lease_s=0.000_001)
    (claimed,) = await jobs.due.leases(5, LONG_AGO, hold=timedelta(microseconds=1))
    (again,) = await jobs.due.leases(5, LONG_AGO)
    assert await jobs.due.drop_leases([claimed]) == 0, "it is another one's by now"
    assert await jobs.due.drop_leases([again]) == 1
    assert await jobs.due.next_lease(LONG_AGO) is None


async def test_due_timers_are_claimed_once_and_later_ones_not(jobs: Queueing) -> None:
    due = await jobs.timer()
    await jobs.timer(wait_s=90)
    found = await asyncio.gather(*(jobs.due.timers(5) for _ in range(4)))
    ((timer,),) = [timers for timers in found if timers]
    assert (timer.run_id, timer.kind) == (due, "run_timeout")
    seconds = await jobs.due.next_timer()
    assert seconds is not None
    assert 25 < seconds <= 30, "the claim comes to nothing before the other one is due"
    assert await jobs.due.drop_timers([timer]) == 1
    seconds = await jobs.due.next_timer()
    assert seconds is not None
    assert 85 < seconds <= 90


async def test_a_timer_set_anew_is_due_anew(jobs: Queueing) -> None:
    run_id = await jobs.timer()
    (timer,) = await jobs.due.timers(5)
    await jobs.put(Agenda(dropped_timers=(("run_timeout", ""),)), run_id)
    assert await jobs.due.drop_timers([timer]) == 0
    assert await jobs.due.next_timer() is None


async def test_a_worker_that_asks_is_seen(jobs: Queueing, database: Database) -> None:
    await jobs.queue.see(ASK, "host-1", "ada", 4)
    await jobs.queue.see(ASK._replace(workflows=("a", "b")), "host-1", "ada", None)
    await jobs.queue.see_again(NS, "host-1")
    with psycopg.connect(database.url("runledger_query")) as connection:
        found = connection.execute(
            "SELECT worker, principal, queue, workflows, slots, first_seen < seen"
            "  FROM ledger.workers"
        ).fetchall()
    assert found == [("host-1", "ada", "default", ["a", "b"], 4, True)]
    assert await jobs.queue.forget_workers(0) == 0, "it was seen within the hour"


@pytest.mark.parametrize("table", ["jobs", "timers", "workers"])
@pytest.mark.parametrize("role", ["runledger_command", "runledger_query"])
def test_the_service_itself_may_only_read_these_tables(
    database: Database, table: str, role: str
) -> None:
    with psycopg.connect(database.url(role), autocommit=True) as connection:
        connection.execute(f"SELECT FROM ledger.{table}".encode())
        for statement in ("DELETE FROM ledger.{}", "UPDATE ledger.{} SET step = ''"):
            with pytest.raises(
                (psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedColumn)
            ):
                connection.execute(statement.format(table).encode())
