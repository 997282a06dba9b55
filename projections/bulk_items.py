"""Read model: one row per item of a bulk operation, with what became of it.

An item whose turn has not come is ``pending``; if its operation was stopped before,
it stays so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.bulk.events import BulkItemsDone, BulkListed

if TYPE_CHECKING:
    from domain.bulk.items import BulkItem, ItemResult
    from projections.batch import Batch, BulkChange
    from projections.change import Change
    from projections.read_model import Row

NAME = "bulk_items"


def rows(batch: Batch) -> list[Row]:
    found: dict[tuple[object, int], Row] = {}
    for bulk in batch.bulks:
        items = bulk.after.items
        for change, event in bulk.events:
            match event:
                case BulkListed(first=first, items=listed):
                    for nth, item in enumerate(listed, start=first):
                        found[bulk.bulk_id, nth] = _row(bulk, change, nth, item)
                case BulkItemsDone(first=first, results=results):
                    for nth, result in enumerate(results, start=first):
                        item = items[nth - 1]
                        row = _row(bulk, change, nth, item, result)
                        found[bulk.bulk_id, nth] = row
                case _:
                    pass
    return list(found.values())


def _row(
    bulk: BulkChange,
    change: Change,
    nth: int,
    item: BulkItem,
    result: ItemResult | None = None,
) -> Row:
    return {
        "bulk_id": bulk.bulk_id,
        "nth": nth,
        "namespace": bulk.namespace,
        "run_id": item.run_id,
        "workflow": item.workflow,
        "number": item.number,
        "step": item.step,
        "iteration": item.iteration,
        "subject_digest": item.subject_digest,
        "result": "pending" if result is None else result.result,
        "code": "" if result is None else result.code,
        "message": "" if result is None else result.message,
        "run_version": None if result is None else result.version,
        "run_position": None if result is None else result.position,
        "new_run": None if result is None else result.new_run,
        "new_number": None if result is None else result.new_number,
        "at": change.occurred_at,
        "version": change.version,
        "position": change.position,
    }
