"""A tour of the client: every operation of both services, with real data.

Each part is about one theme and makes what it needs. It looks at the answers no closer
than it takes to see that they are about what was asked; the tests of each theme do.
"""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from runledger import Refused

if TYPE_CHECKING:
    from uuid import UUID

    from runledger import Client
    from runledger.models import Job


def etl(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "steps": [
            {"name": "extract"},
            {"name": "check", "kind": "approval", "needs": ["extract"]},
            {"name": "load", "needs": ["check"]},
        ],
    }


def take_tour(client: Client, workflow: str, worked: UUID) -> None:
    """``workflow`` is a name that nobody has; ``worked`` a run that has ended, with a
    step that a worker has completed."""
    client.register_workflow(etl(workflow))
    steering(client, workflow)
    run = steps(client, workflow)
    observed(client, workflow)
    people(client, workflow)
    work(client, worked)
    safety(client, workflow)
    logs(client, workflow)
    bulk(client, workflow)
    tokens(client)
    reading_of_workflows(client, workflow, run)
    reading_of_runs(client, workflow, run)
    reading_of_the_log(client, workflow, run)
    operating(client, run)


def steering(client: Client, workflow: str) -> None:
    run = client.create_run(workflow, start=False).run_id
    client.start_run(run)
    client.pause_run(run)
    client.continue_run(run)
    client.cancel_run(run)
    again = client.retry_run(run, retry_from="start")
    assert again.linked is not None
    assert again.linked.run_id == run


def steps(client: Client, workflow: str) -> UUID:
    """A run of many events, whose inputs are too large for one."""
    run = client.create_run(workflow, inputs="x" * 40_000).run_id
    client.start_step(run, "extract")
    client.request_approval(run, "extract", output=1, approvers=["local"])
    client.approve(run, "extract")
    client.redo_step(run, "extract", feedback="again")
    client.start_step(run, "extract")
    client.complete_step(run, "extract")
    client.reject(run, "check")
    other = client.create_run(workflow).run_id
    client.start_step(other, "extract")
    assert client.fail_step(other, "extract").state == "failed"
    return run


def observed(client: Client, workflow: str) -> None:
    run = client.observe_run(
        workflow, source="elsewhere", external_id="1", occurred_at=datetime.now(UTC)
    ).run_id
    client.report(run, [{"type": "start_step", "step": "extract"}])
    end = {"type": "end_run", "outcome": "completed"}
    (item,) = client.batch([{"run_id": str(run), "commands": [end]}]).items
    assert item.status == 200


def people(client: Client, workflow: str) -> None:
    run = client.create_run(workflow).run_id
    client.start_step(run, "extract")
    client.request_approval(run, "extract", output=[1], approvers=["local", "bob"])
    (asked,) = client.approvals(run=run, mine=True).items
    client.delegate_approval(run, "extract", to="eve", iteration=asked.iteration)
    review = client.review(run, "extract")
    assert review.subject_digest == asked.subject_digest
    assert review.delegates == ["eve"]


def work(client: Client, worked: UUID) -> None:
    """Who carried a run out."""
    job: Job = client.run_jobs(worked).items[0]
    listed = client.jobs(queue=job.queue, state=[job.state]).items
    assert worked in {one.run_id for one in listed}
    assert job.worker in {one.worker for one in client.workers(queue=job.queue).items}
    assert job.queue in {one.queue for one in client.queues().items}


def safety(client: Client, workflow: str) -> None:
    run = client.create_run(workflow).run_id
    client.start_step(run, "extract")
    client.complete_step(run, "extract")
    redo = client.redo_safety(run, "extract")
    assert "extract" in {one.step for one in redo.verdicts}
    client.cancel_run(run)
    retry = client.retry_safety(run, retry_from="failed")
    assert [one.step for one in retry.carried] == ["extract"]


def logs(client: Client, workflow: str) -> None:
    run = client.create_run(workflow).run_id
    client.start_step(run, "extract")
    assert client.append_log(run, "extract", 1, ["one", "two"], first=1) == 3
    (last,) = client.log(run, "extract", 1, tail=1).lines
    assert last.text == "two"
    assert b"".join(client.download_log(run, "extract", 1)) == b"one\ntwo\n"


def bulk(client: Client, workflow: str) -> None:
    runs = [client.create_run(workflow).run_id for _ in range(2)]
    wanted = {"run_ids": runs}
    preview = client.preview_bulk("cancel", wanted)
    assert preview.total == 2
    bulk_id = client.start_bulk("cancel", wanted, digest=preview.digest).bulk_id
    assert client.wait_for_bulk(bulk_id).done == 2
    assert {item.run_id for item in client.bulk_items(bulk_id).items} == {*runs}
    assert client.stop_bulk(bulk_id).state == "completed", "it was over before"
    listed = client.bulk_operations(command="cancel").items
    assert bulk_id in {one.bulk_id for one in listed}


def tokens(client: Client) -> None:
    token = client.create_token("visitor", roles=["viewer"])
    assert token.id in {one.id for one in client.tokens().items}
    client.revoke_token(token.id)


def reading_of_workflows(client: Client, workflow: str, run: UUID) -> None:
    assert client.workflows().items
    assert client.workflow(workflow, version=1).version == 1
    assert client.versions(workflow).items[-1].version == 1
    assert client.matrix(workflow, runs=3).runs
    assert client.days(workflow).items
    number = client.run(run).number
    assert client.run_by_number(workflow, number).run_id == run


def reading_of_runs(client: Client, workflow: str, run: UUID) -> None:
    found = client.runs(workflow=workflow, state=["failed", "canceled"], observed=False)
    assert run in {one.run_id for one in found.items}
    assert client.run(run, at_version=1).version == 1
    assert client.step(run, "extract").run_id == run
    assert client.run_events(run).items
    with pytest.raises(Refused):
        client.start_run(run)
    assert client.run_refusals(run).items
    inputs = client.run(run).inputs
    assert inputs is not None
    assert inputs.digest is not None
    assert client.content(inputs.digest) == "x" * 40_000


def reading_of_the_log(client: Client, workflow: str, run: UUID) -> None:
    events = client.events(workflow=workflow, limit=5).items
    assert len(events) == 5
    assert client.event(events[0].position) == events[0]
    assert client.refusals(run=run).items
    assert client.topics().items
    with closing(client.follow(after=0)) as stream:
        assert next(stream).position > 0


def operating(client: Client, run: UUID) -> None:
    client.parked()
    with pytest.raises(Refused, match="parked"):
        client.replay_parked(run)
    assert client.wait() <= client.system().log.position
