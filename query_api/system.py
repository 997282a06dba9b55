"""How the service does: how far publisher and projectors are, and what is parked."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from infra.postgres import PROJECTOR_LOCKS, PUBLISHER_LOCK, TIMERS_LOCK
from infra.settings import PARTITIONS
from infra.sql import load
from infra.web.operations import Reply
from query_api.cursors import Key
from query_api.lists import key_of, listed
from query_api.parameters import NamespacePath, Paged
from query_api.reading import SQL_FOLDER
from query_api.sources import sources

if TYPE_CHECKING:
    from infra.web.operations import Call

SQL = load(SQL_FOLDER / "system.sql")

Row = dict[str, Any]

COUNTED = 1_000
"""More waiting events of a partition than this are not counted, but said to be more."""


_LOCKS = {
    "publisher": PUBLISHER_LOCK,
    "projectors": PROJECTOR_LOCKS,
    "partitions": PARTITIONS,
    "timers": TIMERS_LOCK,
}

_PUBLISHER = ("epoch", "position", "published_at", "lag_events", "lag_s")


class ParkedKey(Key):
    position: int


async def show_system(call: Call) -> Reply:
    found = sources(call)
    position, (publisher, partitions, parked, processes) = await found.reading.pages(
        _LOCKS,
        *(SQL["publisher"], SQL["partitions"], SQL["parked_count"], SQL["processes"]),
    )
    said, seen = publisher[0], processes[0]
    return Reply.json(
        {
            "log": {
                "position": said["log_position"],
                "recorded_at": None
                if not said["log_position"]
                else said["recorded_at"],
            },
            "publisher": {name: said[name] for name in _PUBLISHER},
            "processes": {
                "publisher": {
                    "active": seen["publisher"],
                    "standing_by": seen["publishers_standing_by"],
                },
                "projector": {
                    "active": not seen["unprojected"],
                    "standing_by": seen["projectors_standing_by"],
                    "projecting": seen["projectors"],
                    "unprojected": seen["unprojected"],
                },
                "timers": {
                    "active": seen["timers"],
                    "standing_by": seen["timers_standing_by"],
                },
            },
            "generations": [
                _generation(list(rows))
                for _, rows in groupby(partitions, key=lambda row: row["generation"])
            ],
            "parked": parked[0],
            "followers": found.feed.subscribers,
            "position": position,
        }
    )


def _generation(rows: list[Row]) -> Row:
    first = rows[0]
    return {
        "id": first["generation"],
        "state": first["state"],
        "created_at": first["created_at"],
        "flipped_at": first["flipped_at"],
        "lag_s": max(row["lag_s"] for row in rows),
        "partitions": [
            {
                "partition": row["partition"],
                "position": row["position"],
                "published": row["published"],
                "next_offset": row["next_offset"],
                "lag_events": min(row["lag_events"], COUNTED),
                "more": row["lag_events"] > COUNTED,
                "lag_s": row["lag_s"],
            }
            for row in rows
        ],
    }


async def list_parked(call: Call) -> Reply:
    query = call.query_as(Paged)
    after = key_of(ParkedKey, query.cursor)
    page = await sources(call).reading.page(
        SQL["parked"],
        {
            "namespace": call.path_as(NamespacePath).ns,
            "last_position": 0 if after is None else after.position,
            "limit": query.limit + 1,
        },
    )
    return listed(
        page,
        query.limit,
        lambda row: ParkedKey(position=row["since_position"]),
        _parked,
        stale=False,
    )


def _parked(row: Row) -> Row:
    names = ("run_id", "since_position", "topic", "error", "parked_at", "events")
    replay = None
    if row["requested_at"] is not None:
        asked = ("requested_by", "requested_at", "done_at", "result")
        replay = {name: row[name] for name in asked}
    return {**{name: row[name] for name in names}, "replay": replay}
