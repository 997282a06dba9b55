"""The live stream: exact resumption, filters, and nobody buffered without bound."""

from __future__ import annotations

import asyncio
import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID, uuid4

import pytest

from domain.ids import Namespace
from domain.run.commands import CompleteStep, StartStep
from query_api import live, stream
from query_api.definitions import RunNames
from query_api.event_shapes import EventShapes
from query_api.live import Change, Filter, Subscriber
from query_api.reading import reading
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import httpx2 as httpx

    from tests.query_api.serving import Api
    from tests.query_api.world import World


class Sent(NamedTuple):
    id: int
    data: dict[str, Any]


class Following:
    """The events of a stream as a browser would dispatch them."""

    def __init__(self, response: httpx.Response) -> None:
        self._lines = response.iter_lines()
        self.last_id = -1

    def hello(self) -> int:
        """Read up to where the stream says that it begins."""
        while self.last_id < 0:
            self._line()
        return self.last_id

    def until(self, position: int) -> None:
        """Read until the stream's id has come that far."""
        while self.last_id < position:
            self._line()

    def take(self, count: int) -> list[Sent]:
        """The next events; keep-alives only move the id."""
        found: list[Sent] = []
        data = ""
        while len(found) < count:
            line = self._line()
            if line.startswith("data: "):
                data = line[6:]
            elif not line and data:
                found.append(Sent(self.last_id, json.loads(data)))
                data = ""
        return found

    def rest(self) -> list[str]:
        """All lines that still come, when it has ended."""
        return [line for line in self._lines if line]

    def _line(self) -> str:
        line = next(self._lines)
        if line.startswith("id: "):
            self.last_id = int(line[4:])
        return line


@contextmanager
def following(
    api: Api, last_event_id: int | None = None, **params: object
) -> Iterator[Following]:
    headers = {} if last_event_id is None else {"Last-Event-ID": str(last_event_id)}
    with api.client.stream(
        "GET",
        "/v1/default/events/stream",
        params=params,  # type: ignore[arg-type]  # all are written as text
        headers=headers,
    ) as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        yield Following(response)


def test_events_come_as_they_happen(world: World, api: Api) -> None:
    world.register()
    with following(api) as feed:
        assert feed.hello() == world.position
        run = world.create()
        events = feed.take(3)
        assert [event.id for event in events] == [2, 3, 4]
        assert {event.data["run_id"] for event in events} == {str(run)}
        assert events[0].data["summary"] == "ada created run #1 of deploy, version 1"
        world.do(run, StartStep(step="build"))
        assert feed.take(1)[0].data["topic"] == "run.step.started"


def test_a_stream_goes_on_exactly_where_it_broke_off(world: World, api: Api) -> None:
    world.register()
    seen: list[int] = []
    last = 0
    for _ in range(4):
        run = world.create()
        world.do(run, StartStep(step="build"), CompleteStep(step="build"))
        # Breaks off in the middle of what there is, and of a transaction.
        with following(api, last) as feed:
            seen += [event.id for event in feed.take(5)]
        last = seen[-1]
    with following(api, last) as feed:
        seen += [event.id for event in feed.take(world.position - last)]
        world.create()
        seen += [event.id for event in feed.take(3)]
    assert seen == list(range(1, world.position + 1))


def test_the_last_id_goes_before_after(world: World, api: Api) -> None:
    world.register()
    world.create()
    with following(api, 2, after=0) as feed:
        assert feed.take(1)[0].id == 3
    with following(api, after=1) as feed:
        assert feed.take(1)[0].id == 2
    response = api.client.get(
        "/v1/default/events/stream", headers={"Last-Event-ID": "yesterday"}
    )
    assert response.status_code == 422


def test_only_what_was_asked_for_is_sent(world: World, api: Api) -> None:
    world.register()
    world.register(namespace=Namespace("other"))
    first, second = world.create(), world.create()
    begin = world.position
    with (
        following(api, begin, run=str(first)) as of_run,
        following(api, begin, topic="run.step.") as of_steps,
        following(api, 0, workflow="deploy", topic="run.created") as of_workflow,
    ):
        world.create(namespace=Namespace("other"))
        world.do(second, StartStep(step="build"))
        world.do(first, StartStep(step="build"))
        assert of_run.take(1)[0].data["run_id"] == str(first)
        topics = [sent.data["topic"] for sent in of_steps.take(2)]
        assert topics == ["run.step.started"] * 2
        runs = [sent.data["run_id"] for sent in of_workflow.take(2)]
        assert runs == [str(first), str(second)]
        third = world.create()
        assert of_workflow.take(1)[0].data["run_id"] == str(third)


def test_a_request_and_an_actor_can_be_followed(world: World, api: Api) -> None:
    world.register()
    asked = uuid4()
    begin = world.position
    with (
        following(api, begin, correlation=str(asked)) as of_request,
        following(api, begin, actor="bob", topic="run.created") as of_bob,
        following(api, begin, correlation=str(asked), actor="bob") as of_both,
    ):
        for _ in range(2):
            # The first time they are behind, the second time live.
            world.create(actor="bob")
            world.correlation = asked
            world.create()
            mine = world.position
            last = world.create(actor="bob")
            world.correlation = None
            sent = of_request.take(6)
            assert {one.data["correlation_id"] for one in sent} == {str(asked)}
            assert sent[2].id == mine
            assert [one.data["actor"] for one in of_bob.take(2)] == ["bob"] * 2
            assert {one.data["run_id"] for one in of_both.take(3)} == {str(last)}


def test_what_is_rare_is_looked_for_bit_by_bit(
    world: World, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "STRETCH", 4)
    world.register()
    for _ in range(10):
        world.create()
    rare = world.create(actor="bob")
    with following(api, 0, actor="bob") as feed:
        first = feed.take(1)[0]
        assert (first.data["topic"], first.data["run_id"]) == ("run.created", str(rare))
        feed.until(world.position)
        world.create()
        again = world.create(actor="bob")
        feed.take(2)
        assert feed.take(1)[0].data["run_id"] == str(again)
    with following(api, 0, run=str(rare)) as feed:
        assert {one.data["run_id"] for one in feed.take(3)} == {str(rare)}


def test_a_stream_ends_with_its_token(
    world: World, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "KEEP_ALIVE_S", 0.05)
    with following(api) as feed:
        feed.hello()
        world.execute("UPDATE access.tokens SET revoked_at = clock_timestamp()")
        with pytest.raises(StopIteration):
            feed.take(1)


def test_a_quiet_stream_moves_its_id_on(
    world: World, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that it does not begin far back when it comes again."""
    monkeypatch.setattr(stream, "KEEP_ALIVE_S", 0.05)
    world.register()
    with following(api, 0, run=str(uuid4())) as feed:
        world.create()
        feed.until(world.position)


def test_whoever_leaves_is_forgotten(world: World, api: Api) -> None:
    with following(api) as feed:
        feed.hello()
        assert api.ask("/v1/system")["followers"] == 1
    eventually(lambda: api.ask("/v1/system")["followers"] == 0)


def change(position: int, namespace: str = "default") -> Change:
    stream = UUID(int=position)
    return Change(position, namespace, stream, None, "run.created", "ada", None, b"{}")


def test_a_slow_subscriber_falls_behind_and_is_not_buffered() -> None:
    async def scenario() -> None:
        slow = Subscriber(Filter("default"), 0)
        slow.behind = False
        for position in range(1, live.QUEUE + 500):
            slow.offer(change(position))
        taken = 0
        while (one := slow.take()) is not None:
            taken += 1
            assert one.position == taken
        # It goes on from the log after the last event that it took.
        assert slow.behind
        assert taken == slow.position == live.QUEUE

    asyncio.run(scenario())


class Paused(EventShapes):
    """Comes to a halt between the rows of a page and what it is made of."""

    def __init__(self, names: RunNames) -> None:
        super().__init__(names)
        self.halted = asyncio.Event()
        self.go_on = asyncio.Event()

    async def changes(self, rows: Sequence[dict[str, Any]]) -> list[Change]:
        found = await super().changes(rows)
        self.halted.set()
        await self.go_on.wait()
        return found


def test_what_the_reader_passes_meanwhile_is_caught_up_too(world: World) -> None:
    """The reader offers nothing to who is behind: whoever joins must not be short."""
    world.register()
    url = world.database.url("runledger_query")

    async def scenario() -> None:
        async with reading(url) as source:
            shapes = Paused(RunNames(source))
            feed = live.Feed(source, shapes, url)
            subscriber = Subscriber(Filter("default"), 0)
            page = asyncio.create_task(feed.catch_up(subscriber))
            await shapes.halted.wait()
            await asyncio.to_thread(world.create)
            feed.position = world.position
            shapes.go_on.set()
            assert [change.position for change in await page] == [1]
            assert subscriber.behind
            rest = await feed.catch_up(subscriber)
            assert [change.position for change in rest] == [2, 3, 4]
            assert not subscriber.behind

    asyncio.run(scenario())


def test_a_slow_client_is_fed_again_from_the_log(
    world: World, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a queue of two, every burst overflows: nothing is lost or sent twice."""
    monkeypatch.setattr(live, "QUEUE", 2)
    monkeypatch.setattr(live, "PAGE", 3)
    world.register()
    with following(api, 0) as feed:
        for _ in range(8):
            run = world.create()
            world.do(run, StartStep(step="build"), CompleteStep(step="build"))
        ids = [event.id for event in feed.take(world.position)]
    assert ids == list(range(1, world.position + 1))
