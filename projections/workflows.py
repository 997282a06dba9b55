"""Read model: one row per workflow, its newest version."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from projections.batch import Batch
    from projections.read_model import Row

NAME = "workflows"


def rows(batch: Batch) -> list[Row]:
    newest = {
        (each.namespace, each.event.name): each
        for each in sorted(batch.workflows, key=lambda each: each.version)
    }
    return [
        {
            "namespace": namespace,
            "name": name,
            "version": each.version,
            "digest": each.event.digest,
            "definition": each.event.definition.model_dump(mode="json"),
            "step_count": len(each.event.definition.steps),
            "registered_at": each.at,
            "registered_by": each.actor,
            "position": each.position,
        }
        for (namespace, name), each in newest.items()
    ]
