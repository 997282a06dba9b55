"""Traces of a log as observed runs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from runledger.importing.lifecycle import COMPLETE, Steps
from runledger.importing.mapping import Mapping
from runledger.importing.observed import (
    Definition,
    ObservedRun,
    Unreadable,
    one_line,
    step_name,
)
from runledger.importing.xes import Log, Trace, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runledger.importing.observed import Command, Content

NAME = "concept:name"
TRANSITION = "lifecycle:transition"
RESOURCE = "org:resource"
TIME = "time:timestamp"
_STANDARD = frozenset((NAME, TRANSITION, RESOURCE, TIME, "lifecycle:model"))


class LogReader:
    """Reads one log. The mapping may be chosen once ``log_name`` is known."""

    def __init__(self, content: Content, fallback: str) -> None:
        self._log = Log(content)
        self._traces = self._log.traces()
        self._first = next(self._traces, None)
        self.log_name = one_line(str(self._log.attributes.get(NAME) or fallback))
        """The log's own name, or that of the file: the source of its runs."""
        self.mapping = Mapping()
        self._seen: dict[int, int] = {}

    @property
    def outside(self) -> int:
        """Entries that stood outside of every trace, and so belong to no run."""
        return self._log.outside

    def definition(self, workflow: str | None = None) -> Definition:
        name = workflow or self.mapping.workflow or self.log_name
        return Definition(step_name(name), description=self.mapping.description)

    def runs(self) -> Iterator[ObservedRun]:
        """A run for each trace.

        Raises:
            Unreadable: the file ends early, or an entry's time is none.
        """
        if self._first is not None:
            yield self._run(self._first, 1)
        for number, trace in enumerate(self._traces, start=2):
            yield self._run(trace, number)

    def _run(self, trace: Trace, number: int) -> ObservedRun:
        steps = Steps(self.mapping.rejecting)
        run = ObservedRun(self.log_name, self._external_id(trace, number), [])
        run.place = f"trace {run.external_id!r} (line {trace.line})"
        times = _times(trace, run)
        for entry, time in zip(trace.entries, times, strict=True):
            transition = str(entry.get(TRANSITION, COMPLETE))
            command = steps.command(step_name(str(entry.get(NAME, ""))), transition)
            if time is not None:
                command["occurred_at"] = time[0]
            if resource := one_line(str(entry.get(RESOURCE, ""))):
                command["actor"] = resource
            if command["type"] == "complete_step":
                _keep_data(command, entry)
            run.commands.append(command)
            run.entries[transition.lower(), command["type"]] += 1
        known = [time for time in times if time is not None]
        if known:
            run.occurred_at = min(known, key=lambda time: time[1])[0]
        run.inputs = {k: v for k, v in trace.attributes.items() if k != NAME} or None
        end = self._end(steps)
        if end is not None:
            if known:
                end["occurred_at"] = max(known, key=lambda time: time[1])[0]
            run.commands.append(end)
            run.outcome = end["outcome"]
        return run

    def _end(self, steps: Steps) -> Command | None:
        rule = self.mapping.rule(steps.completed)
        if rule is not None:
            end: Command = {"type": "end_run", "outcome": rule.run}
            if rule.run == "failed":
                end["step"] = rule.step_name
            if rule.reason:
                end["reason"] = rule.reason
            return end
        if steps.aborted:
            reason = "the whole process instance was aborted"
            return {"type": "end_run", "outcome": "canceled", "reason": reason}
        if self.mapping.otherwise == "completed":
            return {"type": "end_run", "outcome": "completed"}
        return None

    def _external_id(self, trace: Trace, number: int) -> str:
        """The trace's name, made different where two traces share one."""
        name = one_line(str(trace.attributes.get(NAME, "")), 180) or f"trace {number}"
        times = self._seen[hash(name)] = self._seen.get(hash(name), 0) + 1
        return name if times == 1 else f"{name} ({times})"


def _times(trace: Trace, run: ObservedRun) -> list[tuple[str, datetime] | None]:
    """Each entry's time; one without takes that of the entry before (or after)."""
    times: list[tuple[str, datetime] | None] = []
    latest: tuple[str, datetime] | None = None
    for entry, line in zip(trace.entries, trace.lines, strict=True):
        text = entry.get(TIME)
        if text is None:
            run.without_time += 1
            times.append(latest)
            continue
        time = _time(str(text), line)
        if latest is not None and time[1] < latest[1]:
            run.back_in_time += 1
        latest = time
        times.append(time)
    first = next((time for time in times if time is not None), None)
    return [first if time is None else time for time in times]


def _time(text: str, line: int) -> tuple[str, datetime]:
    """As the source wrote it, where that is RFC 3339; a time without zone is UTC."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise Unreadable(
            f"{text!r} is no time",
            place=f"the entry of line {line}",
            advice="write it like 2012-03-01T09:26:46.736+01:00",
        ) from error
    if time.tzinfo is None:
        time = time.replace(tzinfo=UTC)
        return time.isoformat(), time
    plain = len(text) >= 20 and text[10] == "T" and text[4] == "-" and text[13] == ":"
    return (text if plain else time.isoformat()), time


def _keep_data(command: Command, entry: dict[str, Value]) -> None:
    data = {key: value for key, value in entry.items() if key not in _STANDARD}
    if data:
        command["output"] = data
