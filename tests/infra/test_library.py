"""A plain application of the eventsourcing library reads our log."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, cast

import pytest
from eventsourcing.application import AggregateNotFoundError, Application
from eventsourcing.persistence import NotSupportedError, StoredEvent
from psycopg.conninfo import conninfo_to_dict

from domain.run.commands import CompleteStep, CreateRun, StartStep
from domain.run.events import RunCreated, RunQueued, StepCompleted
from domain.run.state import Run
from infra.event_store.mapper import EventMapper, OrjsonTranscoder, StoredFact
from infra.event_store.recorder import LogRecorder
from tests.support.appending import addition, some
from tests.support.commanding import DEPLOY, process

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from tests.support.commanding import Process
    from tests.support.database import Database

pytestmark = pytest.mark.anyio


class Plain(Application[uuid.UUID]):
    name = "runledger"


@pytest.fixture
async def service(database: Database) -> AsyncIterator[Process]:
    async with process(database) as service:
        await service.register()
        yield service


@pytest.fixture
def environment(database: Database) -> dict[str, str]:
    url = conninfo_to_dict(database.url("runledger_query"))
    return {
        "PERSISTENCE_MODULE": "infra.event_store.recorder",
        "CREATE_TABLE": "n",
        "POSTGRES_SCHEMA": "ledger",
        "POSTGRES_DBNAME": str(url["dbname"]),
        "POSTGRES_HOST": str(url["host"]),
        "POSTGRES_USER": str(url["user"]),
        "POSTGRES_PASSWORD": "",
        "POSTGRES_POOL_SIZE": "1",
    }


async def drive(service: Process) -> uuid.UUID:
    answer = await service.do(
        None,
        CreateRun(workflow="deploy", inputs={"tag": "v1"}),
        StartStep(step="build"),
        CompleteStep(step="build", output=[1, 2]),
    )
    return answer.run_id


async def test_its_event_store_has_a_run_s_events(
    service: Process, environment: dict[str, str]
) -> None:
    run_id = await drive(service)
    with Plain(environment) as application:
        assert isinstance(application.recorder, LogRecorder)
        facts = cast("list[StoredFact]", list(application.events.get(run_id)))
    assert facts == [
        StoredFact(each.stream_id, each.version, each.event)
        for each in await service.log.stream(run_id)
    ]
    assert isinstance(facts[0].event, RunCreated)


async def test_its_repository_folds_a_run(
    service: Process, environment: dict[str, str]
) -> None:
    run_id = await drive(service)

    def project(run: Any, facts: Iterable[Any]) -> Any:
        """The steps that are completed, so far."""
        for fact in facts:
            run = run or Run(DEPLOY)
            run.version = fact.originator_version
            if isinstance(fact.event, StepCompleted):
                run.state = fact.event.step
        return run

    with Plain(environment) as application:
        get = application.repository.get
        now: Any = get(run_id, projector_func=project)
        assert (now.version, now.state) == (7, "build")
        then: Any = get(run_id, version=2, projector_func=project)
        assert (then.version, then.state) == (2, "created")
        with pytest.raises(AggregateNotFoundError):
            get(uuid.uuid4(), projector_func=project)


async def test_its_notification_log_has_the_whole_log(
    service: Process, environment: dict[str, str]
) -> None:
    for _ in range(3):
        await drive(service)
    log = await service.log.page(0, 100)
    with Plain(environment) as application:
        select = application.notification_log.select
        notifications = [
            *select(start=1, limit=10),
            *select(start=11, limit=10),
            *select(start=21, limit=10),
        ]
        assert [
            (each.id, each.originator_id, each.originator_version)
            for each in notifications
        ] == [(each.position, each.stream_id, each.version) for each in log]
        facts = [application.mapper.to_domain_event(n) for n in notifications]
        queued = select(start=2, limit=10, topics=["run.queued"])
        assert application.recorder.max_notification_id() == len(log) == 22
    assert [cast("StoredFact", fact).event for fact in facts] == [
        each.event for each in log
    ]
    assert [each.topic for each in queued] == [RunQueued.topic] * 3


async def test_its_subscription_hears_of_appends(
    service: Process, environment: dict[str, str]
) -> None:
    await drive(service)
    with (
        Plain(environment) as application,
        application.recorder.subscribe(gt=0) as subscription,
    ):
        assert [next(subscription).id for _ in range(8)] == list(range(1, 9))


async def test_it_cannot_write(service: Process, environment: dict[str, str]) -> None:
    fact: Any = StoredFact(uuid.uuid4(), 1, RunQueued())
    with Plain(environment) as application, pytest.raises(NotSupportedError):
        application.events.put([fact])


async def test_the_mapper_makes_the_bytes_of_the_log(
    service: Process, environment: dict[str, str]
) -> None:
    mapper = EventMapper(OrjsonTranscoder())
    run_id = await drive(service)
    with Plain(environment) as application:
        stored = application.recorder.select_events(run_id)
    again = [mapper.to_stored_event(mapper.to_domain_event(each)) for each in stored]
    assert again == stored
    assert {type(each) for each in again} == {StoredEvent}


async def test_our_hand_made_events_are_in_it_too(
    service: Process, environment: dict[str, str]
) -> None:
    stream = uuid.uuid4()
    await service.log.append(addition(stream, *some(3)))
    with Plain(environment) as application:
        versions = [fact.originator_version for fact in application.events.get(stream)]
    assert versions == [1, 2, 3]
