"""From rows to what is answered: the one place that knows both.

The rows come from the read tables or, for the past, from ``folded``, which makes the
same ones out of a folded run. So a run looks the same, whatever it was read from.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from domain.run.state import FINAL, LOST, TIMED_OUT

if TYPE_CHECKING:
    from collections.abc import Mapping

Row = dict[str, Any]

_RUN = (
    "run_id",
    "workflow",
    "workflow_version",
    "number",
    "state",
    "observed",
    "source",
    "external_id",
    "created_at",
    "created_by",
    "started_at",
    "ended_at",
    "changed_at",
    "held",
    "waiting",
    "step_counts",
    "active_steps",
    "retry_of",
    "root_run",
    "retry_from",
    "retries",
    "version",
    "position",
    "degraded",
)


def seconds(microseconds: int | None) -> float | None:
    return None if microseconds is None else microseconds / 1e6


def run(row: Mapping[str, Any]) -> Row:
    found = {name: row[name] for name in _RUN}
    found["duration_s"] = seconds(row["duration_us"])
    found["cancel_requested"] = bool(row["cancel_requested"])
    found["canceling"] = found["cancel_requested"] and row["state"] not in FINAL
    found["other_inputs"] = bool(row["other_inputs"])
    found["cause"] = cause(row["cause"])
    return found


def step(row: Mapping[str, Any]) -> Row:
    return {
        "step": row["step"],
        "state": row["state"],
        "iteration": row["iteration"],
        "attempts": [attempt(one) for one in row["attempts"] or ()],
        "approvals": [approval(one) for one in row["approvals"] or ()],
        "output": content(row["output"]),
        "error": failure(row["error"]),
        "reason": row["reason"] or "",
        "actor": row["actor"] or "",
        "changed_at": row["changed_at"],
        "queued_at": row["queued_at"],
        "available_at": row["available_at"],
        "started_at": row["started_at"],
        "ended_at": row["ended_at"],
        "duration_s": seconds(row["duration_us"]),
        "carried_from": row["carried_from"],
    }


GIVEN_UP = {LOST: "lost", TIMED_OUT: "timed_out"}
"""Types of the errors of attempts whose end nobody told."""


def attempt(one: Mapping[str, Any]) -> Row:
    error = failure(one.get("error"))
    unknown = error is not None and one["outcome"] == "unknown"
    return {
        "number": one["number"],
        "iteration": one["iteration"],
        "outcome": one["outcome"],
        "actor": one["actor"],
        "started_at": moment(one.get("started_at")),
        "ended_at": moment(one.get("ended_at")),
        "duration_s": seconds(one.get("duration_us")),
        "output": content(one.get("output")),
        "error": error,
        "given_up": GIVEN_UP.get(error["type"]) if error and unknown else None,
        "late": list(one.get("late") or ()),
    }


def approval(one: Mapping[str, Any]) -> Row:
    decisions = [decision(each) for each in one.get("decisions") or ()]
    policy, asked = one["policy"], moment(one["requested_at"])
    seconds = policy.get("expires_s")
    expires_at = None
    if asked is not None and seconds is not None:
        expires_at = asked + timedelta(seconds=seconds)
    return {
        "iteration": one["iteration"],
        "state": one["state"],
        "approvers": policy.get("approvers") or [],
        "groups": policy.get("groups") or [],
        "required": policy.get("required", 1),
        "agreed": sum(each["decision"] == "approved" for each in decisions),
        "rejections": policy.get("rejections", 1),
        "rejected": sum(each["decision"] == "rejected" for each in decisions),
        "not_own": policy.get("not_own", False),
        "barred": list(one.get("barred") or ()),
        "decisions": decisions,
        "delegations": [delegation(each) for each in one.get("delegations") or ()],
        "attempt": one.get("attempt"),
        "subject_digest": one["subject_digest"],
        "subject": content(one.get("subject")),
        "summary": one.get("summary") or "",
        "requested_at": asked,
        "requested_by": one["requested_by"],
        "expires_at": expires_at,
        "on_expiry": policy.get("on_expiry") if expires_at else None,
        "expired": one.get("expired", False),
        "reminders": one.get("reminders", 0),
        "closed_at": moment(one.get("closed_at")),
        "closed_because": one.get("closed_because") or "",
    }


def decision(one: Mapping[str, Any]) -> Row:
    return {
        "actor": one["actor"],
        "decision": one["decision"],
        "at": moment(one["at"]),
        "comment": one.get("comment") or "",
        "form": one.get("form"),
        "on_behalf_of": one.get("on_behalf_of"),
        "groups": list(one.get("groups") or ()),
    }


def delegation(one: Mapping[str, Any]) -> Row:
    return {
        "actor": one["actor"],
        "to": one["to"],
        "at": moment(one["at"]),
        "comment": one.get("comment") or "",
    }


def sent_back(one: Mapping[str, Any] | None) -> Row | None:
    """What led to an iteration."""
    if one is None:
        return None
    return {
        "step": one["step"],
        "by": one["actor"],
        "at": moment(one["at"]),
        "feedback": one.get("feedback") or "",
        "after_rejection": one.get("after_rejection", False),
    }


def cause(one: Mapping[str, Any] | None) -> Row | None:
    if one is None:
        return None
    return {
        "actor": one.get("actor") or "",
        "reason": one.get("reason") or "",
        "step": one.get("step"),
        "attempt": one.get("attempt"),
        "error": failure(one.get("error")),
    }


def content(one: Mapping[str, Any] | None) -> Row | None:
    """A value, or the digest under which /contents has it."""
    if one is None:
        return None
    return {name: one.get(name) for name in ("value", "digest", "size")}


def failure(one: Mapping[str, Any] | None) -> Row | None:
    if one is None:
        return None
    return {
        "type": one.get("type", "Error"),
        "message": one.get("message", ""),
        "traceback": one.get("traceback", ""),
    }


def moment(value: str | datetime | None) -> datetime | None:
    """JSON columns hold times as text; all answers write them in one way."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value
