"""What every reader gives: definitions to register, and runs as commands."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Protocol

Command = dict[str, Any]
"""A command as the API takes it; plain, since hundreds of thousands are made."""


class Content(Protocol):
    """A file's bytes, unpacked."""

    def read(self, size: int = -1, /) -> bytes: ...


_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


class Unreadable(Exception):
    """A file that cannot be imported: where it goes wrong, and what to do."""

    def __init__(self, problem: str, *, place: str = "", advice: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.place = place
        self.advice = advice

    def sentence(self, file: str) -> str:
        where = f"{file}, {self.place}" if self.place else file
        return f"{where}: {self.problem}{f'; {self.advice}' if self.advice else ''}."


@dataclass(slots=True, frozen=True)
class Definition:
    """A workflow that the runs after it belong to."""

    name: str
    steps: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Name and needs of each step in the order to show; empty: graph unknown."""
    description: str = ""


@dataclass(slots=True)
class ObservedRun:
    """One run of a file, ready to be sent."""

    source: str
    external_id: str
    commands: list[Command]
    """All but the opening ``observe_run``; in the order to record."""
    outcome: str = "open"
    occurred_at: str | None = None
    inputs: Any = None
    entries: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How many entries of each (transition, command) the source had."""
    place: str = ""
    """Where in the file it begins, for people."""
    back_in_time: int = 0
    without_time: int = 0


def one_line(text: str, limit: int = 200) -> str:
    """A text that fits a name of one line: control characters become spaces."""
    return _CONTROL.sub(" ", text).strip()[:limit]


def step_name(text: str) -> str:
    """A step's name out of what a source calls it.

    A step stands in paths, so a slash becomes its look-alike U+2215.
    """
    return one_line(text).replace("/", "\u2215") or "unnamed"
