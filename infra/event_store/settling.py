"""After a violation: which appends of a batch did it, and what their callers get."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from domain.errors import KeyReused, StaleVersion
from domain.ports import NO_HASH, Appended, End, StoredAnswer
from infra import sql

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from psycopg import AsyncConnection
    from psycopg.rows import TupleRow

    from infra.event_store.waiting import KeyName, Waiting

QUERIES = sql.load(Path(__file__).with_name("append.sql"))

# Hash, position and recorded_at of the event that would be the stretch's last one, if
# there is one; hash of the one it was to follow; version of the stream.
Standing = tuple[bytes | None, int, "datetime", bytes | None, int]


async def settle(
    connection: AsyncConnection[TupleRow], batch: Sequence[Waiting]
) -> list[Waiting]:
    """Answer those that cannot be appended, or are in the log already.

    Returns the others, which may be sent again. An append that was sent before a
    connection was lost is found by the hash of its last event: then it went through.
    """
    answers = await _answers(connection, batch)
    standings = iter(await _standings(connection, batch))
    rest: list[Waiting] = []
    for one in batch:
        stands = [next(standings) for _ in one.append.stretches]
        if not _answered(one, stands, answers):
            rest.append(one)
    return rest


def _answered(
    one: Waiting, stands: list[Standing], answers: Mapping[KeyName, StoredAnswer]
) -> bool:
    ends = list(_landed(one, stands)) if one.sent else []
    if ends and len(ends) == len(stands):
        one.resolve(Appended(stands[0][2], tuple(ends)))
        return True
    key, answer = one.append.key, one.key and answers.get(one.key)
    if key is not None and answer is not None:
        if answer.body_digest == key.body_digest:
            one.resolve(answer)
        else:
            one.fail(key_reused(key.key))
        return True
    for stretch, (_, _, _, predecessor, version) in zip(
        one.append.stretches, stands, strict=True
    ):
        expected = stretch.hash if stretch.version else NO_HASH
        if version != stretch.version or (predecessor or NO_HASH) != expected:
            one.fail(
                StaleVersion(
                    f"The stream {stretch.stream_id} is at version {version}, "
                    f"not at {stretch.version}.",
                    expected=stretch.version,
                    version=version,
                )
            )
            return True
    return False


def key_reused(key: str) -> KeyReused:
    return KeyReused(
        f"The idempotency key {key!r} was used for another command: "
        "take a new key for a new command."
    )


def _landed(one: Waiting, stands: list[Standing]) -> Iterator[End]:
    for (_, version, digest, _), stand in zip(one.sealed.ends, stands, strict=True):
        if stand[0] == digest:
            yield End(version, stand[1], digest)


async def _standings(
    connection: AsyncConnection[TupleRow], batch: Sequence[Waiting]
) -> list[Standing]:
    stretches = [s for one in batch for s in one.append.stretches]
    cursor = connection.cursor(binary=True)
    await cursor.execute(
        QUERIES["standing"],
        (
            [stretch.stream_id for stretch in stretches],
            [stretch.version for stretch in stretches],
            [stretch.version + len(stretch.facts) for stretch in stretches],
        ),
    )
    return [
        (digest, position, recorded_at, predecessor, version)
        for digest, position, recorded_at, predecessor, version in (
            await cursor.fetchall()
        )
    ]


async def _answers(
    connection: AsyncConnection[TupleRow], batch: Sequence[Waiting]
) -> dict[KeyName, StoredAnswer]:
    keys = [one.key for one in batch if one.key is not None]
    if not keys:
        return {}
    namespaces, principals, names = zip(*keys, strict=True)
    cursor = connection.cursor(binary=True)
    await cursor.execute(
        QUERIES["answers"], (list(namespaces), list(principals), list(names))
    )
    return {
        (namespace, principal, key): StoredAnswer(*answer)
        for namespace, principal, key, *answer in await cursor.fetchall()
    }
