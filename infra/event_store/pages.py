"""The log for synchronous code: publisher, projectors, rebuild. Raw rows, by position.

Positions are dense and become visible in their order: a page that ends at a position
is complete, and nothing will ever appear below it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from infra.event_store.rows import QUERIES, Row

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from psycopg import Connection

PAGE_BYTES = 4 * 1024 * 1024
PAGE_ROWS = 5_000

_ENVELOPE_BYTES = 200
"""Roughly what a row takes beside its state."""

_CHUNK = 500


def head(connection: Connection[Any]) -> int:
    """The position of the last event; 0 in an empty log."""
    row = connection.execute(QUERIES["head"]).fetchone()
    assert row is not None
    return int(row[0])


def page(
    connection: Connection[Any],
    after: int,
    *,
    up_to: int | None = None,
    max_rows: int = PAGE_ROWS,
    max_bytes: int = PAGE_BYTES,
) -> list[Row]:
    """The next rows behind a position: at least one, if there is one."""
    rows: list[Row] = []
    size = 0
    cursor = connection.cursor(binary=True)
    last = after + max_rows if up_to is None else min(after + max_rows, up_to)
    while after < last and size < max_bytes:
        # As many as fit at the size that was seen so far: rows differ by a thousand
        # times, and what is read beyond the limit is thrown away.
        fitting = (max_bytes - size) * len(rows) // size if size else _CHUNK
        chunk = max(1, min(fitting, last - after))
        span = {"after": after, "up_to": after + chunk}
        cursor.execute(QUERIES["span"], span, prepare=True)
        found = [Row._make(row) for row in cursor]
        for row in found:
            size += len(row.state) + _ENVELOPE_BYTES
            if size > max_bytes and rows:
                return rows
            rows.append(row)
        if len(found) < chunk:
            break
        after += chunk
    return rows


def pages(
    connection: Connection[Any], after: int, up_to: int, *, max_bytes: int = PAGE_BYTES
) -> Iterator[list[Row]]:
    """All rows behind ``after`` up to ``up_to``, page by page."""
    while after < up_to:
        rows = page(connection, after, up_to=up_to, max_bytes=max_bytes)
        if not rows:
            return
        yield rows
        after = rows[-1].position


def stream(connection: Connection[Any], stream_id: UUID, after: int = 0) -> list[Row]:
    """The rows of one stream behind a version, in order."""
    cursor = connection.cursor(binary=True)
    asked = {"stream_id": stream_id, "after": after, "up_to": 2**62}
    cursor.execute(QUERIES["stream"], asked, prepare=True)
    return [Row._make(row) for row in cursor]
