"""People, workers and runs together: real processes, everything over HTTP."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import pytest

from infra.local.child import Child
from tests.journeys.hands import PEOPLE, WORKFLOWS
from tests.support.service import exchange
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from infra.access import Role
    from tests.support.service import Service

NAMESPACE = "work"
PATIENCE_S = 90.0


@dataclass
class Office:
    """The service with people and a worker, in a namespace of their own."""

    service: Service
    tokens: dict[str, str]
    versions: dict[str, int] = field(default_factory=dict)
    """Of each run after our own last command: what is read is not older."""

    def post(self, who: str, path: str, body: object | None = None) -> tuple[int, Any]:
        url = f"{self.service.command_url}/v1/{NAMESPACE}/{path}"
        return exchange(url, "POST", self.tokens[who], {} if body is None else body)

    def done(self, who: str, path: str, body: object | None = None) -> Any:
        status, answer = self.post(who, path, body)
        assert status in {200, 201}, answer
        if "run_id" in answer:
            self.versions[answer["run_id"]] = answer["version"]
        return answer

    def refused(self, who: str, path: str, body: object | None = None) -> Any:
        """The problem; and nothing was recorded."""
        before = self.service.head()
        status, answer = self.post(who, path, body)
        assert status == 409, answer
        assert self.service.head() == before
        return answer

    def start(self, workflow: str, who: str = "ada", /, **inputs: object) -> str:
        answer = self.done(who, "runs", {"workflow": workflow, "inputs": inputs})
        return str(answer["run_id"])

    def get(self, path: str) -> Any:
        url = f"{self.service.query_url}/v1/{NAMESPACE}/{path}"
        status, answer = exchange(url, "GET", self.tokens["ada"])
        assert status == 200, answer
        return answer

    def until(self, run: str, state: str, **steps: str) -> dict[str, Any]:
        """The run and its steps, by name, once they are in these states."""

        def look() -> dict[str, Any] | None:
            own = f"min_version={self.versions.get(run, 1)}&strict=true"
            found = self.get(f"runs/{run}?{own}")
            by_name = {step["step"]: step for step in found["steps"]}
            fits = found["state"] == state and all(
                by_name[name]["state"] == wanted for name, wanted in steps.items()
            )
            return {"run": found, **by_name} if fits else None

        try:
            return eventually(look, seconds=PATIENCE_S) or {}
        except AssertionError:
            found = self.get(f"runs/{run}")
            raise AssertionError(
                [found["state"]]
                + [(step["step"], step["state"]) for step in found["steps"]]
            ) from None

    def topics(self, run: str) -> list[str]:
        """What was recorded of it, in order, without the word ``run.``."""
        return [each["topic"].removeprefix("run.") for each in self._log(run)]

    def events(self, run: str, topic: str) -> list[dict[str, Any]]:
        found = self._log(run)
        return [each["data"] for each in found if each["topic"] == f"run.{topic}"]

    def _log(self, run: str) -> list[dict[str, Any]]:
        """Its events, the oldest first."""
        found = self.get(f"runs/{run}/events?limit=500")["items"]
        assert isinstance(found, list)
        return sorted(found, key=itemgetter("version"))

    @contextmanager
    def a_worker(self, name: str) -> Iterator[Child]:
        """A worker process; it may die, and is stopped at the end if it has not."""
        child = Child(
            name,
            [sys.executable, "-m", "tests.journeys.hands", name],
            log=self.service.folder / "logs" / f"{name}.log",
            environ={
                **os.environ,
                "RUNLEDGER_COMMAND_URL": self.service.command_url,
                "RUNLEDGER_QUERY_URL": self.service.query_url,
                "RUNLEDGER_NAMESPACE": NAMESPACE,
                "RUNLEDGER_TOKEN": self.tokens["hands"],
            },
        )
        try:
            yield child
        finally:
            child.stop(20)


@pytest.fixture(scope="module")
def office(service: Service) -> Office:
    def token(name: str, *roles: Role) -> str:
        return service.make_token(name, *roles, namespace=NAMESPACE)

    tokens = {name: token(name, "operator", "approver") for name in PEOPLE}
    office = Office(service, tokens | {"hands": token("hands", "worker")})
    for workflow in WORKFLOWS:
        office.done("hands", "workflows", workflow.definition)
    return office


@pytest.fixture
def gate(tmp_path: Path) -> Callable[[], None]:
    """Lets a step go on that waits for ``tmp_path / "go"``."""
    return lambda: (tmp_path / "go").touch()


def test_a_job_succeeds_while_its_run_waits_for_people(office: Office) -> None:
    with office.a_worker("clerk"):
        run = office.start("chain", two="ask")
        seen = office.until(run, "waiting_for_approval", two="waiting_for_approval")
    # The worker is gone, and the run waits.
    (attempt,) = seen["two"]["attempts"]
    assert (attempt["outcome"], attempt["job"]["state"]) == ("completed", "succeeded")
    assert office.topics(run)[-3:] == [
        "job.succeeded",
        "approval.requested",
        "paused",
    ]
    office.done("bob", f"runs/{run}/steps/two/approve")
    with office.a_worker("clerk"):
        seen = office.until(run, "completed")
    assert seen["three"]["output"]["value"]["given"] == ["two"]


def test_a_job_is_lost_and_the_run_retried_cleanly(office: Office) -> None:
    with office.a_worker("mortal") as mortal:
        run = office.start("chain", two="die")
        eventually(lambda: not mortal.running, seconds=PATIENCE_S)
    with office.a_worker("relief"):
        seen = office.until(run, "failed", two="failed", three="not_started")
        (attempt,) = seen["two"]["attempts"]
        assert (attempt["outcome"], attempt["job"]["state"]) == ("unknown", "lost")
        assert attempt["error"]["type"] == "Lost"
        inputs = {"two": "ok"}
        answer = office.done("ada", f"runs/{run}/retry", {"inputs": inputs})
        again = office.until(answer["run_id"], "completed")
    assert again["one"]["carried_from"] == run
    assert again["two"]["output"]["value"]["given"] == ["one"]
    assert [each["number"] for each in again["two"]["attempts"]] == [1]
    assert office.until(run, "failed")["run"]["retries"] == [answer["run_id"]]


def test_a_lost_step_whose_effects_are_once_is_not_tried_again_by_itself(
    office: Office,
) -> None:
    with office.a_worker("mortal"):
        run = office.start("chain", three="die")
        seen = office.until(run, "failed", three="failed")
    (attempt,) = seen["three"]["attempts"]
    assert attempt["outcome"] == "unknown"
    assert office.events(run, "step.failed")[0]["outcome"] == "unknown"
    problem = office.refused("ada", f"runs/{run}/retry")
    assert problem["type"].endswith("unsafe-to-repeat")
    safety = office.get(f"runs/{run}/retry-safety?from=failed")
    assert {each["step"]: each["verdict"] for each in safety["verdicts"]} == {
        "three": "unknown"
    }
    body = {"accept_unsafe": True, "inputs": {}}
    with office.a_worker("careful"):
        new = office.done("ada", f"runs/{run}/retry", body)["run_id"]
        office.until(new, "completed")
    (created,) = office.events(new, "created")
    assert created["accepted_unsafe"]
    assert created["verdicts"][0]["verdict"] == "unknown"


def test_a_canceled_run_keeps_what_completed_and_cancels_the_rest(
    office: Office, tmp_path: Path
) -> None:
    with office.a_worker("obedient"):
        run = office.start("fork", left="ok", right=f"until:{tmp_path / 'go'}")
        office.until(run, "running", left="completed", right="running")
        office.done("ada", f"runs/{run}/cancel", {"reason": "not needed"})
        seen = office.until(run, "canceled", join="canceled", right="canceled")
    assert (seen["root"]["state"], seen["left"]["state"]) == ("completed", "completed")
    (attempt,) = seen["right"]["attempts"]
    assert (attempt["outcome"], attempt["job"]["state"]) == ("canceled", "canceled")


def test_a_worker_that_ignores_the_cancel_ends_the_run_when_it_is_done(
    office: Office, tmp_path: Path, gate: Callable[[], None]
) -> None:
    with office.a_worker("stubborn"):
        run = office.start("fork", right=f"stubborn:{tmp_path / 'go'}")
        office.until(run, "running", left="completed", right="running")
        office.done("ada", f"runs/{run}/cancel")
        seen = office.until(run, "running", join="canceled")
        assert seen["run"]["cancel_requested"]
        gate()
        seen = office.until(run, "canceled")
    assert seen["right"]["state"] == "completed"
    assert office.topics(run)[-1] == "canceled"


def test_one_branch_fails_while_another_one_runs_to_its_end(
    office: Office, tmp_path: Path, gate: Callable[[], None]
) -> None:
    with office.a_worker("forked"):
        left, right = f"fail:{tmp_path / 'fail'}", f"until:{tmp_path / 'go'}"
        run = office.start("fork", left=left, right=right)
        office.until(run, "running", left="running", right="running")
        (tmp_path / "fail").touch()
        office.until(run, "running", left="failed", right="running")
        gate()
        seen = office.until(run, "failed", right="completed", join="not_started")
    assert seen["run"]["cause"]["step"] == "left"
    assert seen["run"]["cause"]["error"]["message"] == "as planned"


def test_what_is_rejected_fails_the_run(office: Office) -> None:
    with office.a_worker("rejected"):
        run = office.start("chain", one="ask")
        office.until(run, "waiting_for_approval", one="waiting_for_approval")
        office.done("eve", f"runs/{run}/steps/one/reject", {"comment": "no"})
        seen = office.until(run, "failed", one="rejected")
    assert "eve rejected step one: no" in seen["run"]["cause"]["reason"]


def test_a_step_is_done_again_twice_once_over_one_that_runs(
    office: Office, tmp_path: Path, gate: Callable[[], None]
) -> None:
    go = tmp_path / "go"
    with office.a_worker("patient"):
        run = office.start("fork", root="ask", left=[f"until:{go}", "ok"])
        for iteration in (1, 2):
            seen = office.until(
                run, "waiting_for_approval", root="waiting_for_approval"
            )
            assert seen["root"]["iteration"] == iteration
            if iteration == 1:
                feedback = {"feedback": "shorter"}
                office.done("bob", f"runs/{run}/steps/root/redo", feedback)
        assert seen["root"]["output"]["value"]["feedback"] == "shorter"
        office.done("bob", f"runs/{run}/steps/root/approve")
        office.until(run, "running", left="running", right="completed")
        office.done("eve", f"runs/{run}/steps/root/redo", {"feedback": "longer"})
        seen = office.until(run, "waiting_for_approval", root="waiting_for_approval")
        assert seen["left"]["state"] == "not_started"
        assert seen["left"]["attempts"][0]["outcome"] == "reset"
        assert seen["left"]["attempts"][0]["job"]["state"] == "canceled"
        office.done("bob", f"runs/{run}/steps/root/approve")
        seen = office.until(run, "completed")
    assert seen["root"]["iteration"] == 3
    assert [each["outcome"] for each in seen["left"]["attempts"]] == [
        "reset",
        "completed",
    ]


def test_two_of_three_agree_one_late_and_one_about_their_own(office: Office) -> None:
    with office.a_worker("voted"):
        run = office.start("vote", "ada")
        path = f"runs/{run}/steps/gate"
        seen = office.until(run, "waiting_for_approval", gate="waiting_for_approval")
        shown = {
            "iteration": 1,
            "subject_digest": seen["gate"]["approvals"][0]["subject_digest"],
        }
        office.done("ada", f"{path}/redo", {"feedback": "once more"})
        seen = office.until(run, "waiting_for_approval", gate="waiting_for_approval")
        problem = office.refused("eve", f"{path}/approve", shown)
        assert problem["type"].endswith("stale-decision")
        assert "once more" in str(problem)
        shown = {
            "iteration": seen["gate"]["iteration"],
            "subject_digest": seen["gate"]["approvals"][-1]["subject_digest"],
        }
        problem = office.refused("ada", f"{path}/approve", shown)
        assert problem["type"].endswith("not-an-approver")
        office.done("eve", f"{path}/approve", shown)
        assert office.until(run, "waiting_for_approval", ship="not_started")
        office.done("bob", f"{path}/approve", shown)
        seen = office.until(run, "completed")
    decided = seen["gate"]["approvals"][-1]["decisions"]
    assert [each["actor"] for each in decided] == ["eve", "bob"]


def test_what_is_approved_while_the_run_is_held_follows_when_it_goes_on(
    office: Office,
) -> None:
    with office.a_worker("held"):
        run = office.start("chain", one="ask")
        office.until(run, "waiting_for_approval")
        office.done("ada", f"runs/{run}/pause")
        office.done("bob", f"runs/{run}/steps/one/approve")
        seen = office.until(run, "paused", one="completed")
        assert seen["two"]["state"] == "not_started"
        office.done("ada", f"runs/{run}/continue")
        office.until(run, "completed")


def test_a_retry_from_the_failed_step_takes_over_what_is_done(office: Office) -> None:
    with office.a_worker("tried"):
        run = office.start("chain", two=["fail", "fail", "ok"])
        seen = office.until(run, "failed", one="completed", two="failed")
        assert [each["outcome"] for each in seen["two"]["attempts"]] == [
            "failed",
            "failed",
        ]
        body = {"inputs": {}, "retry_from": "failed"}
        new = office.done("ada", f"runs/{run}/retry", body)["run_id"]
        again = office.until(new, "completed")
    assert again["one"]["carried_from"] == run
    assert again["one"]["output"]["value"]["step"] == "one"
    assert again["run"]["root_run"] == run


def test_a_question_that_nobody_answers_in_time_is_rejected(office: Office) -> None:
    with office.a_worker("asked"):
        run = office.start("brief", draft="ask")
        seen = office.until(run, "failed", draft="rejected")
    assert office.events(run, "approval.expired")[0]["counts_as"] == "reject"
    assert seen["draft"]["approvals"][0]["state"] == "rejected"
