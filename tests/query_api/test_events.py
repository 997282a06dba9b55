"""The event list: the log by position, with every filter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from domain.ids import Namespace
from domain.run.commands import CompleteStep, StartStep
from domain.workflow.definition import StepDefinition, WorkflowDefinition
from query_api.answers import EventItem, EventList, TopicList

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.query_api.serving import Api
    from tests.query_api.world import World

OTHER = WorkflowDefinition(name="other", steps=(StepDefinition(name="go"),))


def positions(answer: dict[str, Any]) -> list[int]:
    return [item["position"] for item in answer["items"]]


def test_the_list_is_there_before_any_projection(world: World, api: Api) -> None:
    world.register()
    run = world.create()
    answer = EventList.model_validate(api.get("events"))
    assert [item.topic for item in answer.items] == [
        "run.step.queued",
        "run.queued",
        "run.created",
        "workflow.version.registered",
    ]
    assert answer.position == world.position
    created, registered = answer.items[2:]
    assert created.run_id == run
    assert (created.workflow, created.number) == ("deploy", 1)
    assert created.summary == "ada created run #1 of deploy, version 1"
    assert created.recorded_by == "service"
    assert isinstance(created.data, dict)
    assert created.data["workflow"] == "deploy"
    assert (registered.run_id, registered.workflow) == (None, "deploy")


def test_pages_go_up_and_down_without_gaps(world: World, api: Api) -> None:
    world.register()
    for _ in range(5):
        world.create()
    last = world.position
    for upwards in (True, False):
        seen: list[int] = []
        params: dict[str, int] = {"after": 0} if upwards else {}
        while True:
            page = api.get("events", limit=3, **params)
            seen += positions(page)
            if page["next"] is None:
                break
            params = {"after" if upwards else "before": page["next"]}
        assert sorted(seen) == list(range(1, last + 1))
        assert seen == sorted(seen, reverse=not upwards)


def test_every_filter_finds_its_events_and_no_others(world: World, api: Api) -> None:
    world.register()
    world.register(OTHER)
    one = world.create()
    two = world.create("other", actor="bob")
    world.project()
    three = world.create("other")  # not in the read tables
    world.do(one, StartStep(step="build"), CompleteStep(step="build"))
    every = api.get("events", limit=1000)["items"]

    def expected(test: Any) -> list[int]:
        found = [item["position"] for item in every if test(item)]
        assert found
        return found

    cases: list[tuple[dict[str, Any], Callable[[Any], bool]]] = [
        ({"run": str(one)}, lambda e: e["run_id"] == str(one)),
        ({"workflow": "other"}, lambda e: e["workflow"] == "other"),
        ({"actor": "bob"}, lambda e: e["actor"] == "bob"),
        ({"topic": "run.step."}, lambda e: e["topic"].startswith("run.step.")),
        ({"after": 4, "before": 8}, lambda e: 4 < e["position"] < 8),
        (
            {"workflow": "other", "topic": "run.created"},
            lambda e: (
                e["topic"] == "run.created" and e["run_id"] in (str(two), str(three))
            ),
        ),
    ]
    for params, test in cases:
        found = positions(api.get("events", limit=1000, **params))
        assert sorted(found) == sorted(expected(test)), params
    assert positions(api.get("events", topic="run_step")) == []
    assert positions(api.get("events", topic="%")) == []
    assert positions(api.get(f"runs/{one}/events")) == expected(
        lambda e: e["run_id"] == str(one)
    )


def test_an_event_has_an_address_of_its_own(world: World, api: Api) -> None:
    world.register()
    world.register(namespace=Namespace("other"))
    world.create()
    for item in api.get("events")["items"]:
        answer = api.get(f"events/{item['position']}")
        EventItem.model_validate(answer)
        assert answer == item
    for position in (0, 2, world.position + 1):
        problem = api.refused(f"events/{position}", 404)
        assert problem["type"] == "urn:runledger:problem:not-found"
    for path in ("events/x", "events/-1"):
        assert api.refused(path, 422)["errors"][0]["parameter"] == "position"


def test_what_one_request_has_caused_is_found(world: World, api: Api) -> None:
    world.register()
    request, cause = uuid4(), uuid4()
    world.create()
    world.correlation, world.causation = request, cause
    first = world.create()
    world.causation = None
    second = world.create()
    world.correlation = None
    world.create()

    def runs(**params: Any) -> set[str]:
        items = api.get("events", limit=1000, **params)["items"]
        return {item["run_id"] for item in items}

    assert runs(correlation=str(request)) == {str(first), str(second)}
    assert runs(causation=str(cause)) == {str(first)}
    assert runs(causation=str(cause), correlation=str(cause)) == set()
    assert api.refused("events", 422, correlation="x")["status"] == 422


def test_times_are_those_of_recording(world: World, api: Api) -> None:
    world.register()
    runs = [world.create() for _ in range(4)]
    every = api.get("events", after=0)["items"]
    for item in every:
        moment = item["recorded_at"]
        since = positions(api.get("events", since=moment))
        until = positions(api.get("events", until=moment))
        assert sorted(since + until) == [each["position"] for each in every]
        assert item["position"] in since
    assert positions(api.get("events", since="2100-01-01T00:00:00Z")) == []
    assert positions(api.get("events", until="2000-01-01T00:00:00Z")) == []
    assert len(runs) == 4


def test_a_namespace_sees_its_own_events(world: World, api: Api) -> None:
    world.register()
    world.register(namespace=Namespace("other"))
    mine, theirs = world.create(), world.create(namespace=Namespace("other"))
    seen = api.get("events", limit=1000)["items"]
    assert {item["run_id"] for item in seen} == {str(mine), None}
    assert api.get("events", run=str(theirs))["items"] == []
    assert api.get(f"runs/{theirs}/events")["items"] == []


def test_an_event_of_a_newer_version_is_shown_as_it_is(world: World, api: Api) -> None:
    world.register()
    run = world.create()
    world.execute(
        """
        INSERT INTO ledger.runledger_events
        SELECT originator_id, originator_version + 1, 'run.teleported',
               '{"to": "mars"}', (SELECT position + 1 FROM ledger.log_head),
               gen_random_uuid(), namespace, actor, recorded_by, occurred_at,
               recorded_at, NULL, NULL, NULL, hash
          FROM ledger.runledger_events WHERE originator_id = %s
         ORDER BY originator_version DESC LIMIT 1
        """,
        run,
    )
    item = api.get("events", limit=1)["items"][0]
    assert item["topic"] == "run.teleported"
    assert item["data"] == {"to": "mars"}
    assert "run.teleported" in item["summary"]


def test_all_topics_are_told(empty: Api) -> None:
    topics = TopicList.model_validate(empty.ask("/v1/topics")).items
    assert {"run.created", "workflow.version.registered"} <= {
        one.topic for one in topics
    }
