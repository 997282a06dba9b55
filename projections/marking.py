"""What of a run a stretch of its events touched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.run.events import RunCreated, StepEvent
from infra.kafka import partition_of
from projections.batch import Counted, Mark, RunChange

if TYPE_CHECKING:
    from uuid import UUID

    from domain.events import Event
    from domain.run.state import Run
    from projections.change import Change


def run_change(
    run_id: UUID,
    before: Counted | None,
    after: Run,
    events: list[tuple[Change, Event]],
) -> RunChange:
    steps: dict[str, Mark] = {}
    iterations: dict[tuple[str, int], Mark] = {}
    for change, event in events:
        if isinstance(event, StepEvent):
            mark = Mark(change.version, change.position)
            steps[event.step] = iterations[event.step, event.iteration] = mark
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
        events,
    )
