"""What a run, and each of its steps, waits for now: in fields, for whoever shows it."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from query_api.job_shapes import progress

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from domain.run.state import Run

Shape = dict[str, Any]

MAX_AWAITED = 50
"""What a run tells of. Its steps tell of themselves, all of them."""

BLANK: Shape = {
    "step": None,
    "attempt": None,
    "since": None,
    "until": None,
    "queue": None,
    "requires": [],
    "workers": None,
    "worker": None,
    "heartbeat_at": None,
    "lease_until": None,
    "progress": None,
    "actor": None,
    "reason": "",
    "approvers": [],
    "groups": [],
    "required": None,
    "agreed": None,
}


def step_awaits(
    step: Shape,
    run: Mapping[str, Any],
    live: Mapping[str, Any] | None,
    now: datetime,
) -> Shape | None:
    """``step`` and ``run`` as they are answered; ``live``: of its open job."""
    match step["state"]:
        case "queued" if not run["observed"]:
            return None if run["held"] else _queued(step, live, now)
        case "running":
            return _running(step, run, live)
        case "waiting_for_approval":
            return _people(step)
        case _:
            return None


def run_awaits(
    run: Mapping[str, Any], steps: Iterable[Shape], folded: Run | None
) -> list[Shape]:
    """What the run waits for: a hold's end first, then what its steps wait for."""
    found: list[Shape] = []
    if run["state"] == "created" and not run["observed"]:
        found.append(_of("start", since=run["created_at"], actor=run["created_by"]))
    if run["held"]:
        held = run["cause"] or {}
        since = run["changed_at"] if run["state"] == "paused" else None
        found.append(
            _of(
                "continue",
                since=since,
                actor=held.get("actor") or None,
                reason=held.get("reason") or "",
            )
        )
    told = (step["awaits"] for step in steps if step["awaits"] is not None)
    found += islice(told, MAX_AWAITED)
    asked = None if folded is None else folded.cancel_requested
    for one in found:
        if one["kind"] == "stop" and asked is not None:
            one["actor"], one["reason"] = asked.actor, asked.reason
    return found


def _queued(step: Shape, live: Mapping[str, Any] | None, now: datetime) -> Shape:
    job = step["job"]
    found = _of("report", step=step["step"], since=step["queued_at"])
    if job is not None:
        found |= {
            "kind": "worker",
            "attempt": job["attempt"],
            "queue": job["queue"],
            "requires": step["requires"],
            "workers": None if live is None else live["serving"],
        }
    available = step["available_at"] or step["queued_at"]
    if available is not None and available > now:
        return found | {"kind": "time", "until": available}
    return found | {"since": available}


def _running(
    step: Shape, run: Mapping[str, Any], live: Mapping[str, Any] | None
) -> Shape:
    last = step["attempts"][-1] if step["attempts"] else {}
    found = _of(
        "report",
        step=step["step"],
        attempt=last.get("number"),
        since=last.get("started_at"),
        until=step["times_out_at"],
        actor=last.get("actor"),
    )
    job = step["job"]
    if job is None:
        return found
    stopping = run["canceling"] or job["canceling"]
    known = live or {}
    return found | {
        "kind": "stop" if stopping else "job",
        "queue": job["queue"],
        "worker": job["worker"],
        "actor": job["principal"],
        "heartbeat_at": known.get("beat_at"),
        "lease_until": known.get("leased_until"),
        "progress": progress(known.get("progress")),
    }


def _people(step: Shape) -> Shape | None:
    asked = step["approvals"][-1] if step["approvals"] else None
    if asked is None or asked["state"] != "open":
        return None
    return _of(
        "people",
        step=step["step"],
        attempt=asked["attempt"],
        since=asked["requested_at"],
        until=asked.get("expires_at"),
        actor=asked["requested_by"],
        approvers=asked["approvers"],
        groups=asked.get("groups") or [],
        required=asked["required"],
        agreed=asked["agreed"],
    )


def _of(kind: str, **known: Any) -> Shape:
    return {"kind": kind, **BLANK, **known}
