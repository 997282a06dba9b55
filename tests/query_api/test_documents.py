"""The documents: what routes is described, and what is described routes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from domain.events import TOPICS
from infra.settings import PARTITIONS
from query_api.approvals import ApprovalsQuery
from query_api.events import EventsQuery
from query_api.jobs import JobsQuery
from query_api.matrix import MatrixQuery
from query_api.operations import OPERATIONS
from query_api.run import HistoryQuery
from query_api.runs import RunsQuery
from query_api.safety import RetrySafetyQuery
from query_api.stream import StreamQuery
from query_api.workers import WorkersQuery

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.query_api.serving import Api


def references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for each in value.values():
            yield from references(each)
    elif isinstance(value, list):
        for each in value:
            yield from references(each)


def found_at(document: dict[str, Any], reference: str) -> Any:
    here: Any = document
    for part in reference.removeprefix("#/").split("/"):
        here = here[part.replace("~1", "/").replace("~0", "~")]
    return here


def test_every_operation_is_described(empty: Api) -> None:
    document = empty.ask("/openapi.json")
    assert document["openapi"] == "3.1.0"
    for operation in OPERATIONS:
        entry = document["paths"][operation.path]["get"]
        assert entry["summary"]
        assert "200" in entry["responses"]
        assert "401" in entry["responses"]
    ids = [
        entry["operationId"]
        for path in document["paths"].values()
        for entry in path.values()
    ]
    assert len(ids) == len(set(ids))
    for reference in references(document):
        assert found_at(document, reference) is not None, reference


def test_every_event_is_a_message(empty: Api) -> None:
    document = empty.ask("/asyncapi.json")
    assert document["asyncapi"] == "3.0.0"
    messages = document["components"]["messages"]
    assert set(messages) == {*TOPICS, "deadLetter"}
    for reference in references(document):
        assert found_at(document, reference) is not None, reference
    for topic, kind in TOPICS.items():
        message = messages[topic]
        assert message["name"] == f"runledger.{topic}.v{kind.class_version}"
        payload = found_at(document, message["payload"]["$ref"])
        assert set(payload["properties"]) == set(kind.model_fields)
        headers = found_at(document, message["headers"]["$ref"])
        assert {"ce_id", "ce_type", "ce_position"} <= set(headers["required"])


def test_every_channel_has_its_operation_and_all_its_messages(empty: Api) -> None:
    document = empty.ask("/asyncapi.json")
    events = document["channels"]["events"]
    assert events["address"] == "runledger.events"
    assert events["bindings"]["kafka"]["partitions"] == PARTITIONS
    assert set(events["messages"]) == set(TOPICS)
    used = {one["channel"]["$ref"] for one in document["operations"].values()}
    assert used == {f"#/channels/{name}" for name in document["channels"]}
    assert {one["action"] for one in document["operations"].values()} == {"send"}


def test_every_address_stands_in_the_pages_for_people(empty: Api) -> None:
    docs = Path(__file__).parents[2] / "docs"
    written = (docs / "queries.md").read_text(encoding="utf-8")
    told = set(re.findall(r"`(/(?:v1/|health/|openapi|asyncapi)[^`]*)`", written))
    paths = set(empty.ask("/openapi.json")["paths"])
    assert told == paths | {"/openapi.json"}


def test_every_kind_of_event_stands_in_the_pages_for_people() -> None:
    page = Path(__file__).parents[2] / "docs" / "events.md"
    (table,) = re.findall(r"## What there is\n(.*?)\n## ", page.read_text(), re.DOTALL)
    assert set(re.findall(r"`((?:run|workflow|bulk)\.[a-z_.]+)`", table)) == set(TOPICS)


def test_every_filter_of_runs_and_events_is_written_down() -> None:
    docs = Path(__file__).parents[2] / "docs"
    pages = {name: (docs / name).read_text() for name in ("queries.md", "events.md")}
    queries = (
        *(RunsQuery, HistoryQuery, MatrixQuery, ApprovalsQuery),
        *(JobsQuery, WorkersQuery, RetrySafetyQuery),
    )
    for name, models in (
        ("queries.md", queries),
        ("events.md", (EventsQuery, StreamQuery)),
    ):
        for model in models:
            for parameter, field in model.model_fields.items():
                told = field.alias or parameter
                assert f"`{told}" in pages[name], (name, told)


@pytest.mark.parametrize("path", [one.path for one in OPERATIONS])
def test_nothing_is_told_without_a_token(empty: Api, path: str) -> None:
    filled = path.replace("{ns}", "default")
    for name in ("{name}", "{number}", "{run_id}", "{step}", "{digest}"):
        filled = filled.replace(name, "1")
    response = empty.client.get(filled, headers={"Authorization": "Bearer rl_wrong"})
    assert response.status_code == 401
    response = empty.client.request("POST", filled)
    assert response.status_code == 405
