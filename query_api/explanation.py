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
    if run["canceling"]:
        said += f" It is being canceled{_stopping(steps)}."
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
            said = _queued_step(step)
        case "running" if step["job"] is not None:
            said = f"Attempt {last.get('number')} {_on_worker(step['awaits'])}"
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
    if not any(step["state"] == "queued" for step in steps):
        return f"Queued {_since(run['changed_at'])}; no step is ready yet."
    return " ".join(_queued_steps(steps)) or f"Queued {_since(run['changed_at'])}."


def _queued_step(step: Shape) -> str:
    awaited, why = step["awaits"], _because(step)
    if awaited is None:
        return f"Queued {_since(step['queued_at'])}{why}; not started while held."
    (said,) = _queued_steps([step])
    return f"{said.removesuffix('.')}{why}."


def _queued_steps(steps: Sequence[Shape]) -> list[str]:
    """A sentence for each thing that queued steps wait for, with the steps' names."""
    together: dict[tuple[object, ...], list[Shape]] = {}
    for step in steps:
        one = step["awaits"]
        if step["state"] == "queued" and one is not None:
            alike = one["kind"], one["queue"], tuple(one["requires"]), one["workers"]
            apart = one["until"] if one["kind"] == "time" else None
            together.setdefault((*alike, apart), []).append(one)
    said = [_waits_for(group) for group in list(together.values())[:MAX_NAMED]]
    left = list(together.values())[MAX_NAMED:]
    if left:
        said.append(f"{sum(map(len, left))} more steps are queued.")
    return said


def _waits_for(group: Sequence[Shape]) -> str:
    first = min(group, key=lambda one: (one["since"] is None, one["since"]))
    names = [one["step"] for one in group]
    who, since = f"{_names(names)} {_wait(names)}", _since(first["since"])
    if first["kind"] == "time":
        attempt = first["attempt"] if len(group) == 1 else None
        which = "its time" if attempt is None else f"attempt {attempt}"
        return f"{who} until {_time(first['until'])} for {which}."
    if first["kind"] == "report":
        return f"{who} for a service to report the start {since}."
    capable = (
        f" that is capable of {_names(first['requires'])}" if first["requires"] else ""
    )
    said = f"{who} for a worker of queue {first['queue']}{capable} {since}"
    match first["workers"]:
        case None:
            return f"{said}."
        case 0:
            return f"{said}: no live worker would take {_it(names)}."
        case 1:
            return f"{said}: 1 live worker would take {_it(names)}."
        case many:
            return f"{said}: {many} live workers would take {_it(names)}."


def _on_worker(awaited: Shape) -> str:
    """After the name of what runs there."""
    said = f"runs on worker {awaited['worker']} {_since(awaited['since'])}"
    if (told := awaited["progress"]) is not None:
        done = "" if told["fraction"] is None else f"{told['fraction']:.0%} done"
        said += f", {': '.join(filter(None, (done, told['message'])))}"
    if awaited["heartbeat_at"] is not None:
        said += f" (last heard of at {_time(awaited['heartbeat_at'])})"
    if awaited["kind"] == "stop":
        said += "; it is told to stop"
    return f"{said}."


def _stopping(steps: Sequence[Shape]) -> str:
    left = [
        f"{one['step']} on worker {one['worker']}"
        for step in steps
        if (one := step["awaits"]) is not None and one["kind"] == "stop"
    ]
    return f": waits for {_names(left)} to stop, or to be lost" if left else ""


def _running(run: Shape, steps: Sequence[Shape]) -> str:
    running = [step for step in steps if step["state"] == "running"]
    said: list[str] = []
    for step in running[:MAX_NAMED]:
        last = step["attempts"][-1]
        which = f"{step['step']} (attempt {last['number']})"
        if step["job"] is not None:
            said.append(f"{which} {_on_worker(step['awaits'])}")
        else:
            since = _since(last["started_at"])
            said.append(f"{which} is run by {last['actor']} {since}.")
    if len(running) > MAX_NAMED:
        said.append(f"{len(running) - MAX_NAMED} more steps are running.")
    said += _queued_steps(steps)
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
        groups = [f"the group {name}" for name in approval.get("groups") or ()]
        who = [*approval["approvers"], *groups]
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


def _it(names: Sequence[str]) -> str:
    return "it" if len(names) == 1 else "them"


def _since(moment: datetime | None) -> str:
    return "since an unknown time" if moment is None else f"since {_time(moment)}"


def _at(moment: datetime | None) -> str:
    return "at an unknown time" if moment is None else f"at {_time(moment)}"


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S UTC")
