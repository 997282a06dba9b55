"""Workers and queues, as they are at this moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from query_api.answers import QueueList, WorkerList
from tests.query_api.test_jobs import begun, fetched

if TYPE_CHECKING:
    from tests.query_api.serving import Api
    from tests.query_api.world import World


def test_a_worker_tells_what_it_serves_and_what_it_has(world: World, api: Api) -> None:
    run = begun(world)
    world.see("host-1", queue="fast", workflows=["nightly", "deploy"], slots=8)
    world.lease(run, "fetch", worker="host-1")
    world.beat(run, "fetch", '{"fraction": null, "message": "page 3"}')
    world.project()
    (worker,) = WorkerList.model_validate(api.get("workers")).items
    assert (worker.worker, worker.state, worker.principal) == ("host-1", "live", "team")
    assert (worker.queue, worker.slots) == ("fast", 8)
    assert worker.workflows == ["nightly", "deploy"]
    (job,) = worker.jobs
    assert (job.run_id, job.number, job.step, job.attempt) == (run, 1, "fetch", 1)
    assert job.progress is not None
    assert job.progress.message == "page 3"


def test_a_worker_that_is_not_heard_of_is_offline(world: World, api: Api) -> None:
    world.see("host-1", queue="fast", ago_s=61)
    world.see("host-2", queue="slow")
    states = {one["worker"]: one["state"] for one in api.get("workers")["items"]}
    assert states == {"host-1": "offline", "host-2": "live"}

    def found(**filters: str) -> list[str]:
        return [one["worker"] for one in api.get("workers", **filters)["items"]]

    assert found(state="live") == ["host-2"]
    assert found(state="offline") == ["host-1"]
    assert found(queue="fast") == ["host-1"]
    assert found(queue="fast", state="live") == []


def test_workers_come_in_pages(world: World, api: Api) -> None:
    for number in range(5):
        world.see(f"host-{number}", queue="fast")
    first = api.get("workers", limit=3)
    rest = api.get("workers", limit=3, cursor=first["next"])
    assert [one["worker"] for one in (*first["items"], *rest["items"])] == [
        f"host-{number}" for number in range(5)
    ]
    assert rest["next"] is None


def test_queues_say_what_waits_and_who_serves_them(world: World, api: Api) -> None:
    run = fetched(world)
    world.see("host-1", queue="fast", slots=8)
    world.see("host-2", queue="fast", slots=2)
    world.see("host-3", queue="fast", slots=4, ago_s=61)
    world.see("host-4", queue="idle")
    queues = {
        one.queue: one for one in QueueList.model_validate(api.get("queues")).items
    }
    assert set(queues) == {"fast", "gpu", "idle"}
    fast, gpu, idle = queues["fast"], queues["gpu"], queues["idle"]
    assert (fast.queued, fast.leased, fast.workers, fast.slots) == (1, 0, 2, 10)
    assert (gpu.queued, gpu.workers, gpu.slots) == (1, 0, None)
    assert gpu.oldest is not None
    assert (idle.queued, idle.oldest, idle.workers) == (0, None, 1)
    world.lease(run, "load")
    (fast,) = (one for one in api.get("queues")["items"] if one["queue"] == "fast")
    assert (fast["queued"], fast["leased"]) == (0, 1)
