"""Read-your-writes: whoever has written waits until it shows, and no longer."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import psycopg
import pytest

from domain.run.commands import StartStep
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.query_api.serving import Api
    from tests.query_api.world import World

LONG_S = 20


@pytest.fixture
def asking() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as pool:
        yield pool


def looking(world: World) -> int:
    """How often the query API has looked for those who wait."""
    (row,) = world.execute(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND application_name = 'runledger-query-waits' AND query LIKE 'LISTEN%%'"
    )
    return int(row[0])


def test_a_waiter_is_woken_by_the_commit(
    world: World, api: Api, asking: ThreadPoolExecutor
) -> None:
    world.register()
    run = world.create()
    world.project()
    world.do(run, StartStep(step="build"))
    version = world.runs[run].version
    answer = asking.submit(
        api.get, f"runs/{run}", min_version=version, wait_s=LONG_S, strict="true"
    )
    other = asking.submit(
        api.get, "runs", min_position=world.position, wait_s=LONG_S, strict="true"
    )
    assert not answer.done()
    started = time.monotonic()
    world.project()
    assert answer.result(15)["version"] == version
    assert other.result(15)["position"] >= world.position
    assert time.monotonic() - started < 15
    assert not answer.result()["stale"]


def test_what_is_there_already_is_not_waited_for(world: World, api: Api) -> None:
    world.register()
    run = world.create()
    position = world.project()
    answer = api.get(f"runs/{run}", min_version=1, min_position=position, wait_s=0)
    assert not answer["stale"]


def test_out_of_time_the_answer_says_that_it_is_stale(world: World, api: Api) -> None:
    world.register()
    run = world.create()
    seen = world.project()
    world.do(run, StartStep(step="build"))
    late = {"min_position": world.position, "wait_s": 0.05}
    for path in ("runs", "workflows", "workflows/deploy/matrix", "approvals"):
        answer = api.get(path, **late)
        assert answer["stale"], path
        assert answer["position"] == seen, path
    answer = api.get(f"runs/{run}", min_version=99, wait_s=0.05)
    assert answer["stale"]


def test_whoever_is_strict_gets_no_stale_answer(world: World, api: Api) -> None:
    world.register()
    run = world.create()
    world.project()
    goal = world.position + 99
    strict = {"wait_s": 0.05, "strict": "true"}
    for answer in (
        api.refused(f"runs/{run}", 503, min_version=goal, **strict),
        api.refused("runs", 503, min_position=goal, **strict),
    ):
        assert answer["type"] == "urn:runledger:problem:behind"


def test_a_position_waits_for_every_partition(
    world: World, api: Api, asking: ThreadPoolExecutor
) -> None:
    world.register()
    runs = [world.create() for _ in range(12)]
    alone = runs[0].bytes[-1] % 8
    assert {run.bytes[-1] % 8 for run in runs} != {alone}
    world.project([alone])
    # The first run's row is there, the others' are not.
    assert not api.get(f"runs/{runs[0]}", min_version=1, wait_s=0.05)["stale"]
    assert api.get("runs", min_position=world.position, wait_s=0.05)["stale"]
    answer = asking.submit(
        api.get, "runs", min_position=world.position, wait_s=LONG_S, strict="true"
    )
    world.project()
    assert len(answer.result(15)["items"]) == len(runs)


def test_what_is_not_published_is_not_claimed(world: World, api: Api) -> None:
    """Partitions that have all that was published stand where the publisher stands."""
    world.register()
    seen = world.project()
    world.create()
    assert api.get("runs")["position"] == seen
    world.publish()
    assert api.get("runs")["position"] <= world.position


def test_many_wait_over_one_session(
    world: World, api: Api, asking: ThreadPoolExecutor
) -> None:
    world.register()
    world.create()
    goal = world.position
    answers = [
        asking.submit(api.get, "runs", min_position=goal, wait_s=LONG_S, strict="true")
        for _ in range(8)
    ]
    assert looking(world) == 1
    world.project()
    assert [answer.result(15)["stale"] for answer in answers] == [False] * 8


def test_a_waiter_outlives_the_loss_of_the_listening_session(
    world: World, api: Api, asking: ThreadPoolExecutor
) -> None:
    world.register()
    world.create()
    eventually(lambda: looking(world) == 1)
    answer = asking.submit(
        api.get, "runs", min_position=world.position, wait_s=LONG_S, strict="true"
    )
    world.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database()"
        " AND application_name = 'runledger-query-waits'"
    )
    world.project()
    assert not answer.result(15)["stale"]
    eventually(lambda: looking(world) == 1)


def test_the_sessions_of_the_query_api_cannot_write(world: World, api: Api) -> None:
    api.get("runs")
    with (
        psycopg.connect(world.database.url("runledger_query")) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("DELETE FROM read.runs")
