"""Lists: pages by keyset, stable however deep, and what every one of them says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from infra.web.operations import Reply
from infra.web.problems import Problem
from query_api import cursors

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from query_api.cursors import K, Key
    from query_api.reading import Page

Row = dict[str, Any]


def key_of(kind: type[K], cursor: str | None) -> K | None:
    """The key that a page begins after; None for the first page.

    Raises:
        Problem: ``bad-cursor``.
    """
    if cursor is None:
        return None
    try:
        return cursors.read(kind, cursor)
    except cursors.BadCursor as error:
        raise Problem("bad-cursor", str(error)) from None


def listed(
    page: Page,
    limit: int,
    key: Callable[[Row], Key],
    shape: Callable[[Row], Row],
    *,
    stale: bool,
) -> Reply:
    """The answer of a page that was asked for with one row more than ``limit``."""
    shown: Sequence[Row] = page.rows[:limit]
    more = len(page.rows) > limit
    degraded = dict.fromkeys(row["run_id"] for row in shown if row.get("degraded"))
    return Reply.json(
        {
            "items": [shape(row) for row in shown],
            "next": cursors.write(key(shown[-1])) if more else None,
            "position": page.position,
            "stale": stale,
            "degraded": list(degraded),
        }
    )
