"""What /health/ready tells: PostgreSQL, and how far publisher and projectors are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from query_api.system import SQL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from query_api.reading import Reading
    from query_api.sources import Sources

Row = dict[str, Any]

BEHIND_S = 30.0
"""Longer than this, and it is not a burst but something that does not work."""


async def lag(reading: Reading) -> Row:
    """How far publisher and the current read tables are behind, in one row each."""
    position, (publisher, partitions) = await reading.pages(
        {}, SQL["publisher"], SQL["partitions"]
    )
    current = [row for row in partitions if row["state"] == "current"]
    return {
        "log": publisher[0]["log_position"],
        "publisher": publisher[0],
        "position": position,
        "projector_lag_s": max((row["lag_s"] for row in current), default=0.0),
    }


async def _postgres(state: Mapping[str, Any]) -> object:
    """Required: without it nothing can be answered."""
    return {"position": (await _sources(state).reading.head()).position}


async def _publisher(state: Mapping[str, Any]) -> object:
    found = await lag(_sources(state).reading)
    events, seconds = found["publisher"]["lag_events"], found["publisher"]["lag_s"]
    said = f"{events} events behind the log, for {seconds:.1f} s"
    if seconds > BEHIND_S:
        raise RuntimeError(f"{said}: is Kafka there, and a publisher?")
    return said


async def _projector(state: Mapping[str, Any]) -> object:
    found = await lag(_sources(state).reading)
    events, seconds = found["log"] - found["position"], found["projector_lag_s"]
    said = f"at most {events} events behind the log, for {seconds:.1f} s"
    if seconds > BEHIND_S:
        raise RuntimeError(f"{said}: are publisher and projectors there?")
    return said


async def _live(state: Mapping[str, Any]) -> object:
    if not _sources(state).feed.listening.is_set():
        raise RuntimeError("not listening to the log: live pages are told by polling")
    return f"{_sources(state).feed.subscribers} follow"


def _sources(state: Mapping[str, Any]) -> Sources:
    found: Sources = state["sources"]
    return found


REQUIRED = {"postgres": _postgres}
FACTS = {"publisher": _publisher, "projector": _projector, "live": _live}
"""Behind is not broken: stale answers say that they are, so they are no reason to take
the process out of service."""
