"""Numbers of runs: each once, also when their session is lost."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import psycopg
import pytest

from domain.errors import Unavailable, UnknownWorkflow
from domain.ids import Namespace, workflow_stream
from domain.workflow.definition import WorkflowDefinition
from domain.workflow.events import WorkflowVersionRegistered
from infra.event_store.numbers import RunNumbers
from infra.event_store.writer import Writer
from tests.support.appending import NAMESPACE, addition

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.support.database import Database

pytestmark = pytest.mark.anyio


def registered(name: str) -> WorkflowVersionRegistered:
    definition = WorkflowDefinition(name=name)
    return WorkflowVersionRegistered(
        name=name, version=1, definition=definition, digest=definition.digest
    )


@pytest.fixture
async def numbers(database: Database) -> AsyncIterator[RunNumbers]:
    url = database.url("runledger_command")
    async with Writer(url) as writer, RunNumbers(url) as numbers:
        for name in ("deploy", "bake"):
            stream = workflow_stream(NAMESPACE, name)
            await writer.append(addition(stream, registered(name)))
        yield numbers


async def test_who_asks_together_gets_numbers_in_order(numbers: RunNumbers) -> None:
    tickets = await asyncio.gather(
        *(numbers.take(NAMESPACE, ("deploy", "bake")[n % 2]) for n in range(20))
    )
    assert [ticket.number for ticket in tickets[::2]] == list(range(1, 11))
    assert [ticket.number for ticket in tickets[1::2]] == list(range(1, 11))
    assert {ticket.newest for ticket in tickets} == {1}


async def test_a_workflow_that_is_not_there_has_no_numbers(
    numbers: RunNumbers, database: Database
) -> None:
    results = await asyncio.gather(
        numbers.take(NAMESPACE, "deploy"),
        numbers.take(NAMESPACE, "brew"),
        numbers.take(Namespace("elsewhere"), "deploy"),
        return_exceptions=True,
    )
    assert [type(result).__name__ for result in results] == [
        "Ticket",
        "UnknownWorkflow",
        "UnknownWorkflow",
    ]
    assert isinstance(results[1], UnknownWorkflow)
    with psycopg.connect(database.url()) as connection:
        kept = connection.execute("SELECT workflow FROM ledger.run_numbers").fetchall()
    assert kept == [("deploy",)]


async def test_a_lost_session_costs_no_number_twice(
    numbers: RunNumbers, database: Database
) -> None:
    seen: list[int] = []
    for _ in range(5):
        seen.append((await numbers.take(NAMESPACE, "deploy")).number)
        with psycopg.connect(database.url("postgres")) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = 'numbers' AND datname = current_database()"
            )
    assert seen == sorted(set(seen))
    assert len(seen) == 5


async def test_who_gives_up_costs_no_other_caller_its_number(
    numbers: RunNumbers,
) -> None:
    tasks = [asyncio.create_task(numbers.take(NAMESPACE, "deploy")) for _ in range(6)]
    await asyncio.sleep(0)
    tasks[1].cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    kept = [one.number for one in results if not isinstance(one, BaseException)]
    assert len(set(kept)) == 5


async def test_a_store_that_stays_away_is_unavailable(database: Database) -> None:
    url = database.url("runledger_command").replace(database.name, "nowhere")
    async with RunNumbers(url, patience=0.3) as numbers:
        with pytest.raises(Unavailable):
            await numbers.take(NAMESPACE, "deploy")
