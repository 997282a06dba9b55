"""The statements of docs/event-store.md: silent about a sound log, not about others."""

from __future__ import annotations

import asyncio
import hashlib
import re
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from domain.ports import Append, Stretch
from infra.event_store.writer import Writer
from tests.support.appending import NAMESPACE, addition, appended, facts, some, verify

if TYPE_CHECKING:
    from tests.support.database import Database

PAGE = Path(__file__).parents[2] / "docs" / "event-store.md"
HEAD, EVENTS, BATCHES, END, CONTENTS = re.findall(
    r"```sql\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL
)


async def _write(url: str) -> None:
    async with Writer(url) as writer:
        stream = uuid.uuid4()
        body = b'"large"'
        contents = {hashlib.sha256(body).hexdigest(): body}
        first = addition(stream, *some(3), contents=contents)
        (end,) = appended(await writer.append(first)).ends
        await writer.append(
            Append(
                NAMESPACE,
                [
                    Stretch(stream, end.version, end.hash, facts(*some(2))),
                    Stretch(uuid.uuid4(), 0, bytes(32), facts(*some(2))),
                ],
                correlation_id=uuid.uuid4(),
                causation_id=uuid.uuid4(),
                trace="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            )
        )
        await writer.append(addition())


@pytest.fixture
def written(database: Database) -> Database:
    asyncio.run(_write(database.url("runledger_command")))
    return database


def found(database: Database, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(database.url("runledger_query")) as connection:
        return connection.execute(statement).fetchall()


@pytest.mark.parametrize("statement", [EVENTS, BATCHES, END, CONTENTS])
def test_nothing_is_found_in_a_sound_log(written: Database, statement: str) -> None:
    assert verify(written.url()) == 8
    assert found(written, statement) == []


@pytest.mark.parametrize("statement", [EVENTS, BATCHES, END, CONTENTS])
def test_nothing_is_found_in_an_empty_log(database: Database, statement: str) -> None:
    assert found(database, statement) == []


def test_the_head_can_be_noted(written: Database) -> None:
    ((position, _, chain),) = found(written, HEAD)
    assert position == 8
    assert re.fullmatch("[0-9a-f]{64}", str(chain))


@pytest.mark.parametrize(
    ("change", "statement"),
    [
        ("UPDATE {events} SET state = '{{}}' WHERE notification_id = 2", EVENTS),
        ("UPDATE {events} SET actor = 'eve' WHERE notification_id = 2", EVENTS),
        (
            "UPDATE {events} SET occurred_at = occurred_at - interval '1 microsecond'"
            " WHERE notification_id = 2",
            EVENTS,
        ),
        ("UPDATE {events} SET trace = NULL WHERE notification_id = 4", EVENTS),
        ("UPDATE {events} SET event_id = gen_random_uuid()", EVENTS),
        ("DELETE FROM {events} WHERE notification_id = 2", EVENTS),
        ("DELETE FROM {events} WHERE notification_id = 2", BATCHES),
        ("UPDATE {events} SET recorded_at = now() WHERE notification_id = 2", BATCHES),
        ("UPDATE {events} SET hash = sha256(hash)", BATCHES),
        ("UPDATE {batches} SET recorded_at = now() WHERE first = 4", BATCHES),
        ("DELETE FROM {batches} WHERE first = 4", BATCHES),
        ("DELETE FROM {batches} WHERE first = 8", END),
        ("DELETE FROM {events} WHERE notification_id = 8", END),
        ("UPDATE ledger.log_head SET chain = sha256(chain)", END),
        ("UPDATE ledger.contents SET body = '\"other\"'", CONTENTS),
    ],
)
def test_a_change_is_found(written: Database, change: str, statement: str) -> None:
    with psycopg.connect(written.url("postgres")) as connection:
        for table in ("runledger_events", "log_batches", "contents"):
            connection.execute(
                f"ALTER TABLE ledger.{table} DISABLE TRIGGER append_only"
            )
        connection.execute(
            change.format(
                events="ledger.runledger_events", batches="ledger.log_batches"
            )
        )
    assert found(written, statement) != []
    if statement != CONTENTS:
        with pytest.raises(AssertionError):
            verify(written.url())
