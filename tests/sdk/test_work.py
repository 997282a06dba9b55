"""Jobs, workers and queues, from Python and at the shell."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.support.waiting import eventually

if TYPE_CHECKING:
    from runledger import Client

    from tests.sdk.conftest import Command
    from tests.sdk.stage import Stage


def test_jobs_tell_who_carried_them_out(
    stage: Stage, client: Client, runledger: Command
) -> None:
    stage.worker("chain")
    run = stage.start("chain", {"name": "Ada"})
    stage.ended(run)
    found = client.run_jobs(run).items
    states = sorted((job.step, job.attempt, job.state) for job in found)
    assert states == [
        ("count", 1, "succeeded"),
        ("greet", 1, "succeeded"),
        ("shout", 1, "failed"),
        ("shout", 2, "succeeded"),
    ]
    (failed,) = client.jobs(run=run, state=["failed"]).items
    assert failed.error is not None
    assert failed.error.startswith("ConnectionError")
    (worker,) = client.workers(queue=failed.queue).items
    assert worker.worker == failed.worker

    name = f"{stage.name}-chain#1"
    shown = runledger("jobs", name).out
    assert shown.count(name) == 4
    assert "ConnectionError" in shown
    assert runledger("jobs", name, "--state", "failed").out.count(name) == 1
    told = json.loads(runledger("jobs", "--worker", worker.worker, "--json").out)
    assert {job["run_id"] for job in told["items"]} == {str(run)}
    assert worker.worker in runledger("workers", "--state", "live").out
    step = runledger("run", name, "--step", "shout").out
    assert f"job failed on {worker.worker}" in step
    assert "waited" in step


def test_a_queue_that_nobody_serves_is_seen(
    client: Client, runledger: Command, workflow: str
) -> None:
    queue = f"q-{workflow}"
    step = {"name": "scan", "queue": queue, "effects": "once"}
    client.register_workflow({"name": workflow, "steps": [step]})
    run = client.create_run(workflow).run_id

    def counted() -> int:
        return sum(one.queued for one in client.queues().items if one.queue == queue)

    eventually(lambda: counted() == 1)
    assert client.workers(queue=queue).items == []
    (awaited,) = client.run(run).awaits
    assert (awaited.kind, awaited.queue, awaited.workers) == ("worker", queue, 0)
    shown = runledger("run", f"{workflow}#1").out
    assert f"in queue {queue}" in shown
    assert "no live worker would take it" in shown
    assert queue in runledger("queues").out
    assert "No workers" in runledger("workers", "--queue", queue).err
    assert "queued" in runledger("jobs", "--queue", queue).out


def test_safety_is_told_and_accepted(
    client: Client, runledger: Command, workflow: str
) -> None:
    steps = [
        {"name": "pay", "effects": "once"},
        {"name": "tell", "needs": ["pay"]},
    ]
    client.register_workflow({"name": workflow, "steps": steps})
    run, name = client.create_run(workflow).run_id, f"{workflow}#1"
    client.start_step(run, "pay")
    client.complete_step(run, "pay")
    redo = client.redo_safety(run, "pay")
    assert redo.must_accept
    assert {one.step: one.verdict for one in redo.verdicts} == {
        "pay": "unsafe",
        "tell": "safe",
    }
    refused = runledger("redo", name, "pay", code=1)
    assert "pay: unsafe to run again" in refused.err
    assert "--yes to redo anyway" in refused.err
    assert "redoes pay" in runledger("redo", name, "pay", "--yes").out
    client.start_step(run, "pay")
    client.cancel_run(run, force=True)
    retry = client.retry_safety(run, retry_from="start")
    assert retry.must_accept
    assert retry.carried == []
    assert "pay: un" in runledger("retry", name, code=1).err
    again = client.retry_run(
        run, accept_unsafe=True, inputs={"day": 2}, if_match=retry.version
    )
    assert client.run(again.run_id).other_inputs
