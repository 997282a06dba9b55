"""Bulk operations from the client and from the shell, against real services."""

from __future__ import annotations

import io
import json
import os
import signal
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest
from runledger import NotFound, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runledger import Client

    from infra.local.child import Child
    from tests.sdk.conftest import Command
    from tests.support.service import Service


@pytest.fixture
def etl(client: Client, workflow: str) -> str:
    """A registered workflow: extract, check (an approval)."""
    client.register_workflow(
        {
            "name": workflow,
            "steps": [
                {"name": "extract"},
                {"name": "check", "kind": "approval", "needs": ["extract"]},
            ],
        }
    )
    return workflow


def failed(client: Client, workflow: str) -> UUID:
    run = client.create_run(workflow)
    client.start_step(run.run_id, "extract")
    client.fail_step(run.run_id, "extract", retryable=False)
    return run.run_id


def waiting(client: Client, workflow: str) -> UUID:
    run = client.create_run(workflow)
    client.start_step(run.run_id, "extract")
    client.complete_step(run.run_id, "extract")
    return run.run_id


def test_a_client_previews_starts_and_awaits(client: Client, etl: str) -> None:
    over, fresh = failed(client, etl), client.create_run(etl).run_id
    wanted = {"workflow": etl}
    preview = client.preview_bulk("cancel", wanted)
    assert preview.total == 2
    assert [item.run_id for item in preview.items] == [fresh, over]
    assert preview.expected["refused"] == 1
    answer = client.start_bulk("cancel", wanted, digest=preview.digest, reason="bad")
    seen: list[str] = []
    done = client.wait_for_bulk(
        answer.bulk_id, progress=lambda found: seen.append(found.state)
    )
    assert (done.state, done.done, done.refused) == ("completed", 1, 1)
    assert seen[-1] == "completed"
    assert client.run(fresh).state == "canceled"
    (refused,) = client.bulk_items(answer.bulk_id, result=["refused"]).items
    assert (refused.run_id, refused.code) == (over, "run-over")
    listed = client.bulk_operations(state=["completed"], command="cancel").items
    assert answer.bulk_id in [each.bulk_id for each in listed]


def test_a_client_stops_one_and_is_told_what_is_not_there(
    client: Client, etl: str
) -> None:
    runs = [client.create_run(etl).run_id for _ in range(3)]
    answer = client.start_bulk(
        {"type": "cancel", "force": True}, {"run_ids": runs}, take_as_is=True
    )
    stopped = client.stop_bulk(answer.bulk_id, reason="no")
    assert stopped.state in ("stopping", "completed")
    assert client.wait_for_bulk(answer.bulk_id).state in ("stopped", "completed")
    with pytest.raises(NotFound):
        client.bulk_operation(uuid4())


def test_a_client_is_told_that_the_list_has_changed(client: Client, etl: str) -> None:
    client.create_run(etl)
    preview = client.preview_bulk("cancel", {"workflow": etl})
    client.create_run(etl)
    client.preview_bulk("cancel", {"workflow": etl})  # waits for the read models
    with pytest.raises(Refused) as found:
        client.start_bulk("cancel", {"workflow": etl}, digest=preview.digest)
    assert found.value.code == "bulk-list-changed"
    assert found.value.members["changed"] == [f"{etl}#2"]


def test_many_runs_are_canceled_from_the_shell(
    runledger: Command, client: Client, etl: str
) -> None:
    for _ in range(12):
        client.create_run(etl)
    shown = runledger(
        "bulk", "cancel", "-w", etl, "-s", "queued", "-m", "bad deploy", "--yes"
    ).out
    assert "12 runs" in shown
    assert f"{etl}#12" in shown
    assert "and 2 more" in shown
    assert "12 done" in shown
    assert "completed" in shown
    assert runledger("bulk", "cancel", "-w", etl, "-s", "queued", "-y").err == (
        "Nothing to do.\n"
    )
    listed = json.loads(runledger("bulk", "list", "--json").out)["items"]
    (mine,) = [each for each in listed if each["filter"].get("workflow") == etl]
    assert mine["reason"] == "bad deploy"
    details = runledger("bulk", "show", mine["bulk_id"], "--limit", 2)
    assert f"{etl}#12" in details.out
    assert "--limit N or --all" in details.err
    assert "completed" in runledger("bulk", "stop", mine["bulk_id"]).out
    assert "12 done" in runledger("bulk", "list").out


def test_what_is_refused_makes_exit_code_1(
    runledger: Command, client: Client, etl: str
) -> None:
    failed(client, etl)
    fresh = client.create_run(etl)
    shown = runledger("bulk", "cancel", f"{etl}#1", f"{etl}#2", "--yes", code=1)
    assert "1 will be refused (run-over): it is over: failed" in shown.out
    assert "1 done, 1 refused" in shown.out
    assert "--result refused" in shown.err
    assert client.run(fresh.run_id).state == "canceled"
    (mine,) = [
        each
        for each in client.bulk_operations().items
        if each.named_runs == 2 and each.refused
    ]
    details = runledger("bulk", "show", mine.bulk_id, "--result", "refused")
    assert "run-over" in details.err
    assert f"{etl}#1" in details.out
    assert f"{etl}#2" not in details.out


def test_many_are_retried_and_decided_from_the_shell(
    runledger: Command, client: Client, etl: str
) -> None:
    failed(client, etl)
    done = runledger("bulk", "retry", "-w", etl, "-s", "failed", "-y", "--json").out
    assert json.loads(done)["done"] == 1
    asked = [waiting(client, etl) for _ in range(3)]
    shown = runledger("bulk", "approve", "-w", etl, "--step", "check", "-y").out
    assert "3 questions" in shown
    assert "3 done" in shown
    assert {client.run(run).state for run in asked} == {"completed"}
    rejected = waiting(client, etl)
    runledger("bulk", "reject", "-w", etl, "-m", "no", "-y")
    assert client.run(rejected).state == "failed"
    again = waiting(client, etl)
    runledger("bulk", "redo", "-w", etl, "-s", "waiting_for_approval", "-y", "--step",
              "extract")  # fmt: skip
    assert client.run(again).state in ("queued", "running")


def test_it_is_not_started_without_a_yes(
    runledger: Command, client: Client, etl: str
) -> None:
    run = client.create_run(etl)
    refused = runledger("bulk", "cancel", "-w", etl, code=1)
    assert "say --yes" in refused.err
    assert client.run(run.run_id).state == "queued"
    nothing = runledger("bulk", "cancel", "-y", code=2)
    assert "Which runs?" in nothing.err
    unclear = runledger("bulk", "show", "zzzz", code=1)
    assert unclear.err.startswith("Error: None of the newest")


class Terminal(io.StringIO):
    """Somebody sits there and types this."""

    def isatty(self) -> bool:
        return True


def test_a_person_is_asked_and_may_say_no(
    runledger: Command, client: Client, etl: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = client.create_run(etl)
    monkeypatch.setattr("sys.stdin", Terminal("n\n"))
    refused = runledger("bulk", "cancel", "-w", etl, code=130)
    assert "Cancel these 1?" in refused.err
    assert client.run(run.run_id).state == "queued"
    monkeypatch.setattr("sys.stdin", Terminal("y\n"))
    assert "1 done" in runledger("bulk", "cancel", "-w", etl).out


@pytest.fixture
def halted(service: Service) -> Iterator[Child]:
    """What carries operations out does nothing until it is continued."""
    timers = service.processes["timers"]
    os.kill(timers.pid, signal.SIGSTOP)
    yield timers
    os.kill(timers.pid, signal.SIGCONT)


@pytest.mark.parametrize("wish", ["y", "n"])
def test_an_interrupt_asks_whether_to_stop(
    runledger: Command,
    client: Client,
    etl: str,
    halted: Child,
    monkeypatch: pytest.MonkeyPatch,
    wish: str,
) -> None:
    client.create_run(etl)
    monkeypatch.setattr("sys.stdin", Terminal(f"y\n{wish}\n"))
    real = type(client).wait_for_bulk
    interrupts = [KeyboardInterrupt]

    def wait(self: Client, bulk_id: UUID, **options: Any) -> Any:
        if interrupts:
            raise interrupts.pop()
        os.kill(halted.pid, signal.SIGCONT)
        return real(self, bulk_id, **options)

    monkeypatch.setattr("runledger.client.Client.wait_for_bulk", wait)
    done = runledger("bulk", "cancel", "-w", etl)
    assert "Stop it?" in done.err
    (mine,) = [
        each
        for each in client.bulk_operations().items
        if each.filter.get("workflow") == etl
    ]
    if wish == "y":
        assert "1 left alone" in done.out
        assert (mine.state, mine.left) == ("stopped", 1)
    else:
        assert f"It goes on: runledger bulk show {mine.bulk_id}" in done.err
        assert mine.state == "running"
