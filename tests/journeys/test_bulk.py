"""A bad deploy: hundreds of runs are canceled at once, and that can be stopped."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any
from uuid import UUID

import psycopg
import pytest

from tests.support.waiting import eventually

if TYPE_CHECKING:
    from tests.support.service import Service

NS = "/v1/default"
CANCEL = {"type": "cancel"}


@pytest.fixture
def workflow(service: Service) -> str:
    name = f"w-{uuid.uuid4().hex[:12]}"
    definition = {"name": name, "steps": [{"name": "build"}, {"name": "ship"}]}
    assert service.post(f"{NS}/workflows", definition)[0] == 201
    return name


def created(service: Service, workflow: str, count: int) -> list[str]:
    """So many new runs, and everybody can see them."""
    runs: list[str] = []
    while len(runs) < count:
        create = {"commands": [{"type": "create_run", "workflow": workflow}]}
        items = [create] * min(count - len(runs), 500)
        status, answer = service.post(f"{NS}/batch", {"items": items})
        assert status == 200
        runs += [item["answer"]["run_id"] for item in answer["items"]]
    service.wait_level()
    return runs


def started(service: Service, wanted: object) -> Any:
    """The operation that a preview led to."""
    body = {"command": CANCEL, "filter": wanted}
    status, preview = service.post(f"{NS}/bulk/preview", body)
    assert status == 200, preview
    body |= {"digest": preview["digest"], "reason": "bad deploy"}
    status, answer = service.post(f"{NS}/bulk", body)
    assert status == 201, answer
    assert answer["total"] == preview["total"]
    return {**answer, "preview": preview}


def over(service: Service, answer: Any) -> Any:
    """The operation that was started once it has ended."""
    path = f"{NS}/bulk/{answer['bulk_id']}?min_position={answer['position']}&wait_s=20"

    def shown() -> Any:
        found = service.get(path)
        return found if found["state"] in ("completed", "stopped") else None

    return eventually(shown)


def all_items(service: Service, bulk_id: str) -> list[Any]:
    items: list[Any] = []
    cursor = ""
    while True:
        path = f"{NS}/bulk/{bulk_id}/items?limit=300{cursor}"
        page = service.get(path)
        items += page["items"]
        if page["next"] is None:
            return items
        cursor = f"&cursor={page['next']}"


def states(service: Service, runs: list[str]) -> dict[str, str]:
    service.wait_level()
    with psycopg.connect(service.url()) as connection:
        rows = connection.execute(
            "SELECT run_id, state FROM read.runs WHERE run_id = ANY(%s)",
            ([UUID(run) for run in runs],),
        ).fetchall()
    return {str(run_id): state for run_id, state in rows}


def test_five_hundred_runs_are_canceled_and_one_is_refused(
    service: Service, workflow: str
) -> None:
    runs = created(service, workflow, 501)
    # One is over before anybody looks: what it did is not undone.
    failed = runs[250]
    for verb, body in (("start", {}), ("fail", {"retryable": False})):
        path = f"{NS}/runs/{failed}/steps/build/{verb}"
        assert service.post(path, body)[0] == 200
    service.wait_level()
    answer = started(service, {"workflow": workflow})
    preview = answer["preview"]
    assert preview["total"] == 501
    assert preview["expected"]["done"] == 500
    assert [one["code"] for one in preview["refusals"]] == ["run-over"]
    assert len(preview["items"]) == 50
    later = created(service, workflow, 1)

    found = over(service, answer)
    assert (found["state"], found["done"], found["refused"]) == ("completed", 500, 1)
    assert [one["code"] for one in found["refusals"]] == ["run-over"]
    items = all_items(service, answer["bulk_id"])
    assert {item["run_id"] for item in items} == set(runs)
    (refused,) = [item for item in items if item["result"] == "refused"]
    assert refused["run_id"] == failed
    shown = states(service, [*runs, *later])
    assert {shown.pop(failed), shown.pop(later[0])} == {"failed", "queued"}
    assert set(shown.values()) == {"canceled"}

    # Everything it has caused carries its id, and the name of whoever wanted it.
    with psycopg.connect(service.url()) as connection:
        rows = connection.execute(
            "SELECT count(DISTINCT originator_id), array_agg(DISTINCT actor)"
            "  FROM ledger.runledger_events"
            " WHERE correlation_id = %s AND topic = 'run.canceled'",
            (answer["bulk_id"],),
        ).fetchall()
    assert rows == [(500, ["local"])]
    item = items[0]
    events = service.get(f"{NS}/runs/{item['run_id']}/events")["items"]
    assert events[0]["position"] == item["run_position"]
    assert events[0]["version"] == item["run_version"]


def test_it_is_stopped_half_way_and_the_rest_goes_on(
    service: Service, workflow: str
) -> None:
    runs = created(service, workflow, 2_000)
    answer = started(service, {"workflow": workflow, "state": ["queued"]})
    bulk_id = answer["bulk_id"]
    path = f"{NS}/events?topic=bulk.items_done&run={bulk_id}"
    eventually(lambda: service.get(path)["items"])
    status, stopping = service.post(f"{NS}/bulk/{bulk_id}/stop", {"reason": "wrong"})
    assert (status, stopping["state"]) == (200, "stopping")

    found = over(service, answer)
    assert found["state"] == "stopped"
    assert found["stop_reason"] == "wrong"
    assert 0 < found["done"] < 2_000
    assert found["done"] + found["left"] == 2_000
    items = all_items(service, bulk_id)
    done = {item["run_id"] for item in items if item["result"] == "done"}
    assert len(done) == found["done"]
    shown = states(service, runs)
    assert {run for run in runs if shown[run] == "canceled"} == done
    assert {shown[run] for run in runs if run not in done} == {"queued"}
    # What is left can be done by another operation.
    again = started(service, {"workflow": workflow, "state": ["queued"]})
    assert again["total"] == found["left"]
    assert over(service, again)["done"] == found["left"]
