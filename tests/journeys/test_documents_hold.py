"""Both APIs against their own OpenAPI documents, with requests made up by a machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.support.service import exchange

if TYPE_CHECKING:
    from schemathesis import APIOperation, Case
    from schemathesis.schemas import BaseSchema

    from tests.support.service import Service

EXAMPLES = 15
"""Requests per operation, half of them against the run that is there."""

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]

ENDLESS = "/v1/{ns}/events/stream"
"""Server-sent events: an answer that does not end has tests of its own."""

LEASE = "/v1/{ns}/jobs/lease"
"""A long poll: how long it waits is tested elsewhere."""

NAMESPACE = "fuzz"
WORKFLOW = {
    "name": "w",
    "steps": [{"name": "a"}, {"name": "b", "needs": ["a"], "kind": "approval"}],
}


@pytest.fixture(scope="module")
def token(service: Service) -> str:
    return service.make_token("fuzz", "admin", namespace=NAMESPACE)


@pytest.fixture(scope="module")
def run_id(service: Service, token: str) -> UUID:
    """A run that is there to be found."""
    base = f"{service.command_url}/v1/{NAMESPACE}"
    assert exchange(f"{base}/workflows", "POST", token, WORKFLOW)[0] == 201
    status, answer = exchange(f"{base}/runs", "POST", token, {"workflow": "w"})
    assert status == 201
    service.wait_level()
    return UUID(answer["run_id"])


@pytest.mark.parametrize("api", ["command", "query"])
def test_no_request_gets_an_answer_that_its_document_does_not_name(
    service: Service, token: str, run_id: UUID, api: Literal["command", "query"]
) -> None:
    url = service.command_url if api == "command" else service.query_url
    schema = schemathesis.openapi.from_url(f"{url}/openapi.json")
    asked = 0
    for operation in _operations(schema):
        if operation.path != ENDLESS:
            _ask(operation, token, run_id)
            asked += 1
    assert asked >= 15


def _operations(schema: BaseSchema) -> list[APIOperation[Any, Any, Any, Any]]:
    found = [one.ok() for one in schema.get_all_operations() if isinstance(one, Ok)]
    assert len(found) == len(list(schema.get_all_operations())), "a broken operation"
    return found


def _ask(operation: APIOperation[Any, Any, Any, Any], token: str, run_id: UUID) -> None:
    known = {"ns": NAMESPACE, "step": "a", "name": "w", "number": 1}
    headers = {"authorization": f"Bearer {token}"}
    turn = 0

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        # A failing request is told as it is: making it smaller takes minutes.
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def ask(case: Case[Any]) -> None:
        nonlocal turn
        turn += 1
        if case.path_parameters and "ns" in case.path_parameters:
            case.path_parameters["ns"] = NAMESPACE
        if turn % 2:
            # What is there: a made-up name or id would be unknown every time.
            for name in case.path_parameters or {}:
                case.path_parameters[name] = known.get(name, str(run_id))
        # Who asks for strictness asks for a 503 where the read models lag, and who
        # waits for what is not there waits.
        for name in ("strict", "wait_s"):
            case.query.pop(name, None)
        if "min_position" in case.query or "min_version" in case.query:
            case.query["wait_s"] = 0.01
        if operation.path == LEASE and isinstance(case.body, dict):
            wait = case.body.get("wait_s", 20)
            if isinstance(wait, int | float) and 0 <= wait <= 30:
                case.body["wait_s"] = 0
        case.call_and_validate(headers=headers, checks=CHECKS)

    try:
        ask()
    except Exception as error:
        error.add_note(f"by {operation.method.upper()} {operation.path}")
        raise
