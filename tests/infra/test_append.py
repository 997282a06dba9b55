"""Appending: dense, in commit order, all or nothing, and each caller gets its own."""

from __future__ import annotations

import asyncio
import uuid
from typing import TYPE_CHECKING

import psycopg
import pytest

from domain.errors import KeyReused, StaleVersion, TooLarge, Unavailable
from domain.events import By
from domain.ports import Append, Fact, Key, NewRefusal, StoredAnswer, Stretch
from domain.run.events import Content, StepCompleted
from infra import postgres_async
from infra.event_store.writer import Writer
from infra.postgres import LOG_CHANNEL
from tests.support.appending import (
    BY,
    MOMENT,
    NAMESPACE,
    addition,
    appended,
    key,
    some,
    verify,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from domain.ports import Appended
    from tests.support.database import Database

pytestmark = pytest.mark.anyio


@pytest.fixture
async def writer(database: Database) -> AsyncIterator[Writer]:
    async with Writer(database.url("runledger_command")) as writer:
        yield writer


def rows(database: Database, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(database.url()) as connection:
        return connection.execute(query).fetchall()


async def test_what_is_appended_together_lies_together(
    writer: Writer, database: Database
) -> None:
    one, other = uuid.uuid4(), uuid.uuid4()
    result = appended(
        await writer.append(
            Append(
                NAMESPACE,
                [
                    Stretch(one, 0, b"", addition(None, *some(2)).stretches[0].facts),
                    Stretch(other, 0, b"", addition(None, *some(3)).stretches[0].facts),
                ],
                correlation_id=uuid.uuid4(),
                trace="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            )
        )
    )
    assert [(end.version, end.position) for end in result.ends] == [(2, 2), (3, 5)]
    assert rows(
        database,
        "SELECT originator_id, originator_version, recorded_by"
        "  FROM ledger.runledger_events ORDER BY notification_id",
    ) == [
        (one, 1, "service"),
        (one, 2, "service"),
        (other, 1, "service"),
        (other, 2, "service"),
        (other, 3, "service"),
    ]
    assert verify(database.url()) == 5


async def test_a_stream_is_continued_from_what_the_append_returned(
    writer: Writer, database: Database
) -> None:
    stream = uuid.uuid4()
    (end,) = appended(await writer.append(addition(stream, *some(2)))).ends
    result = await writer.append(
        addition(stream, version=end.version, previous=end.hash)
    )
    assert appended(result).ends[0][:2] == (3, 3)
    assert verify(database.url()) == 3


async def test_recorded_at_never_goes_back(writer: Writer, database: Database) -> None:
    """The clock of the machine was put back by an hour."""
    with psycopg.connect(database.url()) as connection:
        row = connection.execute(
            "UPDATE ledger.log_head SET recorded_at = now() + interval '1 hour'"
            " RETURNING recorded_at"
        ).fetchone()
    first = appended(await writer.append(addition()))
    assert (first.recorded_at,) == row
    assert appended(await writer.append(addition())).recorded_at == first.recorded_at
    assert verify(database.url()) == 2


async def test_a_stale_version_fails_its_caller_alone(
    writer: Writer, database: Database
) -> None:
    taken = uuid.uuid4()
    await writer.append(addition(taken, *some(4)))
    results = await asyncio.gather(
        *(writer.append(addition()) for _ in range(10)),
        writer.append(addition(taken)),
        *(writer.append(addition()) for _ in range(10)),
        return_exceptions=True,
    )
    stale = results.pop(10)
    assert isinstance(stale, StaleVersion)
    assert stale.details == {"expected": 0, "version": 4}
    positions = [appended(one).ends[0].position for one in results]  # type: ignore[arg-type]
    assert positions == list(range(5, 25))
    assert verify(database.url()) == 24


async def test_a_stream_has_no_gaps(writer: Writer, database: Database) -> None:
    """A cache that outlived a restored backup knows events that are gone."""
    stream = uuid.uuid4()
    await writer.append(addition(stream))
    ahead = addition(stream, version=5, previous=bytes(range(32)))
    with pytest.raises(StaleVersion) as raised:
        await writer.append(ahead)
    assert raised.value.details == {"expected": 5, "version": 1}
    assert verify(database.url()) == 1


async def test_an_event_follows_the_one_that_its_hash_says(
    writer: Writer, database: Database
) -> None:
    stream = uuid.uuid4()
    await writer.append(addition(stream))
    with pytest.raises(StaleVersion):
        await writer.append(addition(stream, version=1, previous=bytes(range(32))))
    assert verify(database.url()) == 1


async def test_two_appends_to_one_stream_at_once_are_one_and_a_stale_one(
    writer: Writer,
) -> None:
    stream = uuid.uuid4()
    results = await asyncio.gather(
        *(writer.append(addition(stream)) for _ in range(3)), return_exceptions=True
    )
    assert [type(one).__name__ for one in results] == [
        "Appended",
        "StaleVersion",
        "StaleVersion",
    ]


async def test_a_repeated_key_gets_the_first_answer(
    writer: Writer, database: Database
) -> None:
    old, new = uuid.uuid4(), uuid.uuid4()
    # With company, since a position counts from the start of its batch.
    first, *_ = await asyncio.gather(
        writer.append(addition(old, *some(3))),
        *(writer.append(addition()) for _ in range(3)),
    )
    end = appended(first).ends[0]
    both = [
        Stretch(new, 0, b"", addition().stretches[0].facts),
        Stretch(old, end.version, end.hash, addition().stretches[0].facts),
    ]
    company = [writer.append(addition()) for _ in range(3)]
    *_, result = await asyncio.gather(
        *company, writer.append(Append(NAMESPACE, both, key=key("k")))
    )
    ends = appended(result).ends
    again = await writer.append(addition(uuid.uuid4(), key=key("k")))
    assert again == StoredAnswer(
        key("k").body_digest, new, 1, ends[0].position, old, 4, ends[1].position
    )
    assert verify(database.url()) == 11


async def test_a_key_for_another_command_is_refused(
    writer: Writer, database: Database
) -> None:
    await writer.append(addition(key=key("k", b"one")))
    with pytest.raises(KeyReused):
        await writer.append(addition(key=key("k", b"two")))
    assert verify(database.url()) == 1


async def test_one_key_twice_at_once_is_carried_out_once(
    writer: Writer, database: Database
) -> None:
    results = await asyncio.gather(
        *(writer.append(addition(key=key("k"))) for _ in range(4))
    )
    assert sorted(type(one).__name__ for one in results) == [
        "Appended",
        "StoredAnswer",
        "StoredAnswer",
        "StoredAnswer",
    ]
    assert verify(database.url()) == 1


async def test_a_key_without_events_takes_no_position(
    writer: Writer, database: Database
) -> None:
    run = uuid.uuid4()
    stored = StoredAnswer(key("k").body_digest, run, 7, 99)
    kept = Key("service", "k", stored.body_digest, nothing_done=stored)
    result = appended(await writer.append(Append(NAMESPACE, key=kept)))
    assert result.ends == ()
    assert await writer.append(Append(NAMESPACE, key=kept)) == stored
    assert verify(database.url()) == 0
    assert rows(database, "SELECT count(*) FROM ledger.log_batches") == [(0,)]


async def test_a_refusal_is_kept_once_however_often_it_is_sent(
    writer: Writer, database: Database
) -> None:
    refusal = NewRefusal(
        id=uuid.uuid4(),
        run_id=uuid.uuid4(),
        command="pause_run",
        body='{"reason":"lunch"}',
        actor="ada",
        recorded_by="ada",
        code="run-over",
        message="The run is over.",
        version_seen=3,
    )
    await writer.append(addition())
    for _ in range(2):
        await writer.append(Append(NAMESPACE, refusals=[refusal]))
    assert rows(
        database, "SELECT id, namespace, body, position, key FROM ledger.refusals"
    ) == [(refusal.id, "default", {"reason": "lunch"}, 1, None)]
    assert verify(database.url()) == 1


async def test_contents_lie_apart_once(writer: Writer, database: Database) -> None:
    body = b'"' + b"x" * 50_000 + b'"'
    for _ in range(2):
        await writer.append(addition(contents={"ab" * 32: body}))
    assert rows(
        database, "SELECT namespace, digest, size, body FROM ledger.contents"
    ) == [("default", "ab" * 32, 50_002, body)]


async def test_an_event_over_the_limit_is_refused_before_anything_is_sent(
    writer: Writer, database: Database
) -> None:
    large = StepCompleted(step="a", attempt=1, output=Content(value="x" * 262_144))
    with pytest.raises(TooLarge):
        await writer.append(addition(uuid.uuid4(), *some(), large))
    fits = StepCompleted(step="a", attempt=1, output=Content(value="x" * 262_000))
    await writer.append(addition(uuid.uuid4(), fits))
    assert verify(database.url()) == 1


async def test_what_the_server_does_not_take_fails_its_caller_alone(
    writer: Writer, database: Database
) -> None:
    nul = Append(
        NAMESPACE,
        [Stretch(uuid.uuid4(), 0, b"", [Fact(some()[0], By("a\x00b", MOMENT), "x")])],
    )
    good, bad, other = await asyncio.gather(
        writer.append(addition()),
        writer.append(nul),
        writer.append(addition()),
        return_exceptions=True,
    )
    assert isinstance(bad, psycopg.DataError)
    assert {appended(good).ends[0].position, appended(other).ends[0].position} == {1, 2}  # type: ignore[arg-type]
    assert verify(database.url()) == 2


async def test_a_moment_without_time_zone_is_no_moment(writer: Writer) -> None:
    naive = By(BY.actor, MOMENT.replace(tzinfo=None))
    with pytest.raises(TypeError):
        await writer.append(
            Append(
                NAMESPACE,
                [Stretch(uuid.uuid4(), 0, b"", [Fact(some()[0], naive, "x")])],
            )
        )


async def test_listeners_are_told_of_appends(
    writer: Writer, database: Database
) -> None:
    """Of the last one too: a notification may stand for many, none goes unnoticed."""
    async with await postgres_async.connect(
        database.url("runledger_query"), name="test", autocommit=True
    ) as listener:
        await listener.execute(f"LISTEN {LOG_CHANNEL}")
        for count in range(1, 4):
            await asyncio.gather(*(writer.append(addition()) for _ in range(30)))
            seen = 0
            while seen < 30 * count:
                told = [n async for n in listener.notifies(timeout=30, stop_after=1)]
                assert told, f"nothing was told of what came after {seen}"
                cursor = await listener.execute("SELECT position FROM ledger.log_head")
                ((seen,),) = await cursor.fetchall()


async def test_a_writer_that_is_closed_finishes_what_waits(database: Database) -> None:
    async with Writer(database.url("runledger_command")) as writer:
        waiting = [
            asyncio.create_task(writer.append(addition(None, *some(10))))
            for _ in range(300)
        ]
        await asyncio.sleep(0)
    results = await asyncio.gather(*waiting)
    assert {end.position for one in results for end in appended(one).ends} == set(
        range(10, 3001, 10)
    )
    assert verify(database.url()) == 3000
    with pytest.raises(Unavailable):
        await writer.append(addition())


async def test_more_than_fit_wait_for_room(database: Database) -> None:
    url = database.url("runledger_command")
    async with Writer(url, max_waiting=5, max_rows=3, max_bytes=2_000) as writer:
        results: list[Appended | StoredAnswer] = await asyncio.gather(
            *(writer.append(addition(None, *some(n % 7 + 1))) for n in range(60))
        )
    assert len({appended(one).ends[0].position for one in results}) == 60
    verify(database.url())


async def test_a_caller_that_gives_up_leaves_the_others_alone(
    writer: Writer, database: Database
) -> None:
    tasks = [asyncio.create_task(writer.append(addition())) for _ in range(20)]
    await asyncio.sleep(0)
    for task in tasks[::2]:
        task.cancel()
    done = await asyncio.gather(*tasks, return_exceptions=True)
    kept = [one for one in done if not isinstance(one, BaseException)]
    assert len(kept) == 10
    assert verify(database.url()) >= 10
