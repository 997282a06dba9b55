"""The command handler with jobs: rows beside the log, and requests without a key."""

from __future__ import annotations

import asyncio
import uuid
from typing import TYPE_CHECKING

import psycopg
import pytest

from domain.errors import NotYourJob, Refused
from domain.run.commands import (
    Approve,
    CancelRun,
    CompleteStep,
    CreateRun,
    FailStep,
    PauseRun,
    RetryRun,
)
from domain.run.events import StepReportDiscarded
from domain.run.job_events import JobLeased, JobSucceeded
from domain.run.own_commands import LeaseJob, LoseJob, TimeOutRun
from domain.workflow.definition import (
    ApprovalPolicy,
    StepDefinition,
    WorkflowDefinition,
)
from tests.support.commanding import Process, process, request

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from domain.commands import Command
    from domain.requests import Done
    from tests.support.database import Database

pytestmark = pytest.mark.anyio

JOBS = WorkflowDefinition(
    name="deploy",
    steps=(
        StepDefinition(name="build", queue="default"),
        StepDefinition(name="ship", needs=("build",), queue="default"),
    ),
    timeout_s=3_600,
)
LEASE = uuid.UUID(int=1)
LATER = uuid.UUID(int=2)


def lease(lease: uuid.UUID = LEASE, step: str = "build", attempt: int = 1) -> LeaseJob:
    return LeaseJob(
        step=step, iteration=1, attempt=attempt, lease=lease, worker="w", lease_s=30
    )


DONE = CompleteStep(step="build", attempt=1, lease=LEASE, output="v1")


@pytest.fixture
async def one(database: Database) -> AsyncIterator[Process]:
    async with process(database) as process_:
        await process_.register(JOBS)
        yield process_


@pytest.fixture
async def other(database: Database) -> AsyncIterator[Process]:
    async with process(database) as process_:
        yield process_


async def told(by: Process, run_id: uuid.UUID, *commands: Command) -> Done:
    """Carried out without a key, as workers' reports and the service's own are."""
    asked = request(run_id, *commands)._replace(key=None, actor="service")
    return await by.handler.carry_out(asked)


def rows(database: Database, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(database.url()) as connection:
        return connection.execute(query).fetchall()


def jobs(database: Database) -> list[tuple[object, ...]]:
    return rows(
        database,
        "SELECT step, iteration, attempt, state, lease, canceling"
        "  FROM ledger.jobs ORDER BY run_id, step",
    )


def timers(database: Database) -> list[tuple[object, ...]]:
    return rows(database, "SELECT kind, step FROM ledger.timers ORDER BY run_id")


def counts(database: Database) -> tuple[object, ...]:
    """Events, keys and refusals in the log."""
    (found,) = rows(
        database,
        "SELECT (SELECT count(*) FROM ledger.runledger_events),"
        "       (SELECT count(*) FROM ledger.idempotency_keys),"
        "       (SELECT count(*) FROM ledger.refusals)",
    )
    return found


async def test_rows_of_jobs_and_timers_come_and_go_with_the_events(
    one: Process, database: Database
) -> None:
    run_id = (await one.do(None, CreateRun(workflow="deploy"))).run_id
    assert jobs(database) == [("build", 1, 1, "queued", None, False)]
    assert timers(database) == [("run_timeout", "")]
    await told(one, run_id, lease())
    assert jobs(database) == [("build", 1, 1, "leased", LEASE, False)]
    await told(one, run_id, DONE)
    assert jobs(database) == [("ship", 1, 1, "queued", None, False)]
    await told(one, run_id, lease(LATER, "ship"))
    await one.do(run_id, CancelRun())
    assert jobs(database) == [("ship", 1, 1, "leased", LATER, True)]
    await told(one, run_id, LoseJob(step="ship", lease=LATER))
    assert (jobs(database), timers(database)) == ([], [])


async def test_the_answer_comes_with_the_run_and_what_was_recorded(
    one: Process,
) -> None:
    run_id = (await one.do(None, CreateRun(workflow="deploy"))).run_id
    done = await told(one, run_id, lease())
    assert isinstance(done.events[0], JobLeased)
    assert done.run is not None
    assert done.run.steps["build"].open_job is not None
    assert done.answer.version == done.run.version


async def test_without_a_key_nothing_done_appends_nothing(
    one: Process, database: Database
) -> None:
    run_id = (await one.do(None, CreateRun(workflow="deploy"))).run_id
    await told(one, run_id, lease(), DONE)
    await one.do(run_id, CancelRun())
    before = counts(database)
    for again in (DONE, LoseJob(step="build", lease=LEASE), TimeOutRun()):
        done = await told(one, run_id, again)
        assert (done.events, done.answer.repeated) == ((), False)
        assert done.run is not None
        assert done.answer.version == done.run.version
    assert counts(database) == before


async def test_without_a_key_a_refusal_is_not_kept(
    one: Process, database: Database
) -> None:
    run_id = (await one.do(None, CreateRun(workflow="deploy"))).run_id
    before = counts(database)
    with pytest.raises(NotYourJob):
        await told(one, run_id, DONE)
    assert counts(database) == before
    with pytest.raises(NotYourJob):
        await one.do(run_id, DONE)
    assert counts(database) != before


async def test_a_job_is_leased_once_whatever_two_processes_remember(
    one: Process, other: Process, database: Database
) -> None:
    run_id = (await one.do(None, CreateRun(workflow="deploy"))).run_id
    assert (await told(other, run_id, PauseRun())).events
    stale = await told(one, run_id, lease())
    assert stale.events == ()
    assert stale.run is not None
    assert stale.run.held
    run_id = (await one.do(None, CreateRun(workflow="deploy"))).run_id
    both = await asyncio.gather(
        told(one, run_id, lease()), told(other, run_id, lease(LATER))
    )
    assert sorted(bool(each.events) for each in both) == [False, True]
    (leased,) = [row for row in jobs(database) if row[3] == "leased"]
    winner = LEASE if both[0].events else LATER
    assert leased[4] == winner


async def test_a_late_report_says_that_it_was_discarded(one: Process) -> None:
    run_id = (await one.do(None, CreateRun(workflow="deploy"))).run_id
    await told(one, run_id, lease(), LoseJob(step="build", lease=LEASE))
    late = await told(one, run_id, DONE)
    assert [type(event) for event in late.events] == [StepReportDiscarded]


async def test_large_outputs_of_jobs_are_remembered_by_their_digests(
    one: Process, database: Database
) -> None:
    run_id = (await one.do(None, CreateRun(workflow="deploy"))).run_id
    await told(one, run_id, lease())
    large = DONE.model_copy(update={"output": "x" * 40_000})
    done = await told(one, run_id, large)
    assert isinstance(done.events[0], JobSucceeded)
    assert done.run is not None
    output = done.run.steps["build"].output
    assert output is not None
    assert (output.value, output.size) == (None, 40_002)
    again = await told(one, run_id, large)
    assert again.events == ()


async def test_a_retry_queues_the_jobs_of_the_new_run(
    one: Process, database: Database
) -> None:
    run_id = (await one.do(None, CreateRun(workflow="deploy"))).run_id
    await told(one, run_id, lease(), FailStep(step="build", attempt=1, lease=LEASE))
    assert jobs(database) == []
    retry = await one.do(run_id, RetryRun())
    assert retry.run_id != run_id
    assert rows(database, "SELECT run_id, step, state FROM ledger.jobs") == [
        (retry.run_id, "build", "queued")
    ]
    assert timers(database) == [("run_timeout", "")]


async def test_groups_of_the_caller_reach_the_rules(one: Process) -> None:
    asked = WorkflowDefinition(
        name="ask",
        steps=(
            StepDefinition(
                name="review", kind="approval", approval=ApprovalPolicy(groups=("ops",))
            ),
        ),
    )
    await one.register(asked)
    run_id = (await one.do(None, CreateRun(workflow="ask"))).run_id
    with pytest.raises(Refused):
        await one.do(run_id, Approve(step="review"))
    approval = request(run_id, Approve(step="review"))
    answer = await one.handler.handle(approval._replace(groups=frozenset({"ops"})))
    assert answer.state == "completed"
