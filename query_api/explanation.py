"""A run's state in words: what it waits for, since when, who can act; why it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

Shape = dict[str, Any]

MAX_NAMED = 3


def explanation(run: Shape, steps: Sequence[Shape]) -> str:
    """One or a few plain sentences about a run as ``shapes`` has it."""
    cause = run["cause"] or {}
    match run["state"]:
        case "created":
            said = (
                f"Created by {run['created_by']} {_at(run['created_at'])}; not started."
            )
        case "queued":
            said = _queued(run, steps)
        case "running":
            said = _running(run, steps)
        case "waiting_for_approval":
            said = f"Nothing goes on but people's decisions. {_open_approvals(steps)}"
        case "paused":
            since = _since(run["changed_at"])
            said = (
                f"Held by {cause.get('actor') or 'an operator'} {since}"
                f"{_because(cause)}. Running steps finish; nothing new starts until "
                "somebody continues the run."
            )
        case "completed":
            said = f"Completed {_at(run['ended_at'])}."
        case "failed":
            said = f"Failed {_at(run['ended_at'])}{_failed_for(cause)}."
        case _:
            by = f" by {cause['actor']}" if cause.get("actor") else ""
            said = f"Canceled{by} {_at(run['ended_at'])}{_because(cause)}."
    if run["cancel_requested"] and run["state"] not in (
        "completed",
        "failed",
        "canceled",
    ):
        said += " Cancellation is asked for and takes effect when running steps end."
    if run["observed"]:
        said += " It runs elsewhere: this is what its source reported."
    if run["degraded"]:
        said += (
            " Its newest events could not be applied to what is shown here: the event"
            " list is complete, this is not."
        )
    return said


def step_explanation(step: Shape) -> str:
    """The same for one step."""
    name, last = step["step"], (step["attempts"] or [{}])[-1]
    match step["state"]:
        case "not_started":
            said = f"Not started{_because(step)}: waits for the steps it needs."
        case "queued":
            said = f"Waits for a worker {_since(step['queued_at'])}{_because(step)}."
        case "running":
            said = (
                f"Attempt {last.get('number')} is run by {last.get('actor')} "
                f"{_since(last.get('started_at'))}."
            )
        case "waiting_for_approval":
            said = _open_approvals([step])
        case "completed" if step["carried_from"] is not None:
            said = f"Carried over from run {step['carried_from']}: not run again."
        case "completed":
            said = f"Completed {_at(step['changed_at'])}."
        case "failed":
            said = f"Failed {_at(step['changed_at'])}{_error(step['error'])}."
        case state:
            by = f" by {step['actor']}" if step["actor"] else ""
            said = (
                f"{state.capitalize()}{by} {_at(step['changed_at'])}{_because(step)}."
            )
    return said or f"{name} is {step['state']}."


def _queued(run: Shape, steps: Sequence[Shape]) -> str:
    waiting = [step["step"] for step in steps if step["state"] == "queued"]
    if not waiting:
        return f"Queued {_since(run['changed_at'])}; no step is ready yet."
    return f"Waits for a worker to start {_names(waiting)} {_since(run['changed_at'])}."


def _running(run: Shape, steps: Sequence[Shape]) -> str:
    running = [step for step in steps if step["state"] == "running"]
    queued = [step["step"] for step in steps if step["state"] == "queued"]
    said: list[str] = []
    for step in running[:MAX_NAMED]:
        last = step["attempts"][-1]
        said.append(
            f"{step['step']} (attempt {last['number']}) is run by {last['actor']} "
            f"{_since(last['started_at'])}."
        )
    if len(running) > MAX_NAMED:
        said.append(f"{len(running) - MAX_NAMED} more steps are running.")
    if queued:
        said.append(f"{_names(queued)} {_wait(queued)} for a worker.")
    if not said:
        said.append(f"Running {_since(run['started_at'])}.")
    if any(step["state"] == "waiting_for_approval" for step in steps):
        said.append(_open_approvals(steps))
    return " ".join(said)


def _open_approvals(steps: Sequence[Shape]) -> str:
    open_ones = [
        (step["step"], approval)
        for step in steps
        for approval in step["approvals"][-1:]
        if approval["state"] == "open"
    ]
    said = []
    for name, approval in open_ones[:MAX_NAMED]:
        who = approval["approvers"]
        may = f"{_names(who, 'or')} may decide" if who else "any approver may decide"
        count = ""
        if approval["required"] > 1:
            count = f"; {approval['agreed']} of {approval['required']} have agreed"
        since = _since(approval["requested_at"])
        said.append(f"{name} waits for approval {since}: {may}{count}.")
    if len(open_ones) > MAX_NAMED:
        said.append(f"{len(open_ones) - MAX_NAMED} more approvals are open.")
    return " ".join(said)


def _failed_for(cause: Shape) -> str:
    if cause.get("step") is None:
        return f"{_because(cause)}{_error(cause.get('error'))}"
    attempt = f" (attempt {cause['attempt']})" if cause.get("attempt") else ""
    told = _error(cause.get("error")) or _because(cause)
    return f": step {cause['step']}{attempt} did not succeed{told}"


def _error(error: Shape | None) -> str:
    if error is None:
        return ""
    line = error["message"].strip().partition("\n")[0].rstrip(".")
    return f": {error['type']}: {line}" if line else f": {error['type']}"


def _because(cause: Shape) -> str:
    reason = (cause.get("reason") or "").strip().rstrip(".")
    return f" ({reason})" if reason else ""


def _names(names: Sequence[str], word: str = "and") -> str:
    if len(names) > MAX_NAMED + 1:
        return f"{', '.join(names[:MAX_NAMED])} {word} {len(names) - MAX_NAMED} more"
    if len(names) == 1:
        return names[0]
    return f"{', '.join(names[:-1])} {word} {names[-1]}"


def _wait(names: Sequence[str]) -> str:
    return "waits" if len(names) == 1 else "wait"


def _since(moment: datetime | None) -> str:
    return "since an unknown time" if moment is None else f"since {_time(moment)}"


def _at(moment: datetime | None) -> str:
    return "at an unknown time" if moment is None else f"at {_time(moment)}"


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S UTC")
