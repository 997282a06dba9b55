"""Lists: pages by keyset, stable however deep, and what every one of them says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from infra.web.operations import Reply
from infra.web.problems import Problem
from query_api import cursors
from query_api.freshness import stale
from query_api.sources import sources

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import LiteralString

    from infra.web.operations import Call
    from query_api.cursors import K, Key
    from query_api.parameters import FreshPage
    from query_api.reading import Page

Row = dict[str, Any]


@dataclass(frozen=True)
class Listing:
    """A list whose statement is put together of fragments: ``NAME``, those that filter
    it, ``NAME_beyond`` after the first page, ``NAME_order``."""

    sql: Mapping[str, LiteralString]
    name: str
    key: type[Key]
    filters: Mapping[str, str]
    """Parameter to the fragment that it adds where it is given."""

    async def reply(
        self,
        call: Call,
        namespace: str,
        query: FreshPage,
        shape: Callable[[Row], Row],
        *,
        fragments: Sequence[str] = (),
        **more: Any,
    ) -> Reply:
        """The page that ``query`` asks for. ``more``: further parameters; one that is
        named in ``filters`` is as good as one of the query's.

        Raises:
            Problem: ``bad-cursor``; ``behind``, where the caller wants no stale answer.
        """
        given = {name: getattr(query, name, None) for name in self.filters} | more
        given = {
            name: value for name, value in given.items() if value not in (None, [])
        }
        chosen = [self.filters[name] for name in self.filters if name in given]
        after = key_of(self.key, query.cursor)
        found = sources(call)
        is_stale = await stale(found.waiting, query)
        parts = [self.name, *fragments, *chosen]
        if after is not None:
            parts.append(f"{self.name}_beyond")
            given |= {f"last_{name}": value for name, value in after}
        statement: LiteralString = "\n".join(
            [self.sql[part] for part in (*parts, f"{self.name}_order")]
        )
        asked = {**more, **given, "namespace": namespace, "limit": query.limit + 1}
        page = await found.reading.page(statement, asked)

        def key(row: Row) -> Key:
            return self.key(**{name: row[name] for name in self.key.model_fields})

        return listed(page, query.limit, key, shape, stale=is_stale)


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
