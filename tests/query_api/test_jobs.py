"""Jobs in lists, and what a run tells of its jobs: now, and as it was."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest

from domain.run.commands import (
    CancelRun,
    CompleteStep,
    FailStep,
    PauseRun,
    ReleaseJob,
    RequestApproval,
    StopJob,
)
from domain.run.events import Failure
from domain.run.own_commands import LoseJob
from domain.workflow.definition import Backoff, StepDefinition, WorkflowDefinition
from query_api.answers import JobList, RunAnswer, StepAnswer
from tests.query_api.world import SECOND

if TYPE_CHECKING:
    from domain.ids import RunId
    from tests.query_api.serving import Api
    from tests.query_api.world import World

YEAR = 365 * 86_400.0

NIGHTLY = WorkflowDefinition(
    name="nightly",
    steps=(
        StepDefinition(name="fetch", queue="fast", max_attempts=3, timeout_s=600),
        StepDefinition(name="scan", queue="gpu", requires=("cuda",)),
        StepDefinition(
            name="load",
            queue="fast",
            needs=("fetch",),
            max_attempts=2,
            backoff=Backoff(first_s=YEAR, most_s=YEAR),
        ),
        StepDefinition(name="report", needs=("load", "scan")),
    ),
)


def begun(world: World) -> RunId:
    world.register(NIGHTLY)
    return world.create("nightly")


def fetched(world: World) -> RunId:
    run = begun(world)
    lease = world.lease(run, "fetch", worker="host-1")
    world.do(run, CompleteStep(step="fetch", attempt=1, lease=lease), actor="team")
    return run


def troubled(world: World) -> RunId:
    """A run whose first job was given back, whose second was lost, whose third
    failed, whose fourth succeeded."""
    run = begun(world)
    lease = world.lease(run, "fetch", worker="host-1")
    release = ReleaseJob(step="fetch", attempt=1, lease=lease, reason="restart")
    world.do(run, release, actor="team")
    lease = world.lease(run, "fetch", worker="host-2")
    world.do(run, LoseJob(step="fetch", lease=lease), actor="timers")
    lease = world.lease(run, "fetch", worker="host-3")
    error = Failure(type="Timeout", message="no answer\nat all")
    failed = FailStep(step="fetch", attempt=3, lease=lease, error=error)
    world.do(run, failed, actor="team")
    lease = world.lease(run, "fetch", worker="host-4")
    world.do(run, CompleteStep(step="fetch", attempt=4, lease=lease), actor="team")
    return run


def jobs_of(answer: Any) -> list[tuple[str, int, str]]:
    found = JobList.model_validate(answer)
    return [(job.step, job.attempt, job.state) for job in found.items]


def test_jobs_are_listed_the_newest_first(world: World, api: Api) -> None:
    run = troubled(world)
    world.project()
    expected = [
        ("load", 1, "queued"),
        ("fetch", 4, "succeeded"),
        ("fetch", 3, "failed"),
        ("fetch", 2, "lost"),
        ("scan", 1, "queued"),
        ("fetch", 1, "released"),
    ]
    answer = api.get("jobs")
    assert sorted(jobs_of(answer)) == sorted(expected)
    times = [job["queued_at"] for job in answer["items"]]
    assert times == sorted(times, reverse=True)
    assert api.get(f"runs/{run}/jobs")["items"] == answer["items"]
    assert api.get(f"runs/{uuid.uuid4()}/jobs")["items"] == []
    failed = next(job for job in answer["items"] if job["state"] == "failed")
    assert failed["error"] == "Timeout: no answer"
    assert (failed["outcome"], failed["worker"]) == ("failed", "host-3")
    assert failed["duration_s"] == 1


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"state": "lost"}, {("fetch", 2)}),
        ({"state": ["lost", "released"]}, {("fetch", 1), ("fetch", 2)}),
        ({"state": ["failed", "succeeded"]}, {("fetch", 3), ("fetch", 4)}),
        ({"state": "succeeded"}, {("fetch", 4)}),
        ({"queue": "gpu"}, {("scan", 1)}),
        ({"worker": "host-3"}, {("fetch", 3)}),
        ({"workflow": "nightly", "state": "queued"}, {("load", 1), ("scan", 1)}),
        ({"workflow": "deploy"}, set()),
        ({"run": str(uuid.UUID(int=1))}, set()),
    ],
)
def test_jobs_are_filtered(
    world: World, api: Api, filters: dict[str, Any], expected: set[tuple[str, int]]
) -> None:
    troubled(world)
    world.project()
    found = jobs_of(api.get("jobs", **filters))
    assert {(step, attempt) for step, attempt, _ in found} == expected


def test_pages_of_jobs_have_each_job_once(world: World, api: Api) -> None:
    troubled(world)
    for _ in range(2):
        world.create("nightly")
    world.project()
    whole = api.get("jobs")["items"]
    assert len(whole) == 10
    found, cursor = [], None
    while True:
        page = api.get("jobs", limit=3, cursor=cursor)
        found += page["items"]
        cursor = page["next"]
        if cursor is None:
            break
    assert found == whole
    problem = api.refused("jobs", 400, cursor=api.get("runs", limit=1)["next"])
    assert problem["type"] == "urn:runledger:problem:bad-cursor"


def test_a_leased_job_tells_its_heartbeat_and_progress(world: World, api: Api) -> None:
    run = begun(world)
    world.lease(run, "fetch")
    world.project()
    (silent,) = api.get("jobs", state="leased")["items"]
    assert (silent["heartbeat_at"], silent["progress"]) == (None, None)
    assert silent["lease_until"] is not None
    world.beat(run, "fetch", '{"fraction": 0.25, "message": "page 3"}')
    (job,) = JobList.model_validate(api.get("jobs", state="leased")).items
    assert job.progress is not None
    assert (job.progress.fraction, job.progress.message) == (0.25, "page 3")
    assert job.heartbeat_at is not None
    assert job.queued_s == 1


def test_attempts_carry_their_jobs(world: World, api: Api) -> None:
    run = troubled(world)
    world.project()
    step = StepAnswer.model_validate(api.get(f"runs/{run}/steps/fetch"))
    told = [
        (one.number, one.outcome, one.given_up, one.job and one.job.worker)
        for one in step.attempts
    ]
    assert told == [
        (1, "released", None, "host-1"),
        (2, "unknown", "lost", "host-2"),
        (3, "failed", None, "host-3"),
        (4, "completed", None, "host-4"),
    ]
    assert (step.losses, step.queue, step.timeout_s) == (1, "fast", 600)
    assert step.job is None
    assert step.awaits is None
    # Waiting stands apart from running: a second each, four times.
    assert (step.waits.queued_s, step.duration_s) == (4, 3)
    assert (step.waits.backoff_s, step.waits.people_s) == (0, 0)


def test_a_run_looks_the_same_from_the_tables_and_from_the_log(
    world: World, api: Api
) -> None:
    run = troubled(world)
    from_log = api.get(f"runs/{run}")
    world.project()
    from_tables = api.get(f"runs/{run}")
    past = api.get(f"runs/{run}", at_version=world.runs[run].version)
    for answer in (from_log, from_tables, past):
        RunAnswer.model_validate(answer)
    for one, other in zip(from_tables["steps"], from_log["steps"], strict=True):
        for step in (one, other):
            (step["awaits"] or {}).pop("workers", None)
            step.pop("explanation")
        assert one == other
    assert [one["attempts"] for one in past["steps"]] == [
        one["attempts"] for one in from_tables["steps"]
    ]


def awaited(answer: Any, step: str) -> dict[str, Any]:
    (found,) = (one for one in answer["awaits"] if one["step"] == step)
    shown = next(one for one in answer["steps"] if one["step"] == step)
    assert shown["awaits"] == found
    assert isinstance(found, dict)
    return found


def test_a_queued_step_says_whether_anybody_serves_its_queue(
    world: World, api: Api
) -> None:
    run = begun(world)
    world.project()
    answer = api.get(f"runs/{run}")
    fetch, scan = awaited(answer, "fetch"), awaited(answer, "scan")
    assert (fetch["kind"], fetch["queue"], fetch["workers"]) == ("worker", "fast", 0)
    assert scan["requires"] == ["cuda"]
    assert "fetch waits for a worker of queue fast since" in answer["explanation"]
    assert "no live worker would take it" in answer["explanation"]
    world.see("host-1", queue="fast", workflows=["nightly"])
    world.see("host-2", queue="fast", workflows=["nightly"], ago_s=61)
    world.see("host-3", queue="fast", workflows=["deploy"])
    world.see("host-4", queue="gpu", workflows=["nightly"])
    answer = api.get(f"runs/{run}")
    assert awaited(answer, "fetch")["workers"] == 1
    assert awaited(answer, "scan")["workers"] == 0
    world.see("host-4", queue="gpu", workflows=["nightly"], capabilities=["cuda", "x"])
    answer = api.get(f"runs/{run}")
    assert awaited(answer, "scan")["workers"] == 1
    assert "that is capable of cuda" in answer["explanation"]
    assert "1 live worker would take it" in answer["steps"][1]["explanation"]


def test_a_running_step_names_its_worker_and_how_far_it_is(
    world: World, api: Api
) -> None:
    run = begun(world)
    world.lease(run, "fetch", worker="host-7")
    world.beat(run, "fetch", '{"fraction": 0.5, "message": "page 3"}')
    world.project()
    answer = api.get(f"runs/{run}")
    job = awaited(answer, "fetch")
    assert (job["kind"], job["worker"], job["actor"]) == ("job", "host-7", "team")
    assert job["progress"] == {"fraction": 0.5, "message": "page 3"}
    assert job["until"] == answer["steps"][0]["times_out_at"] is not None
    told = "fetch (attempt 1) runs on worker host-7 since 2026-11-01"
    assert told in answer["explanation"]
    assert "50% done: page 3" in answer["explanation"]
    assert "last heard of at" in answer["steps"][0]["explanation"]


def test_live_facts_of_a_newer_state_are_not_told_of_an_older_one(
    world: World, api: Api
) -> None:
    run = begun(world)
    world.project()
    world.lease(run, "fetch")  # the tables do not know yet
    fetch = awaited(api.get(f"runs/{run}"), "fetch")
    assert (fetch["kind"], fetch["workers"]) == ("worker", None)


def test_a_step_that_is_tried_again_later_says_when(world: World, api: Api) -> None:
    run = fetched(world)
    lease = world.lease(run, "load")
    world.do(run, FailStep(step="load", attempt=1, lease=lease), actor="team")
    world.project()
    answer = api.get(f"runs/{run}")
    load = awaited(answer, "load")
    expected = world.now + YEAR * SECOND
    assert load["kind"] == "time"
    assert load["until"].startswith(expected.isoformat()[:19])
    assert f"load waits until {expected:%Y-%m-%d %H:%M:%S}" in answer["explanation"]
    assert answer["steps"][2]["available_at"] == load["until"]


def test_a_step_without_a_queue_waits_for_a_service(world: World, api: Api) -> None:
    world.register()
    run = world.create()
    world.project()
    answer = api.get(f"runs/{run}")
    assert awaited(answer, "build")["kind"] == "report"
    assert "waits for a service to report the start" in answer["explanation"]


def test_a_canceled_run_says_whom_it_waits_for(world: World, api: Api) -> None:
    run = begun(world)
    lease = world.lease(run, "fetch", worker="host-7")
    world.do(run, CancelRun(reason="wrong day"), actor="ada")
    world.project()
    answer = api.get(f"runs/{run}")
    assert answer["canceling"]
    assert answer["state"] == "running"
    stop = awaited(answer, "fetch")
    assert (stop["kind"], stop["worker"]) == ("stop", "host-7")
    assert (stop["actor"], stop["reason"]) == ("ada", "wrong day")
    assert "waits for fetch on worker host-7 to stop" in answer["explanation"]
    assert api.get("jobs", state="leased")["items"][0]["canceling"]
    world.do(run, StopJob(step="fetch", attempt=1, lease=lease), actor="team")
    world.project()
    ended = api.get(f"runs/{run}")
    assert (ended["state"], ended["canceling"]) == ("canceled", False)
    assert ended["cancel_requested"]
    assert ended["awaits"] == []


def test_a_held_run_waits_for_whoever_continues_it(world: World, api: Api) -> None:
    run = begun(world)
    world.do(run, PauseRun(reason="freeze"), actor="ada")
    world.project()
    answer = api.get(f"runs/{run}")
    (hold,) = answer["awaits"]
    assert (hold["kind"], hold["actor"], hold["reason"]) == (
        "continue",
        "ada",
        "freeze",
    )
    assert "not started while held" in answer["steps"][0]["explanation"]


def test_an_open_question_is_awaited_and_its_time_stands_apart(
    world: World, api: Api
) -> None:
    run = begun(world)
    lease = world.lease(run, "fetch")
    asked = RequestApproval(step="fetch", attempt=1, lease=lease, summary="Fine?")
    world.do(run, asked, actor="team")
    world.project()
    answer = api.get(f"runs/{run}")
    people = awaited(answer, "fetch")
    assert (people["kind"], people["required"], people["agreed"]) == ("people", 1, 0)
    fetch = answer["steps"][0]
    assert fetch["attempts"][0]["job"]["state"] == "succeeded"
    assert fetch["state"] == "waiting_for_approval"
