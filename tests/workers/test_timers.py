"""What has to happen by itself happens once, whoever dies, and however often told."""

from __future__ import annotations

import asyncio
import uuid
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import psycopg
import pytest

from domain.errors import Unavailable
from domain.requests import Request
from domain.run.commands import CompleteStep, CreateRun
from domain.run.own_commands import LeaseJob
from domain.workflow.definition import StepDefinition, WorkflowDefinition
from infra.local.child import Child
from infra.local.services import environment, server_command
from infra.settings import Settings
from tests.support.commanding import process
from tests.support.queueing import queueing
from tests.support.waiting import eventually, eventually_async
from workers.grace import Grace
from workers.timers import LOCK, run

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from domain.commands import Command
    from tests.support.commanding import Process
    from tests.support.database import Database

pytestmark = pytest.mark.anyio

NOTHING_LISTENS = "127.0.0.1:1"


def settings(database: Database) -> Settings:
    return Settings(database_url=database.url("runledger_command"))


@asynccontextmanager
async def timers(database: Database, *, lock: int = LOCK) -> AsyncIterator[None]:
    """The process's tasks, in this one."""
    running = asyncio.create_task(run(settings(database), lock=lock))
    try:
        yield
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


@pytest.fixture
async def commands(database: Database) -> AsyncIterator[Process]:
    async with process(database) as found:
        yield found


def workflow(
    *, timeout_s: float | None = None, run_timeout_s: float | None = None
) -> WorkflowDefinition:
    step = StepDefinition(name="build", queue="default", timeout_s=timeout_s)
    return WorkflowDefinition(name="deploy", steps=(step,), timeout_s=run_timeout_s)


async def start(commands: Process, definition: WorkflowDefinition) -> uuid.UUID:
    await commands.register(definition)
    return (await commands.do(None, CreateRun(workflow="deploy"))).run_id


async def ask(commands: Process, run_id: uuid.UUID, command: Command) -> None:
    """As the service does on a worker's behalf."""
    request = Request("default", run_id, (command,), "worker", "worker", None, b"")
    await commands.handler.handle(request)


async def lease(
    commands: Process, run_id: uuid.UUID, lease_s: float, attempt: int = 1
) -> uuid.UUID:
    lease_id = uuid.uuid4()
    command = LeaseJob(
        step="build",
        iteration=1,
        attempt=attempt,
        lease=lease_id,
        worker="w1",
        lease_s=lease_s,
    )
    await ask(commands, run_id, command)
    return lease_id


def topics(database: Database, run_id: uuid.UUID) -> list[str]:
    with psycopg.connect(database.url()) as connection:
        rows = connection.execute(
            "SELECT topic FROM ledger.runledger_events WHERE originator_id = %s"
            " ORDER BY originator_version",
            (run_id,),
        ).fetchall()
    return [topic.removeprefix("run.") for (topic,) in rows]


async def recorded(database: Database, run_id: uuid.UUID, topic: str) -> list[str]:
    """All topics of the run, as soon as this one is among them."""

    async def found() -> list[str]:
        told = topics(database, run_id)
        return told if topic in told else []

    return await eventually_async(found)


def rows(database: Database, table: str) -> int:
    with psycopg.connect(database.url()) as connection:
        row = connection.execute(f"SELECT count(*) FROM ledger.{table}".encode())
        (count,) = row.fetchone() or (0,)
    return int(count)


async def test_a_step_that_takes_too_long_is_timed_out(
    commands: Process, database: Database
) -> None:
    async with timers(database):
        run_id = await start(commands, workflow(timeout_s=0.1))
        await lease(commands, run_id, 60)
        told = await recorded(database, run_id, "failed")
    assert told[-4:] == ["job.canceled", "step.timed_out", "step.failed", "failed"]
    assert rows(database, "timers") == rows(database, "jobs") == 0


async def test_a_run_that_takes_too_long_is_timed_out(
    commands: Process, database: Database
) -> None:
    run_id = await start(commands, workflow(run_timeout_s=0.1))
    async with timers(database):
        told = await recorded(database, run_id, "failed")
    assert told[-4:] == ["timed_out", "job.canceled", "step.canceled", "failed"]


async def test_a_run_that_ends_in_time_is_not(
    commands: Process, database: Database
) -> None:
    run_id = await start(commands, workflow(timeout_s=0.3, run_timeout_s=0.3))
    lease_id = await lease(commands, run_id, 60)
    done = CompleteStep(step="build", attempt=1, lease=lease_id)
    await ask(commands, run_id, done)
    assert topics(database, run_id)[-1] == "completed"
    assert rows(database, "timers") == 0


async def test_a_lease_that_runs_out_is_lost_and_the_step_tried_again(
    commands: Process, database: Database
) -> None:
    async with timers(database):
        run_id = await start(commands, workflow())
        await lease(commands, run_id, 0.2)
        told = await recorded(database, run_id, "job.lost")
    assert told[-3:] == ["job.lost", "step.attempt_lost", "step.retry_scheduled"]


async def test_two_at_once_fire_nothing_twice(
    commands: Process, database: Database
) -> None:
    """Both lead, as for a moment after a partition."""
    await commands.register(workflow(timeout_s=0.3))
    await commands.register(workflow().model_copy(update={"name": "lossy"}))
    runs = [
        (await commands.do(None, CreateRun(workflow=name))).run_id
        for _ in range(20)
        for name in ("deploy", "lossy")
    ]
    for place, run_id in enumerate(runs):
        await lease(commands, run_id, 0.3 if place % 2 else 60)
    async with timers(database), timers(database, lock=LOCK + 1_000):

        async def all_ended() -> bool:
            told = [topics(database, run_id) for run_id in runs]
            return all(
                ("job.lost" if place % 2 else "step.timed_out") in events
                for place, events in enumerate(told)
            )

        await eventually_async(all_ended)
    for place, run_id in enumerate(runs):
        told = topics(database, run_id)
        assert told.count("job.lost") == place % 2
        assert told.count("step.timed_out") == 1 - place % 2


async def test_a_row_that_no_run_knows_of_is_taken_out(database: Database) -> None:
    async with queueing(database) as by_hand:
        await by_hand.timer()
        await by_hand.leased(lease_s=0.000_001)
    async with timers(database):

        async def gone() -> bool:
            return rows(database, "timers") == rows(database, "jobs") == 0

        await eventually_async(gone)


@pytest.fixture
def standing_by(database: Database, tmp_path: Path) -> Iterator[list[Child]]:
    """Two processes: the first one leads."""
    environ = environment(
        settings(database), database.url("runledger_command"), NOTHING_LISTENS
    )
    children: list[Child] = []
    try:
        for place in range(2):
            children.append(
                Child(
                    f"timers {place}",
                    server_command("timers"),
                    environ=environ,
                    log=tmp_path / f"timers-{place}.log",
                )
            )
            eventually(
                lambda place=place: locks(database) == (1, place),  # type: ignore[misc]
            )
        yield children
    finally:
        for child in children:
            child.kill()


def locks(database: Database) -> tuple[int, int]:
    """How many hold our lock, and how many wait for it."""
    with psycopg.connect(database.url()) as connection:
        row = connection.execute(
            """
            SELECT count(*) FILTER (WHERE granted), count(*) FILTER (WHERE NOT granted)
              FROM pg_locks
             WHERE locktype = 'advisory'
               AND (classid::bigint << 32) + objid::bigint = %s
               AND database = (SELECT oid FROM pg_database
                                WHERE datname = current_database())
            """,
            (LOCK,),
        ).fetchone()
    return row or (0, 0)


async def test_when_the_leader_is_killed_the_standby_takes_over(
    commands: Process, database: Database, standing_by: list[Child]
) -> None:
    first, _ = standing_by
    run_id = await start(commands, workflow(run_timeout_s=0.5))
    other = await start(commands, workflow())
    await lease(commands, other, 0.5)
    first.kill()
    told = await recorded(database, run_id, "failed")
    assert told.count("timed_out") == 1
    await recorded(database, other, "job.lost")
    assert locks(database) == (1, 0)


async def test_a_process_that_is_asked_to_end_lets_go_of_the_lock(
    database: Database, standing_by: list[Child]
) -> None:
    first, second = standing_by
    first.stop(10)
    eventually(lambda: locks(database) == (1, 0))
    second.stop(10)
    assert locks(database) == (0, 0)


BEGAN = datetime(2026, 11, 22, tzinfo=UTC)


class FakeClock:
    """The database's clock and our own, to be turned."""

    def __init__(self) -> None:
        self.now = BEGAN
        self.here = 0.0
        self.slow = 0.0
        self.away = False

    def pass_by(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.here += seconds

    async def clock(self) -> datetime:
        if self.away:
            raise Unavailable("It is away.")
        self.pass_by(self.slow)
        return self.now


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def grace(clock: FakeClock) -> Grace:
    return Grace(clock, BEGAN, here=lambda: clock.here)


async def test_grace_counts_from_the_start(clock: FakeClock, grace: Grace) -> None:
    for _ in range(5):
        clock.pass_by(100)
        assert await grace.since() == BEGAN


async def test_grace_starts_over_after_an_outage(
    clock: FakeClock, grace: Grace
) -> None:
    await grace.since()
    clock.away = True
    with pytest.raises(Unavailable):
        await grace.since()
    clock.away = False
    clock.pass_by(50)
    assert await grace.since() == BEGAN + timedelta(seconds=50)


@pytest.mark.parametrize("jump_s", [3_600, -3_600, 2])
async def test_grace_starts_over_when_the_clock_jumps(
    clock: FakeClock, grace: Grace, jump_s: float
) -> None:
    await grace.since()
    clock.pass_by(10)
    clock.now += timedelta(seconds=jump_s)
    assert await grace.since() == clock.now
    before = clock.now
    clock.pass_by(10)
    assert await grace.since() == before


async def test_grace_starts_over_when_the_database_stood_still(
    clock: FakeClock, grace: Grace
) -> None:
    await grace.since()
    clock.slow = 30
    assert await grace.since() == clock.now
