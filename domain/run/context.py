"""What a decision is told beside the run and the command: who, when, which numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.commands import Report
from domain.events import By

if TYPE_CHECKING:
    from domain.commands import Command
    from domain.ids import RunId
    from domain.run.state import Run
    from domain.workflow.definition import WorkflowDefinition


@dataclass(slots=True, frozen=True)
class Context:
    """For every command but a retry."""

    by: By
    """The caller and the present moment; ``told_by`` makes of it what a report says."""
    run_id: RunId
    recorded_by: str = ""
    number: int = 0
    """Opening commands only: the number the run is to have."""
    workflow_version: int = 0
    """Opening commands only: the version whose definition the empty run was given."""
    groups: frozenset[str] = frozenset()
    """Groups of people that the caller belongs to, as their token says."""

    @property
    def caller(self) -> str:
        """Whose token the command came with."""
        return self.recorded_by or self.by.actor


@dataclass(slots=True, frozen=True)
class RetryContext:
    """For a retry, which writes to two runs."""

    by: By
    run_id: RunId
    """The finished run."""
    new_run: RunId
    new_number: int
    definition: WorkflowDefinition
    """Of the version that the new run is to have: the old one, or the one asked for."""
    workflow_version: int
    latest_retry: tuple[RunId, Run] | None = None
    """The last of the old run's ``retries``, folded, where there is one."""


def told_by(command: Command, by: By) -> By:
    """The envelope of a command's events: what the report tells goes first.

    ``by`` is the caller and the present moment. Telling it twice changes nothing.
    """
    if not isinstance(command, Report):
        return by
    if command.actor is None and command.occurred_at is None:
        return by
    return By(command.actor or by.actor, command.occurred_at or by.at)
