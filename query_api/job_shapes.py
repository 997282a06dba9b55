"""Jobs as they are answered: a row of the read tables, and what is known of it live."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from query_api.shapes import moment

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

Row = dict[str, Any]

Named = tuple[str, int, int]
"""Step, iteration and attempt."""

OFFLINE_S = 60
"""A worker that was not heard of for so long is called offline."""


def named(row: Mapping[str, Any]) -> Named:
    return row["step"], row["iteration"], row["attempt"]


def job(row: Mapping[str, Any], live: Mapping[str, Any] | None) -> Row:
    """``live``: what the tables of work have of it, where it is open and they agree."""
    held = live if live is not None and row["state"] == "leased" else {}
    return {
        **{name: row[name] for name in _PLAIN},
        "backoff_s": _backoff_s(row),
        "queued_s": _queued_s(row),
        "duration_s": _between(row["leased_at"], row["ended_at"]),
        "heartbeat_at": held.get("beat_at"),
        "lease_until": held.get("leased_until"),
        "progress": progress(held.get("progress")),
        "canceling": bool(held.get("canceling")),
    }


_PLAIN = (
    "iteration",
    "attempt",
    "queue",
    "state",
    "worker",
    "principal",
    "lease_s",
    "queued_at",
    "available_at",
    "leased_at",
    "ended_at",
    "reason",
)


def listed_job(row: Row) -> Row:
    """The same of a row of a list, which has both in one."""
    return {
        **job(row, row),
        **{
            name: row[name]
            for name in (
                "run_id",
                "workflow",
                "number",
                "step",
                "outcome",
                "error",
                "version",
                "position",
                "degraded",
            )
        },
    }


def held_job(one: Row) -> Row:
    """A job within the row of its worker, whose times are text."""
    return {
        **one,
        "leased_at": moment(one["leased_at"]),
        "heartbeat_at": moment(one["heartbeat_at"]),
        "lease_until": moment(one["lease_until"]),
        "progress": progress(one["progress"]),
    }


def progress(told: Mapping[str, Any] | None) -> Row | None:
    if told is None:
        return None
    return {"fraction": told.get("fraction"), "message": told.get("message") or ""}


def _backoff_s(row: Mapping[str, Any]) -> float | None:
    if row["state"] == "queued":
        return None
    until = row["available_at"] or row["queued_at"]
    if (ended := row["leased_at"] or row["ended_at"]) is not None:
        until = min(until, ended)
    return _between(row["queued_at"], until)


def _queued_s(row: Mapping[str, Any]) -> float | None:
    since = max(row["queued_at"], row["available_at"] or row["queued_at"])
    return _between(since, row["leased_at"] or row["ended_at"])


def _between(start: datetime | None, end: datetime | None) -> float | None:
    if start is None or end is None:
        return None
    # Moments come from the clocks of several processes.
    return max((end - start).total_seconds(), 0.0)
