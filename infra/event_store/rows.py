"""A row of the log, raw as the driver gives it; ``infra.codec.recorded`` decodes it.

Publisher and rebuild carry raw rows: decoding costs more than all else they do.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from infra import sql

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from domain.ids import Namespace

QUERIES = sql.load(Path(__file__).with_name("log.sql"))


class Row(NamedTuple):
    """The columns that log.sql selects."""

    position: int
    stream_id: UUID
    version: int
    namespace: Namespace
    event_id: UUID
    actor: str
    recorded_by: str
    occurred_at: datetime
    recorded_at: datetime
    correlation_id: UUID | None
    causation_id: UUID | None
    trace: str | None
    topic: str
    state: bytes
