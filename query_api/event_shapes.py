"""Events of the log as they are answered: envelope, payload, and a plain sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from domain.run.sentences import summary
from domain.workflow.events import WorkflowVersionRegistered
from infra.codec import Undecodable, UnknownTopic
from query_api import log_rows
from query_api.live import Change

if TYPE_CHECKING:
    from collections.abc import Sequence

    from query_api.definitions import RunName, RunNames

Row = dict[str, Any]


class EventShapes:
    """Makes the answer's events out of rows of the log."""

    def __init__(self, names: RunNames) -> None:
        self._names = names

    async def shapes(self, rows: Sequence[Row]) -> list[Row]:
        names = await self._names.of({row["originator_id"] for row in rows})
        return [shape(row, names.get(row["originator_id"])) for row in rows]

    async def changes(self, rows: Sequence[Row]) -> list[Change]:
        """The same, ready for the live stream."""
        return [
            Change(
                position=row["notification_id"],
                namespace=row["namespace"],
                stream_id=row["originator_id"],
                workflow=made["workflow"],
                topic=row["topic"],
                actor=row["actor"],
                correlation=row["correlation_id"],
                json=orjson.dumps(made, option=orjson.OPT_UTC_Z),
            )
            for row, made in zip(rows, await self.shapes(rows), strict=True)
        ]


def shape(row: Row, name: RunName | None) -> Row:
    """``name``: of the run whose event it is; None for a workflow's."""
    said, data, workflow = _told(row)
    if name is not None:
        workflow = name.workflow
    return {
        "position": row["notification_id"],
        "stream_id": row["originator_id"],
        "version": row["originator_version"],
        "run_id": None if name is None else row["originator_id"],
        "workflow": workflow,
        "number": None if name is None else name.number,
        "topic": row["topic"],
        "summary": said,
        "event_id": row["event_id"],
        "actor": row["actor"],
        "recorded_by": row["recorded_by"],
        "occurred_at": row["occurred_at"],
        "recorded_at": row["recorded_at"],
        "correlation_id": row["correlation_id"],
        "causation_id": row["causation_id"],
        "trace": row["trace"],
        "data": data,
    }


def _told(row: Row) -> tuple[str, object, str | None]:
    """Sentence, payload in today's form, and the workflow, where it is its event."""
    try:
        one = log_rows.recorded(row)
    except (UnknownTopic, Undecodable):
        # Written by another version of the service: still to be seen as it is.
        return f"{row['topic']} (not known to this version)", _bare(row["state"]), None
    workflow = None
    if isinstance(one.event, WorkflowVersionRegistered):
        workflow = one.event.name
    return summary(one), one.event.model_dump(mode="json"), workflow


def _bare(state: bytes) -> object:
    try:
        return orjson.loads(state)
    except orjson.JSONDecodeError:
        return state.decode("utf-8", "replace")
