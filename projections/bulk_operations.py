"""Read model: one row per bulk operation, with how far it has come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.bulk.items import RESULTS

if TYPE_CHECKING:
    from projections.batch import Batch, BulkChange
    from projections.read_model import Row

NAME = "bulk_operations"


def rows(batch: Batch) -> list[Row]:
    return [_row(change) for change in batch.bulks]


def _row(change: BulkChange) -> Row:
    bulk, stop = change.after, change.after.stop
    assert bulk.command is not None
    assert bulk.filter is not None
    return {
        "bulk_id": change.bulk_id,
        "namespace": change.namespace,
        "command": bulk.command.type,
        "options": bulk.command.model_dump(mode="json", exclude={"type"}),
        "filter": bulk.filter.model_dump(mode="json", exclude_defaults=True),
        "named_runs": bulk.named_runs,
        "reason": bulk.reason,
        "state": bulk.state,
        "total": bulk.total,
        **{result: bulk.counts.get(result, 0) for result in RESULTS},
        "digest": bulk.digest,
        "took_as_is": bulk.took_as_is,
        "started_at": bulk.started_at,
        "started_by": bulk.started_by,
        "stop_asked_at": None if stop is None else stop.at,
        "stop_asked_by": None if stop is None else stop.actor,
        "stop_reason": None if stop is None else stop.reason,
        "ended_at": bulk.ended_at,
        "version": change.last.version,
        "position": change.last.position,
    }
