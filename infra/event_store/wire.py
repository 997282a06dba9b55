"""Arrays of composites in PostgreSQL's binary format, built by hand.

One parameter with all events of a batch instead of one array per column: psycopg
would dump the arrays element by element in Python, and the server takes 10-20 % longer
to pull fifteen of them apart again.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from psycopg.adapt import Dumper
from psycopg.pq import Format

if TYPE_CHECKING:
    import uuid as uuid_module
    from collections.abc import Sequence

    from psycopg import AsyncConnection
    from psycopg.abc import Buffer
    from psycopg.rows import TupleRow

# OIDs of built-in types are the same on every server.
BOOL, BYTEA, INT8, TEXT, TEXTS, TIMESTAMPTZ, UUID = 16, 17, 20, 25, 1009, 1184, 2950

_PAIR = struct.Struct(">ii")
_INT8 = struct.Struct(">iiq")
_EMPTY = struct.Struct(">iii")
_ARRAY = struct.Struct(">iiiii")
_LENGTH = struct.Struct(">i")

NO_UUID = _PAIR.pack(UUID, -1)
NO_TEXT = _PAIR.pack(TEXT, -1)
NO_INT8 = _PAIR.pack(INT8, -1)


def field(oid: int, value: bytes) -> bytes:
    """A field of a composite: its type, its length, its bytes."""
    return _PAIR.pack(oid, len(value)) + value


def text(value: str | None) -> bytes:
    return NO_TEXT if value is None else field(TEXT, value.encode())


def uuid(value: uuid_module.UUID | None) -> bytes:
    return NO_UUID if value is None else field(UUID, value.bytes)


def int8(value: int | None) -> bytes:
    return NO_INT8 if value is None else _INT8.pack(INT8, 8, value)


def boolean(value: bool) -> bytes:
    return _TRUE if value else _FALSE


def texts(values: Sequence[str]) -> bytes:
    """An array of texts as a field."""
    if not values:
        return _NO_TEXTS
    encoded = [value.encode() for value in values]
    elements = b"".join(_LENGTH.pack(len(value)) + value for value in encoded)
    return field(TEXTS, _ARRAY.pack(1, 0, TEXT, len(values), 1) + elements)


def composite(*fields: bytes) -> bytes:
    """An element of an array: its length, the number of fields, the fields."""
    body = b"".join(fields)
    return _PAIR.pack(len(body) + 4, len(fields)) + body


_TRUE, _FALSE = field(BOOL, b"\1"), field(BOOL, b"\0")
_NO_TEXTS = field(TEXTS, _EMPTY.pack(0, 0, TEXT))


class Ready(bytes):
    """Bytes that are sent as they are, as the type their class is registered for."""


class Events(Ready): ...


class Predecessors(Ready): ...


class Keys(Ready): ...


class Refusals(Ready): ...


class Contents(Ready): ...


class Jobs(Ready): ...


class Leases(Ready): ...


class Timers(Ready): ...


class EndedJobs(Ready): ...


class EndedTimers(Ready): ...


TYPES: dict[type[Ready], str] = {
    Events: "ledger.new_event",
    Predecessors: "ledger.predecessor",
    Keys: "ledger.new_key",
    Refusals: "ledger.new_refusal",
    Contents: "ledger.new_content",
    Jobs: "ledger.new_job",
    Leases: "ledger.new_lease",
    Timers: "ledger.new_timer",
    EndedJobs: "ledger.old_job",
    EndedTimers: "ledger.old_timer",
}


class Arrays:
    """Builds the parameters of ledger.append for one session's types."""

    def __init__(self, elements: dict[type[Ready], int]) -> None:
        self._elements = elements
        self._empty = {
            kind: kind(_EMPTY.pack(0, 0, oid)) for kind, oid in elements.items()
        }

    def of(self, kind: type[Ready], elements: Sequence[bytes]) -> Ready:
        if not elements:
            return self._empty[kind]
        header = _ARRAY.pack(1, 0, self._elements[kind], len(elements), 1)
        return kind(header + b"".join(elements))


async def register(connection: AsyncConnection[TupleRow]) -> Arrays:
    """Teach a session our composite types; their OIDs differ by database."""
    cursor = await connection.execute(
        """
        SELECT name, type.oid, type.typarray
          FROM unnest(%s::text[]) AS name
          JOIN pg_catalog.pg_type AS type ON type.oid = name::regtype
        """,
        (list(TYPES.values()),),
    )
    found = {name: (oid, array) for name, oid, array in await cursor.fetchall()}
    for kind, name in TYPES.items():
        connection.adapters.register_dumper(kind, _dumper(found[name][1]))
    return Arrays({kind: found[name][0] for kind, name in TYPES.items()})


def _dumper(array: int) -> type[Dumper]:
    class AsItIs(Dumper):
        format = Format.BINARY
        oid = array

        def dump(self, obj: Buffer) -> Buffer:
            return obj

    return AsItIs
