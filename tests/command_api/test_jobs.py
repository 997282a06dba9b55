"""Leasing, heartbeats and reports over HTTP, as workers send them."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from command_api.jobs import LeaseBody
from domain.run.commands import (
    CompleteStep,
    FailStep,
    ReleaseJob,
    RequestApproval,
    StopJob,
)
from tests.command_api.conftest import NS, code
from tests.support.waiting import eventually_async

if TYPE_CHECKING:
    from domain.commands import Command
    from tests.command_api.conftest import Api

pytestmark = pytest.mark.anyio

BUILD = {
    "name": "build",
    "steps": [
        {"name": "compile", "queue": "default", "max_attempts": 2},
        {"name": "test", "queue": "default", "needs": ["compile"]},
    ],
}
WIDE = {
    "name": "wide",
    "steps": [{"name": f"s{n}", "queue": "default"} for n in range(5)],
}
Job = dict[str, Any]


async def start(api: Api, definition: dict[str, Any] = BUILD, **more: object) -> str:
    """A new run of the workflow, with its first jobs queued."""
    await api.workflow(definition)
    body = {"workflow": definition["name"], **more}
    answer = await api.post(f"{NS}/runs", body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["run_id"])


async def lease(api: Api, *, token: str | None = None, **more: object) -> list[Job]:
    body: dict[str, object] = {
        "worker": "w1",
        "workflows": ["build", "wide"],
        "max_jobs": 10,
        "wait_s": 0,
        **more,
    }
    answer = await api.post(f"{NS}/jobs/lease", body, token=token)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["position"] >= 0
    jobs: list[Job] = told["jobs"]
    return jobs


def report(job: Job, kind: str = "complete_step", **more: object) -> dict[str, object]:
    named = {"step": job["step"], "attempt": job["attempt"], "lease": job["lease"]}
    return {"run_id": job["run_id"], "report": {"type": kind, **named, **more}}


async def send(
    api: Api, *reports: dict[str, object], token: str | None = None
) -> list[dict[str, Any]]:
    body = {"reports": reports}
    answer = await api.post(f"{NS}/jobs/reports", body, token=token)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def beat(api: Api, *jobs: Job, token: str | None = None) -> list[str]:
    body = {
        "worker": "w1",
        "jobs": [
            {"run_id": job["run_id"], "step": job["step"], "lease": job["lease"]}
            for job in jobs
        ],
    }
    answer = await api.post(f"{NS}/jobs/heartbeat", body, token=token)
    assert answer.status_code == 200, answer.text
    return [job["state"] for job in answer.json()["jobs"]]


async def topics(api: Api, run_id: str) -> list[str]:
    rows = await api.rows(
        "SELECT topic FROM ledger.runledger_events"
        f" WHERE originator_id = '{run_id}' ORDER BY originator_version"
    )
    return [topic for (topic,) in rows]


async def test_a_job_brings_all_that_its_worker_needs(api: Api) -> None:
    run_id = await start(api, inputs={"day": 1})
    (job,) = await lease(api, lease_s=45)
    assert await send(api, report(job, output={"rows": 3}))
    assert job["run_id"] == run_id
    assert (job["workflow"], job["workflow_version"], job["number"]) == ("build", 1, 1)
    assert (job["step"], job["iteration"], job["attempt"]) == ("compile", 1, 1)
    assert job["inputs"] == {"day": 1}
    assert job["lease_s"] == 45
    assert job["effects"] == "idempotent"
    assert (job["timeout_s"], job["retry_of"], job["feedback"]) == (None, None, None)
    assert job["earlier"] == []
    (following,) = await lease(api)
    assert (following["step"], following["outputs"]) == (
        "test",
        {"compile": {"rows": 3}},
    )


async def test_a_run_goes_to_its_end_by_leases_and_reports(api: Api) -> None:
    run_id = await start(api)
    for _ in range(2):
        (job,) = await lease(api)
        (item,) = await send(api, report(job))
        assert item["status"] == 200
        assert item["answer"]["discarded"] is False
    assert item["answer"]["state"] == "completed"
    told = await topics(api, run_id)
    assert told[2:] == [
        "run.step.queued",
        "run.job.leased",
        "run.step.started",
        "run.started",
        "run.job.succeeded",
        "run.step.completed",
        "run.step.queued",
        "run.job.leased",
        "run.step.started",
        "run.job.succeeded",
        "run.step.completed",
        "run.completed",
    ]
    assert await api.rows("SELECT FROM ledger.jobs") == []


async def test_values_that_lie_apart_are_read(api: Api) -> None:
    large = "x" * 40_000
    await start(api, inputs={"text": large})
    (job,) = await lease(api)
    assert job["inputs"] == {"text": large}
    await send(api, report(job, output=large))
    (job,) = await lease(api)
    assert job["inputs"] == {"text": large}
    assert job["outputs"] == {"compile": large}


async def test_a_poll_waits_for_a_job_of_this_process(api: Api) -> None:
    await api.workflow(BUILD)
    waiting = asyncio.create_task(lease(api, wait_s=20))
    await eventually_async(lambda: is_waiting(api))
    run_id = await start(api)
    async with asyncio.timeout(5):
        (job,) = await waiting
    assert job["run_id"] == run_id


async def is_waiting(api: Api, polls: int = 1) -> bool:
    groups = api.parts.leasing.dispatcher.waiting()
    return groups == polls


async def test_a_poll_waits_for_a_job_whose_time_comes(api: Api) -> None:
    first = {"name": "compile", "queue": "default", "max_attempts": 2}
    late = {"name": "build", "steps": [{**first, "backoff": {"first_s": 0.2}}]}
    await start(api, late)
    (job,) = await lease(api)
    await send(api, report(job, "fail_step"))
    assert await lease(api) == []
    async with asyncio.timeout(5):
        (job,) = await lease(api, wait_s=20)
    assert job["attempt"] == 2


async def test_first_come_first_served(api: Api) -> None:
    await api.workflow(BUILD)
    polls = []
    for n in range(3):
        polls.append(
            asyncio.create_task(lease(api, worker=f"w{n}", max_jobs=1, wait_s=20))
        )
        await eventually_async(partial(is_waiting, api, n + 1))
    for poll in polls:
        await start(api)
        async with asyncio.timeout(5):
            assert len(await poll) == 1


async def test_workers_that_ask_at_once_never_get_the_same_job(api: Api) -> None:
    for _ in range(8):
        await start(api, WIDE)
    got = await asyncio.gather(
        *(lease(api, worker=f"w{n}", max_jobs=5) for n in range(10))
    )
    jobs = [(job["run_id"], job["step"]) for found in got for job in found]
    assert len(jobs) == 40
    assert len(set(jobs)) == 40


async def test_a_worker_is_given_only_what_it_can_do(api: Api) -> None:
    gpu = {"name": "compile", "queue": "default", "requires": ["gpu"]}
    await start(api, {"name": "build", "steps": [gpu]})
    assert await lease(api) == []
    assert await lease(api, workflows=["wide"], capabilities=["gpu"]) == []
    assert await lease(api, queue="other", capabilities=["gpu"]) == []
    assert len(await lease(api, capabilities=["gpu", "arm"])) == 1


async def test_while_a_run_is_held_nothing_is_leased(api: Api) -> None:
    run_id = await start(api)
    await api.post(f"{NS}/runs/{run_id}/pause")
    assert await lease(api) == []
    await api.post(f"{NS}/runs/{run_id}/continue")
    assert len(await lease(api)) == 1


async def test_a_heartbeat_passes_cancellation_on(api: Api) -> None:
    run_id = await start(api)
    (job,) = await lease(api)
    assert await beat(api, job) == ["ok"]
    canceled = await api.post(f"{NS}/runs/{run_id}/cancel", {"reason": "superseded"})
    assert canceled.json()["state"] == "running"
    assert await beat(api, job) == ["stop"]
    (item,) = await send(api, report(job, "stop_job"))
    assert item["answer"]["state"] == "canceled"
    assert await beat(api, job) == ["gone"]


async def test_progress_is_kept_beside_the_job(api: Api) -> None:
    await start(api)
    (job,) = await lease(api)
    named = {name: job[name] for name in ("run_id", "step", "lease")}
    progress = {"fraction": 0.25, "message": "page 3 of 12"}
    body = {"worker": "w1", "jobs": [{**named, "progress": progress}]}
    before = await api.head()
    assert (await api.post(f"{NS}/jobs/heartbeat", body)).status_code == 200
    assert await api.rows("SELECT progress FROM ledger.jobs") == [(progress,)]
    assert await api.head() == before


async def test_the_same_report_again_records_nothing(api: Api) -> None:
    await start(api)
    (job,) = await lease(api)
    (first,) = await send(api, report(job, output=1))
    before = await api.head()
    (again,) = await send(api, report(job, output=1))
    assert again["status"] == 200
    assert again["answer"]["discarded"] is False
    assert again["answer"]["version"] == first["answer"]["version"]
    assert await api.head() == before


async def test_a_report_with_the_lease_of_yesterday_is_discarded(api: Api) -> None:
    run_id = await start(api)
    (job,) = await lease(api)
    await send(api, report(job, "release_job"))
    (again,) = await lease(api)
    assert again["attempt"] == 2
    (item,) = await send(api, report(job, output="late"))
    assert item["status"] == 200
    assert item["answer"]["discarded"] is True
    assert (await topics(api, run_id))[-1] == "run.step.report_discarded"
    (item,) = await send(api, report(again, output="in time"))
    assert item["answer"]["discarded"] is False


@pytest.mark.parametrize("kind", ["complete_step", "fail_step", "release_job"])
async def test_nobody_reports_on_the_job_of_another(api: Api, kind: str) -> None:
    mine = await api.token("worker", name="ada")
    theirs = await api.token("worker", name="eve")
    await start(api)
    (job,) = await lease(api, token=mine)
    before = await api.head()
    assert await beat(api, job, token=theirs) == ["gone"]
    (item,) = await send(api, report(job, kind), token=theirs)
    assert item["status"] == 409
    assert item["problem"]["type"].endswith(":not-your-job")
    invented = {**job, "lease": str(uuid.uuid4())}
    (item,) = await send(api, report(invented, kind), token=mine)
    assert item["problem"]["type"].endswith(":not-your-job")
    assert await api.head() == before
    assert await api.rows("SELECT FROM ledger.refusals") == []
    assert await beat(api, job, token=mine) == ["ok"]


async def test_reports_of_one_run_go_together(api: Api) -> None:
    run_id = await start(api, WIDE)
    jobs = await lease(api)
    assert len(jobs) == 5
    items = await send(api, *(report(job) for job in jobs))
    assert {item["answer"]["state"] for item in items} == {"completed"}
    assert len({item["answer"]["position"] for item in items}) == 1
    batches = await api.rows(
        "SELECT count(DISTINCT recorded_at) FROM ledger.runledger_events"
        f" WHERE originator_id = '{run_id}' AND topic = 'run.job.succeeded'"
    )
    assert batches == [(1,)]


async def test_whoever_reports_goes_on_with_what_follows(api: Api) -> None:
    run_id = await start(api)
    (job,) = await lease(api)
    following = {"worker": "w1", "workflows": ["build"], "lease_s": 45}
    body = {"reports": [report(job, output={"rows": 3})], "next": following}
    answer = await api.post(f"{NS}/jobs/reports", body)
    assert answer.status_code == 200, answer.text
    (then,) = answer.json()["jobs"]
    assert (then["run_id"], then["step"]) == (run_id, "test")
    assert then["outputs"] == {"compile": {"rows": 3}}
    assert await api.rows(
        "SELECT queue, worker, lease_us FROM ledger.jobs WHERE step = 'test'"
    ) == [("default", "w1", 45_000_000)]
    assert await lease(api) == []
    # Told again, the report records nothing and brings nothing.
    again = await api.post(f"{NS}/jobs/reports", body)
    assert again.json()["jobs"] == []
    assert await beat(api, then) == ["ok"]
    assert [item["status"] for item in await send(api, report(then))] == [200]
    assert (await topics(api, run_id))[-1] == "run.completed"


async def test_what_an_answer_that_was_lost_had_brought_is_handed_out_again(
    api: Api,
) -> None:
    await start(api, WIDE)
    first, second = await lease(api, max_jobs=2)
    assert await lease(api, max_jobs=2, known=[first["lease"]]) == [second]
    assert await lease(api, worker="w2", known=[], workflows=["build"]) == []
    known = [first["lease"], second["lease"]]
    assert len(await lease(api, known=known)) == 3
    assert len(await lease(api, known=known)) == 3, "they are handed out again"


async def test_one_that_is_refused_spoils_no_other(api: Api) -> None:
    run_id = await start(api, WIDE)
    jobs = await lease(api)
    alone = await start(api)
    (other,) = await lease(api)
    wrong = report({**jobs[2], "lease": str(uuid.uuid4())})
    nowhere = report({**jobs[3], "run_id": str(uuid.uuid4())})
    items = await send(
        api,
        report(jobs[0]),
        wrong,
        report(jobs[1]),
        nowhere,
        report(other),
        {"run_id": run_id, "report": {"type": "complete_step", "step": "s4"}},
    )
    assert [item["status"] for item in items] == [200, 409, 200, 404, 200, 422]
    assert (await topics(api, run_id)).count("run.step.completed") == 2
    assert "run.step.completed" in await topics(api, alone)


async def test_what_a_run_waits_for_is_in_the_answer(api: Api) -> None:
    run_id = await start(api)
    (job,) = await lease(api)
    summary = "Three rows."
    (item,) = await send(
        api, report(job, "request_approval", output=[1, 2, 3], summary=summary)
    )
    assert item["answer"]["state"] == "waiting_for_approval"
    decided = await api.post(
        f"{NS}/runs/{run_id}/steps/compile/redo", {"feedback": "Four rows."}
    )
    assert decided.status_code == 200, decided.text
    (job,) = await lease(api)
    assert (job["iteration"], job["feedback"]) == (2, "Four rows.")
    (earlier,) = job["earlier"]
    assert (earlier["output"], earlier["summary"]) == ([1, 2, 3], summary)


async def test_claims_of_a_request_that_is_given_up_are_given_back(api: Api) -> None:
    await api.workflow(BUILD)
    waiting = asyncio.create_task(lease(api, wait_s=20))
    await eventually_async(lambda: is_waiting(api))
    waiting.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await waiting
    assert await is_waiting(api, 0)
    await start(api)
    assert await api.rows("SELECT FROM ledger.jobs WHERE state = 'leased'") == []
    assert len(await lease(api)) == 1


async def test_workers_that_ask_are_noted(api: Api) -> None:
    await api.workflow(BUILD)
    await lease(api, worker="host-7", slots=4)

    async def seen() -> list[tuple[Any, ...]]:
        return await api.rows("SELECT worker, principal, slots FROM ledger.workers")

    assert await eventually_async(seen) == [("host-7", "ada", 4)]


@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        ("lease", {"worker": "w"}, "#/workflows"),
        ("lease", {"worker": "w", "workflows": []}, "#/workflows"),
        ("lease", {"worker": "", "workflows": ["a"]}, "#/worker"),
        ("lease", {"worker": "w", "workflows": ["a"], "lease_s": 1}, "#/lease_s"),
        ("lease", {"worker": "w", "workflows": ["a"], "max_jobs": 0}, "#/max_jobs"),
        ("lease", {"worker": "w", "workflows": ["a"], "wait_s": 60}, "#/wait_s"),
        ("lease", {"worker": "w", "workflows": ["a"], "much": 1}, "#/much"),
        ("heartbeat", {"worker": "w", "jobs": [{}]}, "#/jobs/0/run_id"),
        ("reports", {"reports": []}, "#/reports"),
        ("reports", {"reports": [{"run_id": "7"}]}, "#/reports/0/run_id"),
        (
            "reports",
            {"reports": [{"run_id": str(uuid.uuid4()), "report": {"type": "x"}}]},
            "#/reports/0/report",
        ),
    ],
)
async def test_what_does_not_fit_is_said_and_leaves_nothing(
    api: Api, path: str, body: dict[str, object], pointer: str
) -> None:
    answer = await api.post(f"{NS}/jobs/{path}", body)
    assert code(answer) == "invalid"
    assert pointer in {error["pointer"] for error in answer.json()["errors"]}
    assert await api.head() == 0


@pytest.mark.parametrize("path", ["lease", "heartbeat", "reports"])
async def test_only_workers_may(api: Api, path: str) -> None:
    viewer = await api.token("viewer", "operator", "approver", name="bob")
    answer = await api.post(f"{NS}/jobs/{path}", {}, token=viewer)
    assert code(answer) == "forbidden"
    answer = await api.post(f"/v1/other/jobs/{path}", {})
    assert code(answer) == "forbidden"


def test_the_page_for_workers_names_all_that_they_may_send() -> None:
    page = Path("docs/jobs.md").read_text(encoding="utf-8")
    reports: list[type[Command]] = [
        CompleteStep,
        FailStep,
        RequestApproval,
        ReleaseJob,
        StopJob,
    ]
    types = [str(one.model_fields["type"].default) for one in reports]
    missing = [
        name
        for name in (*LeaseBody.model_fields, *types, "ok", "stop", "gone")
        if f"`{name}`" not in page
    ]
    assert missing == []
