"""The read models that are kept, by name: the one list to add a new one to."""

from __future__ import annotations

from projections import (
    approvals,
    bulk_items,
    bulk_operations,
    day_counts,
    jobs,
    matrix,
    runs,
    steps,
    workflow_counts,
    workflows,
)
from projections.read_model import Table

TABLES: tuple[Table, ...] = (
    Table(workflows),
    Table(runs),
    Table(steps),
    Table(matrix),
    Table(approvals),
    Table(jobs),
    Table(workflow_counts),
    Table(day_counts),
    Table(bulk_operations),
    Table(bulk_items),
)
