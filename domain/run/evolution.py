"""From events to the run: ``evolve`` one, ``fold`` many, ``replay`` a stream."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from domain.events import By, Event, Recorded
    from domain.run.state import Run
    from domain.workflow.definition import WorkflowDefinition


def evolve(run: Run, event: Event, by: By) -> Run:
    """The run after one more event; the run given stays as it is.

    Raises:
        BrokenHistory: the event cannot have happened to this run.
    """
    return fold(run, ((event, by),))


def fold(run: Run, events: Iterable[tuple[Event, By]]) -> Run:
    """The run after these events: one copy, then fast. The run given stays as it is."""
    raise NotImplementedError


def replay(definition: WorkflowDefinition, recorded: Iterable[Recorded]) -> Run:
    """The run that a stream, read from its first event, tells of."""
    raise NotImplementedError
