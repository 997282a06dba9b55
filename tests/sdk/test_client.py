"""The client, against real services."""

from __future__ import annotations

import itertools
import re
from contextlib import closing
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
import runledger
from runledger import Client

from command_api.app import document as command_document
from infra.settings import Settings
from query_api.app import document as query_document
from tests.sdk.lossy import LossyLine
from tests.sdk.tour import etl, take_tour

if TYPE_CHECKING:
    from tests.sdk.stage import Stage
    from tests.support.service import Service

NOT_FOR_CLIENTS = {
    # The dashboard's sign-in; what watches the processes.
    *("/session", "/health/live", "/health/ready", "/asyncapi.json"),
    # For frames in pages.
    "/v1/{ns}/runs/{run_id}/steps/{step}/preview",
    # Only a worker speaks these, and ``runledger.worker`` does so itself: who leased a
    # job by hand would have to keep its lease alive and to honor its cancel.
    *("/v1/{ns}/jobs/lease", "/v1/{ns}/jobs/heartbeat", "/v1/{ns}/jobs/reports"),
}


def test_a_run_from_its_start_to_its_retry(client: Client, workflow: str) -> None:
    registered = client.register_workflow(etl(workflow))
    assert (registered.version, registered.repeated) == (1, False)
    assert client.register_workflow(etl(workflow)).repeated

    run = client.create_run(workflow, inputs={"day": 1})
    client.start_step(run.run_id, "extract")
    client.complete_step(run.run_id, "extract", output={"rows": 3})
    (question,) = client.approvals(workflow=workflow).items
    assert (question.step, question.number) == ("check", run.number)
    client.approve(
        run.run_id,
        question.step,
        iteration=question.iteration,
        subject_digest=question.subject_digest,
    )
    client.start_step(run.run_id, "load")
    failed = client.fail_step(run.run_id, "load", message="disk full")
    assert failed.state == "failed"

    retry = client.retry_run(run.run_id, reason="a larger disk")
    assert retry.linked is not None
    assert retry.linked.run_id == run.run_id
    assert client.run(retry.run_id).lineage.retry_of is not None
    old = client.run(run.run_id)
    assert old.state == "failed"
    assert [link.run_id for link in old.lineage.retries] == [retry.run_id]


def test_what_was_written_is_read_at_once(client: Client, workflow: str) -> None:
    client.register_workflow(etl(workflow))
    for number in range(1, 6):
        run = client.create_run(workflow)
        assert client.run(run.run_id).version == run.version
        assert len(client.runs(workflow=workflow).items) == number
        assert len(client.matrix(workflow).runs) == number
    assert client.position > 0


def test_what_another_process_wrote_is_read_at_once_if_asked_for(
    service: Service, client: Client, workflow: str
) -> None:
    client.register_workflow(etl(workflow))
    for number in range(1, 6):
        client.create_run(workflow)
        with Client(
            query_url=service.query_url,
            command_url=service.command_url,
            token=service.token,
            read_all_writes=True,
        ) as other:
            assert other.run_by_number(workflow, number).number == number
            assert other.position == client.position


def test_a_list_is_walked_page_by_page(client: Client, workflow: str) -> None:
    client.register_workflow(etl(workflow))
    made = [client.create_run(workflow).run_id for _ in range(7)]
    walked = client.all(client.runs, workflow=workflow, limit=3)
    assert [run.run_id for run in walked] == made[::-1]


def test_a_lost_answer_is_asked_for_again_and_the_command_done_once(
    service: Service, client: Client, workflow: str
) -> None:
    client.register_workflow(etl(workflow))
    with (
        LossyLine(service.command_url) as line,
        Client(
            query_url=service.query_url, command_url=line.url, token=service.token
        ) as unlucky,
    ):
        line.lose_answers = 2
        run = unlucky.create_run(workflow)
    assert line.lost == 2
    assert run.repeated
    client.wait()
    assert [one.run_id for one in client.runs(workflow=workflow).items] == [run.run_id]


def test_when_no_answer_comes_at_all_the_key_is_told(
    service: Service, client: Client, workflow: str
) -> None:
    client.register_workflow(etl(workflow))
    with (
        LossyLine(service.command_url) as line,
        Client(
            query_url=service.query_url,
            command_url=line.url,
            token=service.token,
            retry_for_s=0,
        ) as unlucky,
    ):
        line.lose_answers = 1
        with pytest.raises(runledger.Unreachable) as raised:
            unlucky.create_run(workflow)
        assert raised.value.key is not None
        again = unlucky.create_run(workflow, key=raised.value.key)
    assert again.repeated


def test_a_followed_stream_is_resumed_without_gap_or_repetition(
    service: Service, client: Client, workflow: str
) -> None:
    client.register_workflow(etl(workflow))
    begin = client.position
    run = client.create_run(workflow)
    for _ in range(40):
        client.pause_run(run.run_id)
        client.continue_run(run.run_id)
    lost: list[str] = []
    with (
        LossyLine(service.query_url) as line,
        Client(
            query_url=line.url, command_url=service.command_url, token=service.token
        ) as follower,
    ):
        line.cut_after = 6_000
        end = client.position
        with closing(
            follower.follow(after=begin, workflow=workflow, lost=lost.append)
        ) as stream:
            events = list(itertools.takewhile(lambda e: e.position < end, stream))
    assert line.lost == len(lost) == 1
    stored = client.events(after=begin, workflow=workflow, limit=1_000).items
    assert [e.position for e in events] == [e.position for e in stored[:-1]]


def test_errors_are_one_tree(service: Service, client: Client, workflow: str) -> None:
    client.register_workflow(etl(workflow))
    run = client.create_run(workflow)
    with pytest.raises(runledger.NotFound) as unknown:
        client.run("00000000-0000-7000-8000-000000000000")
    assert (unknown.value.code, unknown.value.status) == ("unknown-run", 404)
    with pytest.raises(runledger.Refused) as refused:
        client.retry_run(run.run_id)
    assert refused.value.code == "run-not-over"
    with pytest.raises(runledger.StaleVersion):
        client.pause_run(run.run_id, if_match=1_000)
    with pytest.raises(runledger.Invalid) as invalid:
        client.register_workflow({"name": ""})
    assert invalid.value.members["errors"]
    stranger = Client(
        query_url=service.query_url, command_url=service.command_url, token="rl_none"
    )
    with stranger, pytest.raises(runledger.Unauthenticated):
        stranger.workflows()
    nowhere = Client(
        query_url="http://127.0.0.1:9",
        command_url="http://127.0.0.1:9",
        retry_for_s=0.2,
    )
    with nowhere, pytest.raises(runledger.Unreachable, match="does not answer"):
        nowhere.workflows()


def test_every_operation_of_both_services_is_a_method(
    service: Service, stage: Stage, workflow: str
) -> None:
    stage.worker("chain")
    worked = stage.start("chain", {"name": "Ada"})
    stage.ended(worked)
    asked: set[tuple[str, str]] = set()
    http = httpx2.Client(
        event_hooks={"request": [lambda r: asked.add((r.method, r.url.path))]}
    )
    with Client(
        query_url=service.query_url,
        command_url=service.command_url,
        token=service.token,
        http=http,
    ) as client:
        take_tour(client, workflow, worked)
    settings = Settings()
    missing = [
        f"{method} {path}"
        for document in (query_document(settings), command_document(settings))
        for path, methods in _paths(document).items()
        for method in methods
        if path not in NOT_FOR_CLIENTS
        and not any(
            verb == method.upper() and re.fullmatch(_pattern(path), seen)
            for verb, seen in asked
        )
    ]
    assert missing == []


def _paths(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = document["paths"]
    return found


def _pattern(path: str) -> str:
    return re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path))
