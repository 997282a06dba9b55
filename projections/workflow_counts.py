"""Read model: how many runs of a workflow are in which state."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from projections.batch import Batch
    from projections.read_model import Row

NAME = "workflow_counts"


def rows(batch: Batch) -> list[Row]:
    counts: Counter[tuple[str, str, int, str]] = Counter()
    for change in batch.runs:
        before, after = change.before, change.after
        if before is not None:
            if before.state == after.state:
                continue
            counts[
                change.namespace, before.workflow, change.partition, before.state
            ] -= 1
        counts[change.namespace, after.workflow, change.partition, after.state] += 1
    return [
        {
            "namespace": namespace,
            "workflow": workflow,
            "partition": partition,
            "state": state,
            "runs": runs,
        }
        for (namespace, workflow, partition, state), runs in counts.items()
        if runs
    ]
