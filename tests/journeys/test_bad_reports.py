"""What must not come in is answered with a problem, and leaves no event behind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from tests.support.service import exchange

if TYPE_CHECKING:
    from tests.support.service import Service

NAMESPACE = "bad"
FORM = {
    "type": "object",
    "required": ["amount"],
    "properties": {"amount": {"type": "integer", "maximum": 100}},
}
WORKFLOW = {
    "name": "careful",
    "steps": [
        {"name": "work", "queue": "careful", "max_attempts": 2},
        {
            "name": "check",
            "kind": "approval",
            "needs": ["work"],
            "approval": {"approvers": ["ada"], "form": FORM},
        },
    ],
}


class World:
    def __init__(self, service: Service) -> None:
        self.service = service
        self.tokens = {
            name: service.make_token(name, *roles, namespace=NAMESPACE)
            for name, roles in (
                ("ada", ("operator", "approver")),
                ("bob", ("operator", "approver")),
                ("w1", ("worker",)),
                ("w2", ("worker",)),
            )
        }
        status, _ = self.post("w1", "workflows", WORKFLOW)
        assert status in {200, 201}

    def post(self, who: str, path: str, body: object) -> tuple[int, Any]:
        url = f"{self.service.command_url}/v1/{NAMESPACE}/{path}"
        return exchange(url, "POST", self.tokens[who], body)

    def leased(self) -> dict[str, Any]:
        """A job that w1 has just leased."""
        status, _ = self.post("ada", "runs", {"workflow": "careful"})
        assert status == 201
        lease = {"worker": "w1-1", "queue": "careful", "workflows": ["careful"]}
        status, answer = self.post("w1", "jobs/lease", lease)
        assert status == 200
        (job,) = answer["jobs"]
        assert isinstance(job, dict)
        return job

    def report(self, who: str, job: dict[str, Any], **other: object) -> dict[str, Any]:
        """What is answered to a completion of the job."""
        names = ("step", "attempt", "lease")
        report = {"type": "complete_step", **{n: job[n] for n in names}, **other}
        body = {"reports": [{"run_id": job["run_id"], "report": report}]}
        status, answer = self.post(who, "jobs/reports", body)
        assert status == 200, answer
        (item,) = answer["items"]
        assert isinstance(item, dict)
        return item


@pytest.fixture(scope="module")
def world(service: Service) -> World:
    return World(service)


def test_a_worker_cannot_report_the_job_of_another_one(world: World) -> None:
    job = world.leased()
    before = world.service.head()
    item = world.report("w2", job)
    assert item["status"] == 409
    assert item["problem"]["type"].endswith("not-your-job")
    assert world.service.head() == before
    assert world.report("w1", job)["status"] == 200


def test_a_lease_of_yesterday_does_not_report_the_attempt_of_today(
    world: World,
) -> None:
    job = world.leased()
    fail = {"type": "fail_step", "error": {"message": "no"}}
    assert world.report("w1", job, **fail)["status"] == 200
    lease = {"worker": "w1-1", "queue": "careful", "workflows": ["careful"]}
    _, answer = world.post("w1", "jobs/lease", lease)
    (today,) = answer["jobs"]
    before = world.service.head()
    for other in (job["lease"], str(uuid4())):
        item = world.report("w1", today, lease=other)
        assert item["status"] == 409
        assert item["problem"]["type"].endswith("not-your-job")
    assert world.service.head() == before
    assert world.report("w1", today)["status"] == 200


def test_fifty_megabytes_of_log_in_one_request_are_refused(world: World) -> None:
    job = world.leased()
    before = world.service.head()
    line = {"at": "2026-11-22T10:00:00Z", "text": "x" * 1_000}
    batch = {n: job[n] for n in ("run_id", "step", "attempt", "lease")}
    body = {"batches": [{**batch, "first": 1, "lines": [line] * 50_000}]}
    status, problem = world.post("w1", "logs", body)
    assert status == 413
    assert problem["type"].endswith("too-large")
    assert world.service.head() == before
    assert world.report("w1", job)["status"] == 200


@pytest.mark.parametrize("form", [None, {}, {"amount": "ten"}, {"amount": 1_000}])
def test_an_approval_whose_form_does_not_fit_is_refused(
    world: World, form: object
) -> None:
    job = world.leased()
    world.report("w1", job)
    before = world.service.head()
    path = f"runs/{job['run_id']}/steps/check/approve"
    status, problem = world.post("ada", path, {"form": form})
    assert status == 422
    assert problem["type"].endswith("form-invalid")
    assert world.service.head() == before
    assert world.post("ada", path, {"form": {"amount": 10}})[0] == 200


def test_who_is_outside_the_policy_does_not_decide(world: World) -> None:
    job = world.leased()
    world.report("w1", job)
    before = world.service.head()
    path = f"runs/{job['run_id']}/steps/check/approve"
    status, problem = world.post("bob", path, {"form": {"amount": 10}})
    assert status == 409
    assert problem["type"].endswith("not-an-approver")
    assert world.service.head() == before
