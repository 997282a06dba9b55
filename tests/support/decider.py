"""given(workflow, what happened).when(a command).then(the events)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from domain.events import By, Event
from domain.ids import RunId
from domain.run.context import Context, told_by
from domain.run.decisions import decide
from domain.run.evolution import fold
from domain.run.state import Run

if TYPE_CHECKING:
    from collections.abc import Iterable

    from domain.errors import RunledgerError
    from domain.run.decisions import AnyCommand
    from domain.workflow.definition import WorkflowDefinition

RUN_ID = RunId(UUID("01900000-0000-7000-8000-000000000042"))
START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)


@dataclass
class Story:
    """A run, and what it leads to. A second passes with each event; ada acts."""

    run: Run
    events: list[Event]
    refusal: RunledgerError | None = None

    def when(
        self, command: AnyCommand, *, by: str = "ada", groups: Iterable[str] = ()
    ) -> Story:
        """``by``: who asks it, with the groups that their token says."""
        told = By(by, START + timedelta(seconds=self.run.version))
        context = Context(
            by=told,
            run_id=RUN_ID,
            number=42,
            workflow_version=1,
            groups=frozenset(groups),
        )
        try:
            events = decide(self.run, command, context)
        except Exception as refusal:
            return Story(self.run, [], refusal)  # type: ignore[arg-type]  # asked below
        told = told_by(command, told)
        return Story(fold(self.run, [(event, told) for event in events]), events)

    def then(self, *expected: Event | type[Event]) -> Story:
        """These and no others; by its class alone where the rest is of no interest."""
        assert self.refusal is None, self.refusal
        wanted = [each for each in expected if isinstance(each, type)]
        shown = [type(e) if type(e) in wanted else e for e in self.events]
        assert shown == list(expected)
        return self

    def then_nothing(self) -> None:
        self.then()

    def then_refused(self, error: type[RunledgerError], saying: str) -> None:
        with pytest.raises(error, match=saying):
            raise self.refusal or AssertionError(f"decided {self.events}")


def given(definition: WorkflowDefinition, *commands: AnyCommand) -> Story:
    story = Story(Run(definition), [])
    for command in commands:
        story = story.when(command)
        assert story.refusal is None, f"{command} was refused: {story.refusal}"
    return story
