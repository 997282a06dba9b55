"""Random commands over HTTP, with real workers' leases, against a simple model.

Whatever order people, services, workers and timers come in: a command is taken or
refused as the model says, states stay legal, final runs stay as they are, attempts are
never lost, at most one is running, and the read tables say what the model says.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.journeys.simple_model import FINAL, Run, Step
from tests.support.service import exchange
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from tests.support.service import Service

NAMESPACE = "any"
PEOPLE = ("ada", "bob", "eve")
WORKERS = ("w1", "w2")
FULL = "RUNLEDGER_ANY_COMMANDS" in os.environ
EXAMPLES = int(os.environ.get("RUNLEDGER_ANY_COMMANDS", "20"))
"""More of them, and random ones, where there is time: RUNLEDGER_ANY_COMMANDS=500."""

REPORTS = (
    "complete_step",
    "complete_step",
    "complete_step",
    "fail_step",
    "request_approval",
    "release_job",
    "stop_job",
)

ONE = {"required": 1, "not_own": True}
TWO = {"required": 2}
DEFINITIONS: tuple[dict[str, Any], ...] = (
    {
        "name": "line",
        "steps": [
            {"name": "a", "queue": "q", "max_attempts": 2, "max_losses": 1},
            {"name": "b", "queue": "q", "needs": ["a"], "effects": "once"},
            {"name": "c", "needs": ["b"]},
        ],
    },
    {
        "name": "branches",
        "steps": [
            {"name": "root", "queue": "q"},
            {"name": "left", "queue": "q", "needs": ["root"], "effects": "none"},
            {"name": "right", "needs": ["root"], "max_attempts": 2},
            {
                "name": "gate",
                "kind": "approval",
                "needs": ["left"],
                "approval": TWO,
            },
            {"name": "last", "queue": "q", "needs": ["gate", "right"]},
        ],
    },
    {
        "name": "islands",
        "on_failure": "continue",
        "steps": [
            {"name": "draft", "queue": "q", "approval": ONE},
            {"name": "other", "queue": "q", "max_attempts": 2},
            {"name": "third"},
            {"name": "end", "queue": "q", "needs": ["draft", "other"]},
        ],
    },
)


@dataclass(repr=False)
class Ticket:
    """A lease that was given, current or not."""

    def __repr__(self) -> str:
        return f"{self.run}, {self.step}, attempt {self.attempt} of {self.worker}"

    run: Known
    step: str
    attempt: int
    lease: str
    worker: str

    @property
    def current(self) -> bool:
        running = self.run.model.steps[self.step].running
        return running is not None and running.number == self.attempt

    @property
    def item(self) -> dict[str, Any]:
        return {"run_id": self.run.run_id, "step": self.step, "lease": self.lease}


@dataclass(repr=False)
class Known:
    run_id: str
    model: Run
    version: int
    end: str = ""

    def __repr__(self) -> str:
        return f"{self.model.definition['name']} {self.run_id[-6:]}"


class AnyCommands(RuleBasedStateMachine):
    service: Service
    tokens: dict[str, str]

    def __init__(self) -> None:
        super().__init__()
        self.runs: list[Known] = []
        self.tickets: list[Ticket] = []
        self.may_run_out = True

    # People.

    @rule(definition=st.sampled_from(DEFINITIONS), person=st.sampled_from(PEOPLE))
    def somebody_starts_a_run(self, definition: dict[str, Any], person: str) -> None:
        if len(self.runs) >= 3:
            return
        status, answer = self._post(person, "runs", {"workflow": definition["name"]})
        assert status == 201, answer
        model = Run.created(definition, person)
        self.runs.append(Known(answer["run_id"], model, answer["version"]))
        assert answer["state"] == model.state

    @precondition(lambda self: self.runs)
    @rule(data=st.data(), person=st.sampled_from(PEOPLE))
    def somebody_decides(self, data: st.DataObject, person: str) -> None:
        run, step = self._some_step(data)
        verb = data.draw(st.sampled_from(("approve", "approve", "reject")))
        took = getattr(run.model, verb)(step.name, person)
        body = {"iteration": step.iteration}
        self._command(run, person, f"steps/{step.name}/{verb}", body, took)

    @precondition(lambda self: self.runs)
    @rule(data=st.data(), person=st.sampled_from(PEOPLE))
    def somebody_wants_a_step_done_again(
        self, data: st.DataObject, person: str
    ) -> None:
        run, step = self._some_step(data)
        took = run.model.redo(step.name, person)
        body = {"feedback": "better", "accept_unsafe": True}
        self._command(run, person, f"steps/{step.name}/redo", body, took)

    @precondition(lambda self: self.runs)
    @rule(data=st.data(), verb=st.sampled_from(("pause", "continue", "continue")))
    def an_operator_holds_or_lets_go(self, data: st.DataObject, verb: str) -> None:
        run = data.draw(st.sampled_from(self.runs))
        took = run.model.pause() if verb == "pause" else run.model.continue_()
        self._command(run, "ada", verb, {}, took)

    @precondition(lambda self: self.runs)
    @rule(data=st.data(), force=st.booleans())
    def an_operator_cancels(self, data: st.DataObject, force: bool) -> None:
        run = data.draw(st.sampled_from(self.runs))
        took = run.model.cancel(force=force)
        self._command(run, "ada", "cancel", {"force": force}, took)

    @precondition(lambda self: any(run.model.end for run in self.runs))
    @rule(data=st.data(), person=st.sampled_from(PEOPLE))
    def an_operator_retries(self, data: st.DataObject, person: str) -> None:
        over = [run for run in self.runs if run.model.end]
        run = data.draw(st.sampled_from(over))
        new = run.model.retry(person)
        status, answer = self._post(
            person, f"runs/{run.run_id}/retry", {"accept_unsafe": True}
        )
        if new is None:
            assert status == 409, answer
            return
        assert status == 201, answer
        assert answer["state"] == new.state
        run.version = answer["linked"]["version"]
        self.runs.append(Known(answer["run_id"], new, answer["version"]))

    # Services and workers.

    @precondition(lambda self: self.runs)
    @rule(data=st.data(), verb=st.sampled_from(("start", "complete", "fail")))
    def a_service_reports(self, data: st.DataObject, verb: str) -> None:
        run, step = self._some_step(data)
        if step.queue or step.kind == "approval":
            took = "refused"
        elif verb == "start":
            took = run.model.start(step.name)
        elif step.running is None:
            return  # a report of nothing that runs: the domain's own tests have it
        elif verb == "complete":
            run.model.complete(step.name)
            took = "taken"
        else:
            run.model.fail(step.name, retryable=True)
            took = "taken"
        self._command(run, "w1", f"steps/{step.name}/{verb}", {}, took)

    @precondition(lambda self: self.runs)
    @rule(worker=st.sampled_from(WORKERS), most=st.integers(1, 3))
    def a_worker_leases(self, worker: str, most: int) -> None:
        status, answer = self._post(
            worker,
            "jobs/lease",
            {
                "worker": f"{worker}-1",
                "queue": "q",
                "workflows": [each["name"] for each in DEFINITIONS],
                "max_jobs": most,
                "wait_s": 0,
                "lease_s": 3600,
            },
        )
        assert status == 200, answer
        queued = sum(
            step.queue and step.state == "queued" and not run.model.held
            for run in self.runs
            for step in run.model.steps.values()
        )
        assert len(answer["jobs"]) == min(queued, most)
        for job in answer["jobs"]:
            run = next(each for each in self.runs if each.run_id == job["run_id"])
            assert run.model.start(job["step"]) == "taken"
            step = run.model.steps[job["step"]]
            assert (job["iteration"], job["attempt"]) == (
                step.iteration,
                len(step.tries),
            )
            self.tickets.append(
                Ticket(run, step.name, job["attempt"], job["lease"], worker)
            )

    @precondition(lambda self: self.tickets)
    @rule(
        data=st.data(),
        kind=st.sampled_from(REPORTS),
        retryable=st.booleans(),
    )
    def a_worker_reports(self, data: st.DataObject, kind: str, retryable: bool) -> None:
        ticket = data.draw(st.sampled_from(self.tickets))
        model, name = ticket.run.model, ticket.step
        was_current = ticket.current
        took = "taken"
        if was_current:
            match kind:
                case "complete_step":
                    model.complete(name)
                case "fail_step":
                    model.fail(name, retryable=retryable)
                case "request_approval":
                    model.ask(name, ticket.worker)
                case "release_job":
                    model.release(name)
                case _:
                    took = model.stopped(name)
        report = {
            "type": kind,
            "step": name,
            "attempt": ticket.attempt,
            "lease": ticket.lease,
        }
        if kind == "fail_step":
            report |= {"retryable": retryable, "error": {"message": "no"}}
        item = self._report(ticket.worker, ticket.run, report)
        assert item["status"] == (200 if took == "taken" else 409), item
        if item["status"] == 200:
            self._answered(ticket.run, item["answer"])
            assert not (was_current and item["answer"]["discarded"]), item

    @precondition(lambda self: self.tickets)
    @rule(data=st.data())
    def another_worker_reports_that_job(self, data: st.DataObject) -> None:
        ticket = data.draw(st.sampled_from(self.tickets))
        other = "w1" if ticket.worker == "w2" else "w2"
        report = {
            "type": "complete_step",
            "step": ticket.step,
            "attempt": ticket.attempt,
            "lease": ticket.lease,
        }
        item = self._report(other, ticket.run, report)
        assert item["status"] == 409, item
        assert item["problem"]["type"].endswith("not-your-job"), item

    @precondition(lambda self: self.tickets)
    @rule(worker=st.sampled_from(WORKERS))
    def a_worker_beats(self, worker: str) -> None:
        held = [each for each in self.tickets if each.worker == worker]
        body = {"worker": f"{worker}-1", "jobs": [each.item for each in held]}
        status, answer = self._post(worker, "jobs/heartbeat", body)
        assert status == 200, answer
        told = {(each["run_id"], each["lease"]): each for each in answer["jobs"]}
        for ticket in held:
            now = "stop" if ticket.run.model.canceling else "ok"
            state = told[ticket.run.run_id, ticket.lease]["state"]
            assert state == (now if ticket.current else "gone")

    @precondition(
        lambda self: self.may_run_out and any(each.current for each in self.tickets)
    )
    @rule(data=st.data())
    def a_lease_runs_out(self, data: st.DataObject) -> None:
        """Once an example: the timers look for it every few seconds only."""
        self.may_run_out = FULL
        current = [each for each in self.tickets if each.current]
        ticket = data.draw(st.sampled_from(current))
        ticket.run.model.lose(ticket.step)
        with psycopg.connect(self.service.url(), autocommit=True) as connection:
            connection.execute(
                "UPDATE ledger.jobs"
                "   SET leased_until = now() - interval '1 s', lease_us = 1"
                " WHERE run_id = %s AND step = %s",
                (ticket.run.run_id, ticket.step),
            )
            connection.execute("NOTIFY runledger_jobs")
            eventually(lambda: _lost(connection, ticket))

    # What must hold.

    def teardown(self) -> None:
        """Every read table says what the model says; then the runs are ended."""
        try:
            for run in self.runs:
                self._compare(run)
        finally:
            # The next example's workers must not find jobs of this one.
            for run in self.runs:
                self._post("ada", f"runs/{run.run_id}/cancel", {"force": True})

    def _compare(self, run: Known) -> None:
        with psycopg.connect(self.service.url()) as connection:
            row = connection.execute(
                "SELECT max(originator_version) FROM ledger.runledger_events"
                " WHERE originator_id = %s",
                (run.run_id,),
            ).fetchone()
        assert row is not None
        status, shown = exchange(
            f"{self.service.query_url}/v1/{NAMESPACE}/runs/{run.run_id}"
            f"?min_version={row[0]}&wait_s=20&strict=true",
            "GET",
            self.tokens["ada"],
        )
        assert status == 200, shown
        assert shown["state"] == run.model.state
        assert shown["version"] == row[0]
        told = {
            step["step"]: (
                step["state"],
                step["iteration"],
                [(each["number"], each["outcome"]) for each in step["attempts"]],
            )
            for step in shown["steps"]
        }
        assert told == {
            step.name: (
                step.state,
                step.iteration,
                [(each.number, each.outcome) for each in step.tries],
            )
            for step in run.model.steps.values()
        }

    # How.

    def _some_step(self, data: st.DataObject) -> tuple[Known, Step]:
        run = data.draw(st.sampled_from(self.runs))
        return run, data.draw(st.sampled_from(list(run.model.steps.values())))

    def _command(
        self, run: Known, who: str, path: str, body: dict[str, Any], took: str
    ) -> None:
        status, answer = self._post(who, f"runs/{run.run_id}/{path}", body)
        assert status == (200 if took == "taken" else 409), (path, answer)
        if status == 200:
            self._answered(run, answer)

    def _answered(self, run: Known, answer: dict[str, Any]) -> None:
        assert answer["version"] >= run.version
        run.version = answer["version"]
        assert answer["state"] == run.model.state
        assert run.end in ("", answer["state"]), "a final run has changed"
        run.end = answer["state"] if answer["state"] in FINAL else ""

    def _report(self, who: str, run: Known, report: dict[str, Any]) -> dict[str, Any]:
        body = {"reports": [{"run_id": run.run_id, "report": report}]}
        status, answer = self._post(who, "jobs/reports", body)
        assert status == 200, answer
        (item,) = answer["items"]
        assert isinstance(item, dict)
        return item

    def _post(self, who: str, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        url = f"{self.service.command_url}/v1/{NAMESPACE}/{path}"
        return exchange(url, "POST", self.tokens[who], body)


def _lost(connection: psycopg.Connection[Any], ticket: Ticket) -> bool:
    found = connection.execute(
        "SELECT FROM ledger.runledger_events WHERE originator_id = %s"
        " AND topic = 'run.step.attempt_lost'"
        " AND convert_from(state, 'UTF8')::jsonb @> jsonb_build_object("
        " 'step', %s::text, 'attempt', %s::int)",
        (ticket.run.run_id, ticket.step, ticket.attempt),
    )
    return found.rowcount > 0


def test_whatever_comes_in_whatever_order_the_run_is_as_the_rules_say(
    service: Service,
) -> None:
    tokens = {
        name: service.make_token(name, *roles, namespace=NAMESPACE)
        for names, roles in ((PEOPLE, ("operator", "approver")), (WORKERS, ("worker",)))
        for name in names
    }
    for definition in DEFINITIONS:
        url = f"{service.command_url}/v1/{NAMESPACE}/workflows"
        status, answer = exchange(url, "POST", tokens["w1"], definition)
        assert status in {200, 201}, answer
    machine = type("Machine", (AnyCommands,), {"service": service, "tokens": tokens})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=40,
            deadline=None,
            print_blob=False,
            phases=(Phase.explicit, Phase.generate),
            derandomize=not FULL,
            suppress_health_check=list(HealthCheck),
        ),
    )
