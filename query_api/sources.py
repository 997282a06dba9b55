"""What every operation of the query API reads from; the lifespan makes it once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from infra.web.operations import Call
    from query_api.definitions import Definitions, RunNames
    from query_api.event_shapes import EventShapes
    from query_api.history import History
    from query_api.live import Feed
    from query_api.reading import Reading
    from query_api.waiting import Waiting


@dataclass(frozen=True, slots=True)
class Sources:
    reading: Reading
    waiting: Waiting
    definitions: Definitions
    names: RunNames
    shapes: EventShapes
    history: History
    feed: Feed


def sources(call: Call) -> Sources:
    return cast("Sources", call.state["sources"])
