"""What an import did, to the last entry: for people and for machines."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from runledger.importing.observed import ObservedRun

MAX_PROBLEMS = 20


@dataclass(slots=True)
class Account:
    """Of one file. Every run that was read is new, known or refused."""

    file: str
    workflow: str = ""
    mapping: str = ""
    new: int = 0
    """Runs that this import put on record."""
    known: int = 0
    """Runs that were on record already, by the same import before."""
    refused: int = 0
    problems: list[str] = field(default_factory=list)
    """The first of what went wrong, a sentence each."""
    outcomes: Counter[str] = field(default_factory=Counter)
    entries: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Of the runs on record: how many entries by (transition, command)."""
    refused_entries: int = 0
    outside: int = 0
    """Entries that belong to no run, since they stood outside of every trace."""
    back_in_time: int = 0
    without_time: int = 0
    seconds: float = 0.0

    def recorded(self, run: ObservedRun, *, repeated: bool) -> None:
        if repeated:
            self.known += 1
        else:
            self.new += 1
        self.outcomes[run.outcome] += 1
        self.entries.update(run.entries)
        self.back_in_time += run.back_in_time
        self.without_time += run.without_time

    def refuse(self, run: ObservedRun, sentence: str) -> None:
        self.refused += 1
        self.refused_entries += run.entries.total()
        self.problem(sentence)

    def problem(self, sentence: str) -> None:
        if len(self.problems) < MAX_PROBLEMS and sentence not in self.problems:
            self.problems.append(sentence)

    def add(self, other: Account) -> None:
        """Make this the account of the other's file, too."""
        self.new += other.new
        self.known += other.known
        self.refused += other.refused
        self.outcomes.update(other.outcomes)
        self.entries.update(other.entries)
        self.refused_entries += other.refused_entries
        self.outside += other.outside
        self.back_in_time += other.back_in_time
        self.without_time += other.without_time
        self.seconds += other.seconds

    @property
    def runs(self) -> int:
        """On record now."""
        return self.new + self.known

    @property
    def good(self) -> bool:
        return not self.problems and not self.refused

    def as_json(self) -> dict[str, Any]:
        by_transition: dict[str, dict[str, int]] = {}
        for (transition, command), count in sorted(self.entries.items()):
            by_transition.setdefault(transition, {})[command] = count
        return {
            "file": self.file,
            "workflow": self.workflow,
            "mapping": self.mapping or None,
            "runs": {
                "new": self.new,
                "known": self.known,
                "refused": self.refused,
            },
            "outcomes": dict(sorted(self.outcomes.items())),
            "entries": {
                "read": self.entries.total() + self.refused_entries + self.outside,
                "recorded": self.entries.total(),
                "refused": self.refused_entries,
                "outside_of_traces": self.outside,
                "by_transition": by_transition,
                "back_in_time": self.back_in_time,
                "without_time": self.without_time,
            },
            "problems": self.problems,
            "seconds": round(self.seconds, 3),
        }
