"""How the service does, for whoever operates it: lag, parked runs, queues, workers."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from uuid import UUID

import psycopg
from playwright.sync_api import expect

from infra import kafka
from infra.event_store import pages
from infra.postgres import connect
from infra.settings import EVENTS_TOPIC
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Locator, Page

    from infra.event_store.rows import Row
    from tests.support.service import Service
    from tests.support.world import World


def part(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name)


def test_jobs_that_nobody_serves_are_the_first_thing_said(
    world: World, page: Page, axe: Callable[[Page], None]
) -> None:
    world.register("train", {"name": "fit", "queue": "gpu"})
    for _ in range(3):
        world.start("train")
    page.goto("/system")
    health = part(page, "Health")
    expect(health).to_contain_text("No worker serves queue gpu while 3 jobs wait.")
    row = part(page, "Queues").get_by_role("row", name=re.compile("^gpu"))
    expect(row.get_by_role("cell").first).to_have_text("3")
    axe(page)

    leased(world, "train", queue="gpu", max_jobs=2)
    expect(health).not_to_contain_text("No worker serves queue gpu")
    expect(row.get_by_role("cell").first).to_have_text("1")


def test_a_worker_is_shown_with_its_leases_and_their_progress(
    world: World, page: Page, axe: Callable[[Page], None]
) -> None:
    world.register("train", {"name": "fit", "queue": "gpu"})
    world.start("train")
    (job,) = leased(world, "train", queue="gpu", max_jobs=1)
    page.goto("/system")
    jobs = part(page, "Workers").get_by_role("list", name="Jobs of gpu-host-1")
    expect(jobs.get_by_role("link", name="train#1")).to_be_visible()
    expect(jobs).to_contain_text("tells no progress")
    heartbeat(world, job, 0.42, "<b>epoch</b> 42 of 100")
    expect(jobs).to_contain_text("42 %")
    expect(jobs.get_by_text("<b>epoch</b> 42 of 100")).to_be_visible()
    expect(part(page, "Workers")).to_contain_text("1 of 4 slots")
    axe(page)

    silent_for(world, "3 minutes")
    expect(part(page, "Workers").get_by_text("offline")).to_be_visible()
    expect(part(page, "Health")).to_contain_text("Worker gpu-host-1 is lost")


def leased(world: World, workflow: str, **asked: Any) -> list[Any]:
    answer = world.post(
        "/jobs/lease",
        {
            "worker": "gpu-host-1",
            "workflows": [workflow],
            "lease_s": 600,
            "wait_s": 0,
            "slots": 4,
            **asked,
        },
    )
    jobs = answer["jobs"]
    assert isinstance(jobs, list)
    return jobs


def heartbeat(world: World, job: Any, fraction: float, message: str) -> None:
    named = {name: job[name] for name in ("run_id", "step", "lease")}
    progress = {"fraction": fraction, "message": message}
    world.post(
        "/jobs/heartbeat",
        {"worker": "gpu-host-1", "jobs": [{**named, "progress": progress}]},
    )


def silent_for(world: World, time: str) -> None:
    """The namespace's workers were last heard of so long ago."""
    with psycopg.connect(world.service.url(), autocommit=True) as connection:
        connection.execute(
            "UPDATE ledger.workers SET seen = seen - %s::interval WHERE namespace = %s",
            (time, world.namespace),
        )


def test_what_is_behind_is_seen_and_a_parked_run_is_replayed(
    world: World, page: Page, axe: Callable[[Page], None]
) -> None:
    world.register("release", {"name": "build"})
    run = world.start("release")
    world.level()
    page.goto("/system")
    flow = part(page, "Log and publisher")
    expect(flow.get_by_text("behind")).to_have_count(0)
    with publisher_held(world):
        world.post(f"/runs/{run}/pause", {"reason": "wait"})
        expect(flow).to_contain_text("behind")
        garble(world.service, UUID(run))
        parked = part(page, "Parked runs")
        expect(parked.get_by_role("link", name="release#1")).to_be_visible()
        expect(parked).to_contain_text("Undecodable")
        expect(part(page, "Health")).to_contain_text("1 run is parked")
        axe(page)
    parked.get_by_role("button", name="Replay").click()
    expect(parked.get_by_role("status")).to_contain_text("release#1 was replayed")
    expect(parked.get_by_role("row")).to_have_count(0)
    assert world.get(f"/runs/{run}")["state"] == "paused"


@contextmanager
def publisher_held(world: World) -> Iterator[None]:
    """The publisher waits meanwhile, with its checkpoint: nothing gets to Kafka."""
    with psycopg.connect(world.service.url("postgres")) as connection:
        connection.execute(
            "SELECT FROM projection.publisher_checkpoint FOR NO KEY UPDATE"
        )
        # It has to come by, with an event that nobody looks at.
        world.register("unlooked-at", {"name": "step"})
        eventually(lambda: connection.execute(WAITS).fetchone())
        yield
        connection.rollback()


WAITS = """
SELECT 1 FROM pg_stat_activity
 WHERE application_name = 'publisher' AND pg_backend_pid() = ANY(pg_blocking_pids(pid))
"""


def garble(service: Service, run: UUID) -> None:
    """A run's newest event comes through Kafka damaged, before it comes whole."""
    log = _log(service)
    damaged = next(row for row in reversed(log) if row.stream_id == run)
    partition = kafka.partition_of(run)
    before = [
        row.position for row in log if kafka.partition_of(row.stream_id) == partition
    ]
    previous = before[before.index(damaged.position) - 1]
    producer = kafka.producer(service.kafka.bootstrap, name="tests")
    try:
        producer.send(
            EVENTS_TOPIC,
            b"\xff{garbage",
            str(run).encode(),
            kafka.headers(damaged, previous),
            partition,
        )
        producer.flush()
    finally:
        producer.close()


def _log(service: Service) -> list[Row]:
    with connect(service.url(), name="tests", autocommit=True) as connection:
        end = service.head()
        return [row for page in pages.pages(connection, 0, end) for row in page]
