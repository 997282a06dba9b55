"""Read model: what became of a workflow's runs, by day (UTC)."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime

    from projections.batch import Batch, Counted, RunChange
    from projections.read_model import Row

NAME = "day_counts"

COLUMNS = ("created", "completed", "failed", "canceled", "duration_us")

Key = tuple[str, str, "date", int]


def rows(batch: Batch) -> list[Row]:
    sums: defaultdict[Key, dict[str, int]] = defaultdict(
        lambda: dict.fromkeys(COLUMNS, 0)
    )
    for change in batch.runs:
        before, after = change.before, change.after
        if before is not None:
            if before.ended_at is None and after.ended_at is None:
                continue
            _add(sums, change, before, -1)
        _add(sums, change, after, +1)
    return [
        {
            "namespace": namespace,
            "workflow": workflow,
            "day": day,
            "partition": partition,
            **counts,
        }
        for (namespace, workflow, day, partition), counts in sums.items()
        if any(counts.values())
    ]


def _add(
    sums: defaultdict[Key, dict[str, int]], change: RunChange, run: Counted, sign: int
) -> None:
    if run.created_at is not None:
        sums[_key(change, run, run.created_at)]["created"] += sign
    if run.ended_at is None:
        return
    ended = sums[_key(change, run, run.ended_at)]
    ended[run.state] += sign
    if run.state == "completed":
        ended["duration_us"] += sign * (run.duration_us or 0)


def _key(change: RunChange, run: Counted, moment: datetime) -> Key:
    day = moment.astimezone(UTC).date()
    return change.namespace, run.workflow, day, change.partition
