"""Bulk operations as the query API shows them."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from domain.bulk import events as b
from domain.bulk.commands import CancelRuns, RetryRuns, RunFilter
from domain.bulk.items import BulkItem, ItemResult
from query_api import answers, bulk
from query_api.answers.bulk import BulkDetail, BulkItemList, BulkList

if TYPE_CHECKING:
    from domain.bulk.commands import BulkCommand
    from tests.query_api.serving import Api
    from tests.query_api.world import World

CANCEL = CancelRuns(type="cancel", force=True)
RETRY = RetryRuns(type="retry")
DONE = ItemResult(result="done", version=4, position=9)
REFUSED = ItemResult(result="refused", code="run-over", message="Run #2 is over.")


def started(
    world: World, count: int, command: BulkCommand = CANCEL, actor: str = "ada"
) -> uuid.UUID:
    bulk_id = uuid.uuid4()
    items = tuple(
        BulkItem(run_id=uuid.UUID(int=n), workflow="deploy", number=n)
        for n in range(1, count + 1)
    )
    world.tell(
        bulk_id,
        b.BulkStarted(
            command=command,
            filter=RunFilter(workflow="deploy"),
            total=count,
            digest="d",
            reason="bad deploy",
        ),
        b.BulkListed(first=1, items=items),
        actor=actor,
    )
    return bulk_id


def numbers(page: Any) -> list[int]:
    return [item["nth"] for item in page["items"]]


def test_an_operation_tells_what_by_whom_and_how_far(world: World, api: Api) -> None:
    bulk_id = started(world, 5)
    world.tell(bulk_id, b.BulkItemsDone(first=1, results=(DONE, REFUSED, REFUSED)))
    world.tell(bulk_id, b.BulkStopRequested(reason="wrong ones"), actor="eve")
    position = world.project()
    found = api.get(f"bulk/{bulk_id}", min_position=position)
    BulkDetail.model_validate(found)
    assert (found["command"], found["options"]) == ("cancel", {"force": True})
    assert found["filter"] == {"workflow": "deploy"}
    assert (found["state"], found["total"], found["left"]) == ("stopping", 5, 2)
    assert (found["done"], found["refused"]) == (1, 2)
    assert (found["started_by"], found["reason"]) == ("ada", "bad deploy")
    assert (found["stop_asked_by"], found["stop_reason"]) == ("eve", "wrong ones")
    assert found["refusals"] == [
        {"code": "run-over", "items": 2, "message": "Run #2 is over."}
    ]
    assert found["position"] == position
    assert not found["degraded"]


def pace(api: Api, bulk_id: uuid.UUID) -> BulkDetail:
    return BulkDetail.model_validate(api.get(f"bulk/{bulk_id}"))


def test_an_operation_tells_its_pace(
    world: World, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "LATELY", 4)
    world.now = datetime.now(UTC) - timedelta(seconds=1_000)
    bulk_id = started(world, 10)
    world.project()
    before = pace(api, bulk_id)
    assert (before.progressed_at, before.per_second) == (None, None)
    world.now = datetime.now(UTC) - timedelta(seconds=500)
    world.tell(bulk_id, b.BulkItemsDone(first=1, results=(DONE,)))
    first = world.now
    world.project()
    early = pace(api, bulk_id)
    assert early.progressed_at == first
    # One since it was started, 1,000 s ago; it does not get slower by being new.
    assert early.per_second == pytest.approx(1 / 1_000, rel=0.1)
    world.now = datetime.now(UTC) - timedelta(seconds=100)
    world.tell(bulk_id, b.BulkItemsDone(first=2, results=(DONE, REFUSED)))
    world.now = datetime.now(UTC)
    world.tell(bulk_id, b.BulkItemsDone(first=4, results=(DONE,) * 4))
    last = world.now
    world.project()
    late = pace(api, bulk_id)
    assert late.progressed_at == last
    # The last four came in the last 100 s.
    assert late.per_second == pytest.approx(4 / 100, rel=0.1)
    world.tell(bulk_id, b.BulkEnded(outcome="stopped", done=7))
    world.project()
    assert pace(api, bulk_id).per_second is None


def test_operations_are_listed_the_newest_first(world: World, api: Api) -> None:
    every = [str(started(world, 1)) for _ in range(5)]
    world.project()
    first = api.get("bulk", limit=2)
    BulkList.model_validate(first)
    second = api.get("bulk", limit=2, cursor=first["next"])
    third = api.get("bulk", limit=2, cursor=second["next"])
    found = [
        item["bulk_id"] for page in (first, second, third) for item in page["items"]
    ]
    assert found == every[::-1]
    assert third["next"] is None


def test_operations_are_found_by_state_command_and_person(
    world: World, api: Api
) -> None:
    mine = started(world, 1)
    started(world, 1, actor="eve")
    retried = started(world, 1, RETRY)
    world.tell(
        mine,
        b.BulkItemsDone(first=1, results=(DONE,)),
        b.BulkEnded(outcome="completed", done=1),
    )
    world.project()

    def found(**wanted: Any) -> int:
        return len(api.get("bulk", **wanted)["items"])

    assert found(state="completed") == 1
    assert found(state=["completed", "running"]) == 3
    assert found(state="stopped") == 0
    assert found(actor="eve") == 1
    (one,) = api.get("bulk", command="retry")["items"]
    assert one["bulk_id"] == str(retried)
    api.refused("bulk", 422, state="paused")


def test_items_are_paged_by_their_place(world: World, api: Api) -> None:
    bulk_id = started(world, 7)
    world.tell(bulk_id, b.BulkItemsDone(first=1, results=(DONE, REFUSED, DONE)))
    world.project()
    page = api.get(f"bulk/{bulk_id}/items", limit=5)
    BulkItemList.model_validate(page)
    rest = api.get(f"bulk/{bulk_id}/items", limit=5, cursor=page["next"])
    assert numbers(page) + numbers(rest) == [1, 2, 3, 4, 5, 6, 7]
    assert rest["next"] is None
    done, refused, *_ = page["items"]
    assert (done["result"], done["run_version"], done["run_position"]) == ("done", 4, 9)
    assert (refused["code"], refused["message"]) == ("run-over", "Run #2 is over.")
    assert page["items"][3]["result"] == "pending"


def test_items_are_found_by_result(world: World, api: Api) -> None:
    bulk_id = started(world, 6)
    missing = ItemResult(result="not_found", code="unknown-run")
    results = (DONE, REFUSED, missing, REFUSED)
    world.tell(bulk_id, b.BulkItemsDone(first=1, results=results))
    world.project()
    path = f"bulk/{bulk_id}/items"
    assert numbers(api.get(path, result="refused")) == [2, 4]
    assert numbers(api.get(path, result=["not_found", "pending"])) == [3, 5, 6]
    first = api.get(path, result="refused", limit=1)
    rest = api.get(path, result="refused", limit=1, cursor=first["next"])
    assert numbers(rest) == [4]
    api.refused(path, 400, cursor="nonsense")


def test_a_retrys_item_names_the_new_run(world: World, api: Api) -> None:
    bulk_id = started(world, 1, RETRY)
    made = DONE.model_copy(update={"new_run": uuid.UUID(int=9), "new_number": 9})
    world.tell(bulk_id, b.BulkItemsDone(first=1, results=(made,)))
    world.project()
    (item,) = api.get(f"bulk/{bulk_id}/items")["items"]
    assert (item["new_run"], item["new_number"]) == (str(uuid.UUID(int=9)), 9)


def test_what_is_not_there_is_not_found(world: World, api: Api) -> None:
    bulk_id = started(world, 1)
    world.project()
    for path in (f"bulk/{uuid.uuid4()}", f"bulk/{uuid.uuid4()}/items"):
        assert api.refused(path, 404)["type"].endswith(":unknown-bulk")
    # Nor for another namespace.
    other = world.token(namespace="other")
    answer = api.client.get(
        f"/v1/other/bulk/{bulk_id}", headers={"Authorization": f"Bearer {other}"}
    )
    assert answer.status_code == 404


def test_an_operation_whose_events_are_parked_says_so(world: World, api: Api) -> None:
    bulk_id = started(world, 2)
    # Nothing was listed at that place.
    world.tell(bulk_id, b.BulkItemsDone(first=2, results=(DONE,)))
    world.project(parking=1)
    assert api.get(f"bulk/{bulk_id}")["degraded"]
    assert api.get("bulk")["degraded"] == [str(bulk_id)]
    assert api.get(f"bulk/{bulk_id}/items")["degraded"] == [str(bulk_id)]


def test_its_events_are_told_in_sentences(world: World, api: Api) -> None:
    bulk_id = started(world, 2)
    world.project()
    found = api.get("events", topic="bulk.", run=str(bulk_id))["items"]
    assert [each["summary"] for each in found] == [
        "The bulk operation is about these runs: 1 to 2",
        "ada started a bulk cancel of 2 items: bad deploy",
    ]
    assert found[0]["run_id"] is None


def test_every_answer_is_described() -> None:
    assert {"BulkList", "BulkDetail", "BulkItemList"} <= set(answers.__all__)
