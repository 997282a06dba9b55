"""What of a run a stretch of its events touched."""

from __future__ import annotations

from typing import TYPE_CHECKING

import domain.run.job_events  # noqa: F401  (its topics)
from domain.events import TOPICS
from domain.run.events import RunCreated, StepEvent, StepReset
from infra.kafka import partition_of
from projections.batch import CELLS, Counted, Mark, RunChange

if TYPE_CHECKING:
    from uuid import UUID

    from domain.events import Event
    from domain.run.state import Run
    from projections.change import Change

NAMING = {
    # A reset names the iteration that begins, and the attempt of the one before.
    kind: -1 if kind is StepReset else 0
    for kind in TOPICS.values()
    if issubclass(kind, StepEvent) and "attempt" in kind.model_fields
}
"""Events that name an attempt, with what to add to their iteration to get its own."""


def run_change(
    run_id: UUID,
    before: Counted | None,
    after: Run,
    events: list[tuple[Change, Event]],
) -> RunChange:
    steps: dict[str, Mark] = {}
    iterations: dict[tuple[str, int], Mark] = {}
    attempts: dict[tuple[str, int, int], Mark] = {}
    for change, event in events:
        if isinstance(event, StepEvent):
            mark = Mark(change.version, change.position)
            name, iteration = event.step, event.iteration
            steps[name] = iterations[name, iteration] = mark
            if (earlier := NAMING.get(type(event))) is not None:
                number = event.attempt  # type: ignore[attr-defined]  # see NAMING
                if number is not None:
                    attempts[name, iteration + earlier, number] = mark
        elif isinstance(event, RunCreated):
            mark = Mark(change.version, change.position)
            for step in after.definition.steps:
                steps[step.name] = mark
    last = events[-1][0]
    return RunChange(
        run_id,
        last.namespace,
        partition_of(run_id),
        before,
        after,
        Mark(last.version, last.position),
        steps,
        iterations,
        attempts,
        events,
        "".join([CELLS[step.state] for step in after.steps.values()]),
    )
