"""What the service says of itself: lag, parked runs, readiness."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.run.commands import StartStep
from infra.postgres import (
    PROJECTOR_LOCKS,
    PUBLISHER_LOCK,
    TIMERS_LOCK,
    connect,
)
from infra.settings import PARTITIONS
from query_api.answers import ParkedList, RunAnswer, System
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from psycopg import Connection

    from domain.ids import RunId
    from query_api.answers.system import Processes
    from tests.query_api.serving import Api
    from tests.query_api.world import World


def test_lag_is_told_per_partition(world: World, api: Api) -> None:
    world.register()
    run = world.create()
    before = System.model_validate(api.ask("/v1/system"))
    assert before.log.position == world.position
    assert before.publisher.lag_events == world.position
    assert before.publisher.lag_s > 0
    assert before.position == 0
    world.publish()
    partition = run.bytes[-1] % 8
    (generation,) = System.model_validate(api.ask("/v1/system")).generations
    assert sum(one.lag_events for one in generation.partitions) == world.position
    assert generation.partitions[partition].lag_events >= 3
    assert generation.partitions[partition].lag_s > 0
    assert generation.partitions[partition].published == world.position
    world.project()
    after = System.model_validate(api.ask("/v1/system"))
    assert after.position == world.position
    assert after.publisher.lag_events == 0
    assert after.publisher.published_at == after.log.recorded_at
    assert after.generations[0].lag_s == 0
    assert {one.lag_events for one in after.generations[0].partitions} == {0}


def seen(api: Api) -> Processes:
    return System.model_validate(api.ask("/v1/system")).processes


def held(world: World, role: str, name: str) -> Connection[Any]:
    """A session such as a process of the service has."""
    return connect(world.database.url(role), name=name, autocommit=True)


def test_a_dead_process_is_seen_at_a_glance(world: World, api: Api) -> None:
    nobody = seen(api)
    for process in (nobody.publisher, nobody.projector, nobody.timers):
        assert (process.active, process.standing_by) == (False, 0)
    assert nobody.projector.unprojected == list(range(PARTITIONS))
    lock = "SELECT pg_try_advisory_lock(%s)"
    with (
        held(world, "runledger_publisher", "publisher") as publisher,
        held(world, "runledger_publisher", "publisher"),
        held(world, "runledger_command", "timers") as timers,
        held(world, "runledger_projector", "projector") as one,
        held(world, "runledger_projector", "projector") as two,
    ):
        publisher.execute(lock, (PUBLISHER_LOCK,))
        timers.execute(lock, (TIMERS_LOCK,))
        for partition in range(PARTITIONS - 1):
            holder = one if partition % 2 else two
            holder.execute(
                "SELECT pg_try_advisory_lock(%s, %s)", (PROJECTOR_LOCKS, partition)
            )
        now = seen(api)
        assert (now.publisher.active, now.publisher.standing_by) == (True, 1)
        assert (now.timers.active, now.timers.standing_by) == (True, 0)
        assert (now.projector.active, now.projector.projecting) == (False, 2)
        assert now.projector.unprojected == [PARTITIONS - 1]
        two.execute(
            "SELECT pg_try_advisory_lock(%s, %s)", (PROJECTOR_LOCKS, PARTITIONS - 1)
        )
        assert seen(api).projector.active
    eventually(lambda: not seen(api).publisher.active)
    gone = seen(api)
    assert not gone.projector.active
    assert not gone.timers.active


def poisoned(world: World) -> RunId:
    """A run with an event that no fold can apply, and one after it."""
    world.register()
    run = world.create()
    world.project()
    world.do(run, StartStep(step="build"))
    world.execute(
        "SET session_replication_role = replica;"
        " ALTER TABLE ledger.runledger_events DISABLE TRIGGER append_only"
    )
    world.execute(
        """
        UPDATE ledger.runledger_events SET state = '{"step": "build"}'
         WHERE topic = 'run.step.started'
        """
    )
    return run


def test_a_degraded_run_is_named_wherever_it_is_shown(world: World, api: Api) -> None:
    run = poisoned(world)
    other = world.create()
    world.project(parking=2)
    listed = api.get("runs")
    assert listed["degraded"] == [str(run)]
    assert {item["run_id"]: item["degraded"] for item in listed["items"]} == {
        str(run): True,
        str(other): False,
    }
    matrix = api.get("workflows/deploy/matrix")
    assert matrix["degraded"] == [str(run)]
    assert [column["degraded"] for column in matrix["runs"]] == [False, True]
    (parked,) = ParkedList.model_validate(api.get("parked")).items
    assert parked.run_id == run
    assert parked.topic == "run.step.started"
    assert parked.replay is None
    assert api.ask("/v1/system")["parked"]["runs"] == 1
    told = RunAnswer.model_validate(api.get(f"runs/{run}"))
    assert told.degraded
    assert told.degradation is not None
    assert told.degradation.since_position == parked.since_position
    assert "could not be applied" in told.explanation
    # Its events are all there: the list comes from the log.
    assert len(api.get(f"runs/{run}/events")["items"]) == world.runs[run].version
    world.execute(
        "INSERT INTO projection.replay_requests (run_id, requested_by)"
        " VALUES (%s, 'ada')",
        run,
    )
    (parked,) = ParkedList.model_validate(api.get("parked")).items
    assert parked.replay is not None
    assert parked.replay.requested_by == "ada"


def test_ready_tells_what_works_and_how_far_it_is(world: World, api: Api) -> None:
    world.register()
    world.create()
    found = api.ask("/health/ready")
    assert found["status"] == "ready"
    assert found["checks"]["postgres"]["ok"]
    assert found["checks"]["live"]["ok"]
    lag = found["checks"]["publisher"]["found"]
    assert lag.startswith(f"{world.position} events behind the log, for")
    assert api.ask("/health/live") == {"status": "alive"}


def test_old_lag_is_called_what_it_is(world: World, api: Api) -> None:
    """Behind is not broken: it is told, and the process goes on serving."""
    world.register()
    world.execute(
        "SET session_replication_role = replica;"
        " ALTER TABLE ledger.runledger_events DISABLE TRIGGER append_only"
    )
    world.execute(
        "UPDATE ledger.runledger_events SET recorded_at = recorded_at - interval '1 h'"
    )
    found = api.ask("/health/ready")
    assert found["status"] == "ready"
    assert not found["checks"]["publisher"]["ok"]
    assert "is Kafka there" in found["checks"]["publisher"]["found"]
    assert not found["checks"]["projector"]["ok"]
