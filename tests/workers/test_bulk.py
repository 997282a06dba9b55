"""The runner of bulk operations, on a real database: each item once, come what may."""

from __future__ import annotations

import asyncio
import sys
import uuid
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pytest

from domain.bulk.commands import (
    ApproveSteps,
    CancelRuns,
    RetryRuns,
    StopBulk,
)
from domain.bulk.events import BulkItemsDone, BulkStarted
from domain.bulk.items import BulkItem
from domain.errors import Unavailable
from domain.run.commands import (
    CompleteStep,
    CreateRun,
    FailStep,
    RedoStep,
    StartStep,
)
from domain.run.events import RunCanceled, RunCancelRequested, RunCreated, RunRetried
from domain.workflow.definition import StepDefinition, WorkflowDefinition
from infra.bulk.operations import Open, Operations
from infra.postgres_async import connect, pool
from tests.support import bulk as bulks
from tests.support.commanding import Process, process
from tests.support.waiting import eventually_async
from workers import bulk as worker

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from uuid import UUID

    from domain.bulk.state import Bulk
    from domain.run.commands import RunCommand
    from tests.support.database import Database

pytestmark = pytest.mark.anyio

DEPLOY = WorkflowDefinition(
    name="deploy",
    steps=(
        StepDefinition(name="build"),
        StepDefinition(name="ship", needs=("build",), effects="once"),
        StepDefinition(name="review", kind="approval", needs=("ship",)),
    ),
)
BUILT = (StartStep(step="build"), CompleteStep(step="build"))
SHIPPED = (StartStep(step="ship"), CompleteStep(step="ship"))
FAILED = (StartStep(step="build"), FailStep(step="build", retryable=False))

CANCEL = CancelRuns(type="cancel")
RETRY = RetryRuns(type="retry")
APPROVE = ApproveSteps(type="approve")


@pytest.fixture
async def service(database: Database) -> AsyncIterator[Process]:
    async with process(database) as found:
        await found.register(DEPLOY)
        yield found


@pytest.fixture
def url(database: Database) -> str:
    return database.url("runledger_command")


async def runs(service: Process, count: int, *more: RunCommand) -> list[BulkItem]:
    """New runs, each that far, as items."""
    create = CreateRun(workflow="deploy")
    answers = await asyncio.gather(
        *(service.do(None, create, *more) for _ in range(count))
    )
    return [
        BulkItem(run_id=each.run_id, workflow="deploy", number=each.number)
        for each in answers
    ]


async def tell(url: str) -> None:
    async with pool(url, name="test", max_size=1) as connections:
        await Operations(connections).tell()


async def test_every_item_is_a_command_of_its_own(service: Process, url: str) -> None:
    items = await runs(service, 3)
    bulk_id = await bulks.start(service, CANCEL, items)
    async with bulks.runner(url):
        bulk = await bulks.ended(service, bulk_id)
    assert (bulk.state, bulk.counts) == ("completed", {"done": 3})
    (started, *_) = await service.log.stream(bulk_id)
    assert isinstance(started.event, BulkStarted)
    for item, result in zip(items, await bulks.results(service, bulk_id), strict=True):
        events = await service.log.stream(item.run_id)
        own = [each for each in events if each.correlation_id == bulk_id]
        assert isinstance(own[0].event, RunCancelRequested)
        assert own[0].event.reason == "bad deploy"
        assert {each.actor for each in own} == {"ada"}
        assert {each.causation_id for each in own} == {started.event_id}
        assert isinstance(own[-1].event, RunCanceled)
        assert (result.version, result.position) == (own[-1].version, own[-1].position)


async def test_each_item_has_its_own_result(service: Process, url: str) -> None:
    (fresh,) = await runs(service, 1)
    (over,) = await runs(service, 1, *FAILED)
    (canceled,) = await runs(service, 1)
    await bulks.ended_by(service, url, CANCEL, [canceled])
    gone = BulkItem(run_id=uuid.uuid4())
    bulk_id = await bulks.start(service, CANCEL, [over, fresh, canceled, gone])
    async with bulks.runner(url):
        bulk = await bulks.ended(service, bulk_id)
    assert bulk.counts == {"done": 1, "nothing": 1, "refused": 1, "not_found": 1}
    results = await bulks.results(service, bulk_id)
    assert [each.result for each in results] == [
        "refused",
        "done",
        "nothing",
        "not_found",
    ]
    assert results[0].code == "run-over"
    assert "is over" in results[0].message


async def test_what_is_refused_is_kept_like_any_refusal(
    service: Process, url: str, database: Database
) -> None:
    (over,) = await runs(service, 1, *FAILED)
    bulk_id = await bulks.start(service, CANCEL, [over])
    async with bulks.runner(url):
        await bulks.ended(service, bulk_id)
    async with await connect(database.url(), name="test") as connection:
        cursor = await connection.execute(
            "SELECT run_id, actor, code, key FROM ledger.refusals"
        )
        rows = await cursor.fetchall()
    assert rows == [(over.run_id, "ada", "run-over", f"bulk:{bulk_id}:1")]


async def test_a_retry_names_the_new_run(service: Process, url: str) -> None:
    items = await runs(service, 2, *FAILED)
    bulk_id = await bulks.start(service, RETRY, items)
    async with bulks.runner(url):
        await bulks.ended(service, bulk_id)
    for item, result in zip(items, await bulks.results(service, bulk_id), strict=True):
        assert result.result == "done"
        assert result.new_run is not None
        (created, *_) = await service.log.stream(result.new_run)
        assert isinstance(created.event, RunCreated)
        assert created.event.retry_of == item.run_id
        assert created.event.number == result.new_number


async def test_what_is_not_safe_to_repeat_is_refused_unless_accepted(
    service: Process, url: str
) -> None:
    safe = await runs(service, 1, *FAILED)
    unsafe = await runs(service, 1, *BUILT, StartStep(step="ship"))
    await bulks.ended_by(service, url, CancelRuns(type="cancel", force=True), unsafe)
    bulk_id = await bulks.start(service, RETRY, [*safe, *unsafe])
    async with bulks.runner(url):
        await bulks.ended(service, bulk_id)
        first, second = await bulks.results(service, bulk_id)
        assert first.result == "done"
        assert (second.result, second.code) == ("refused", "unsafe-to-repeat")
        accepting = RetryRuns(type="retry", accept_unsafe=True)
        again = await bulks.start(service, accepting, unsafe)
        await tell(url)
        await bulks.ended(service, again)
    (result,) = await bulks.results(service, again)
    assert result.result == "done"


async def test_nobody_approves_what_was_not_previewed(
    service: Process, url: str
) -> None:
    items = await runs(service, 2, *BUILT, *SHIPPED)
    asked = [await question(service, item) for item in items]
    again = RedoStep(step="ship", accept_unsafe=True)
    await service.do(items[1].run_id, again, *SHIPPED)
    nothing = await runs(service, 1)
    bulk_id = await bulks.start(service, APPROVE, [*asked, *nothing])
    async with bulks.runner(url):
        await bulks.ended(service, bulk_id)
    results = await bulks.results(service, bulk_id)
    assert [(each.result, each.code) for each in results] == [
        ("done", ""),
        ("refused", "stale-decision"),
        ("refused", "wrong-state"),
    ]


async def question(service: Process, item: BulkItem) -> BulkItem:
    """The open question of a run, as a preview would list it."""
    for each in reversed(await service.log.stream(item.run_id)):
        if each.event.topic == "run.approval.requested":
            told = each.event.model_dump()
            return item.model_copy(
                update={
                    name: told[name] for name in ("step", "iteration", "subject_digest")
                }
            )
    raise AssertionError("nothing is asked")


async def test_runs_that_match_later_are_not_touched(
    service: Process, url: str
) -> None:
    items = await runs(service, 1)
    bulk_id = await bulks.start(service, CANCEL, items)
    (later,) = await runs(service, 1)
    async with bulks.runner(url):
        await bulks.ended(service, bulk_id)
    events = await service.log.stream(later.run_id)
    assert not any(isinstance(each.event, RunCanceled) for each in events)


async def test_results_are_recorded_as_it_goes_on(service: Process, url: str) -> None:
    items = await runs(service, 250)
    bulk_id = await bulks.start(service, CANCEL, items)
    async with bulks.runner(url):
        await bulks.ended(service, bulk_id)
    sizes = [
        len(each.event.results)
        for each in await service.log.stream(bulk_id)
        if isinstance(each.event, BulkItemsDone)
    ]
    assert sum(sizes) == 250
    assert max(sizes) <= worker.CHUNK


async def test_a_stop_takes_effect_between_two_records(
    service: Process, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "CHUNK", 10)
    items = await runs(service, 200)
    bulk_id = await bulks.start(service, CANCEL, items)
    async with bulks.runner(url):
        await eventually_async(lambda: recorded(service, bulk_id))
        await service.do(bulk_id, StopBulk(reason="wrong ones"))
        bulk = await bulks.ended(service, bulk_id)
    assert bulk.state == "stopped"
    assert 0 < bulk.done < 200
    canceled = [await is_canceled(service, item) for item in items]
    assert canceled == [place < bulk.done for place in range(200)]


async def recorded(service: Process, bulk_id: UUID) -> bool:
    return (await bulks.shown(service, bulk_id)).done > 0


async def is_canceled(service: Process, item: BulkItem) -> bool:
    events = await service.log.stream(item.run_id)
    return isinstance(events[-1].event, RunCanceled)


async def test_one_that_was_stopped_before_it_began_does_nothing(
    service: Process, url: str
) -> None:
    items = await runs(service, 2)
    bulk_id = await bulks.start(service, CANCEL, items)
    await service.do(bulk_id, StopBulk())
    async with bulks.runner(url):
        bulk = await bulks.ended(service, bulk_id)
    assert (bulk.state, bulk.done) == ("stopped", 0)


async def test_a_killed_runner_repeats_nothing(service: Process, url: str) -> None:
    items = await runs(service, 600, *FAILED)
    bulk_id = await bulks.start(service, RETRY, items)
    kills = 0
    for _ in range(2):
        before = (await bulks.shown(service, bulk_id)).done
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.support.bulk", url
        )
        await eventually_async(partial(further, service, bulk_id, before))
        child.kill()
        await child.wait()
        kills += not (await bulks.shown(service, bulk_id)).final
    assert kills, "it was over before it could be killed"
    async with bulks.runner(url):
        bulk = await bulks.ended(service, bulk_id)
    # A retry done twice would have been refused, the first one being open.
    assert bulk.counts == {"done": 600}
    new = [each.new_run for each in await bulks.results(service, bulk_id)]
    assert len(set(new)) == 600
    for item, made in zip(items[::37], new[::37], strict=True):
        links = [
            each.event
            for each in await service.log.stream(item.run_id)
            if isinstance(each.event, RunRetried)
        ]
        assert [link.new_run for link in links] == [made]


async def further(service: Process, bulk_id: UUID, floor: int) -> bool:
    return (await bulks.shown(service, bulk_id)).done > floor


async def test_an_item_done_by_a_runner_that_was_killed_counts_as_done(
    service: Process, url: str
) -> None:
    """Carried out, and not recorded: what comes again finds its own key."""
    (item, idle) = await runs(service, 2)
    bulk_id = await bulks.start(service, CANCEL, [item, idle])
    async with bulks.runner(url) as first:
        await bulks.ended(service, bulk_id)
        known = await first._handler.bulks.get("default", bulk_id)
        assert known is not None
        # The same items once more, as if nothing had been recorded of them.
        unrecorded = known._replace(bulk=replace(known.bulk, counts={}))
        again = await first._chunk(Open("default", bulk_id), unrecorded)
    assert [each.result for each in again] == ["done", "done"]
    assert list(again) == await bulks.results(service, bulk_id)


async def test_two_runners_at_once_do_nothing_twice(service: Process, url: str) -> None:
    items = await runs(service, 150, *FAILED)
    bulk_id = await bulks.start(service, RETRY, items)
    async with bulks.runner(url), bulks.runner(url):
        bulk = await bulks.ended(service, bulk_id)
    assert bulk.counts == {"done": 150}
    results = await bulks.results(service, bulk_id)
    assert len({each.new_run for each in results}) == 150


async def test_a_small_operation_does_not_wait_for_a_large_one(
    service: Process, url: str
) -> None:
    large = await bulks.start(service, CANCEL, await runs(service, 400))
    small = await bulks.start(service, CANCEL, await runs(service, 5))
    async with bulks.runner(url):
        await bulks.ended(service, small)
        assert not (await bulks.shown(service, large)).final
        await bulks.ended(service, large)


async def test_more_operations_than_go_on_at_once_all_end(
    service: Process, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "AT_ONCE", 2)
    every = [
        await bulks.start(service, CANCEL, await runs(service, 2)) for _ in range(5)
    ]
    async with bulks.runner(url):
        for bulk_id in every:
            await bulks.ended(service, bulk_id)


async def test_it_is_woken_when_an_operation_starts(
    service: Process, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "LOOK_S", 3_600)
    async with bulks.runner(url):
        first = await bulks.start(service, CANCEL, await runs(service, 1))
        await tell(url)
        await bulks.ended(service, first)
        second = await bulks.start(service, CANCEL, await runs(service, 1))
        await tell(url)
        await bulks.ended(service, second)


async def test_it_goes_on_when_the_database_comes_back(
    service: Process,
    url: str,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(worker, "LOOK_S", 3_600)
    monkeypatch.setattr(worker, "CHUNK", 20)
    items = await runs(service, 300, *FAILED)
    bulk_id = await bulks.start(service, RETRY, items)
    async with bulks.runner(url):
        for _ in range(3):
            floor = (await patiently(service, bulk_id)).done
            assert await cut_all_sessions(database)
            await eventually_async(partial(further_or_over, service, bulk_id, floor))
        bulk = await bulks.ended(service, bulk_id)
        assert bulk.counts == {"done": 300}
        results = await bulks.results(service, bulk_id)
        assert len({each.new_run for each in results}) == 300
        # It listens again as well.
        late = await bulks.start(service, CANCEL, await runs(service, 1))
        await eventually_async(partial(woken, service, url, late))


async def patiently(service: Process, bulk_id: UUID) -> Bulk:
    """As the log has it, by sessions that may have been cut as well."""
    while True:
        try:
            return await bulks.shown(service, bulk_id)
        except Unavailable:
            await asyncio.sleep(0)


async def further_or_over(service: Process, bulk_id: UUID, floor: int) -> bool:
    bulk = await patiently(service, bulk_id)
    return bulk.final or bulk.done > floor


async def woken(service: Process, url: str, bulk_id: UUID) -> bool:
    await tell(url)
    return (await bulks.shown(service, bulk_id)).final


async def cut_all_sessions(database: Database) -> int:
    """As a restart of the server would; how many there were."""
    owner = database.url("postgres")
    async with await connect(owner, name="test", autocommit=True) as connection:
        cursor = await connection.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            "   AND application_name <> 'test'"
        )
        row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


async def test_one_that_cannot_be_read_keeps_no_other_from_going_on(
    service: Process, url: str, database: Database
) -> None:
    broken = await bulks.start(service, CANCEL, await runs(service, 1))
    owner = database.url("postgres")
    async with await connect(owner, name="test", autocommit=True) as connection:
        await connection.execute(
            "ALTER TABLE ledger.runledger_events DISABLE TRIGGER append_only"
        )
        await connection.execute(
            "UPDATE ledger.runledger_events SET topic = 'bulk.unheard_of'"
            " WHERE originator_id = %s AND originator_version = 2",
            (broken,),
        )
    good = await bulks.start(service, CANCEL, await runs(service, 1))
    async with bulks.runner(url):
        bulk = await bulks.ended(service, good)
    assert bulk.state == "completed"
