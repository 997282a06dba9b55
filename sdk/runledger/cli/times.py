"""Moments as people write them: `2h`, `3d`, `2026-03-01`, `2026-03-01T09:26+01:00`."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import click

_AGO = re.compile(r"^(\d{1,6})\s*(s|min|m|h|d|w)$")
_UNITS = {
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "min": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}


class Moment(click.ParamType[datetime]):
    """A moment: so long ago, or a date with or without time, in the local zone."""

    name = "time"

    def convert(
        self, value: str | datetime, param: click.Parameter | None, ctx: object
    ) -> datetime:
        if isinstance(value, datetime):
            return value
        if ago := _AGO.match(value.strip()):
            return datetime.now(UTC) - int(ago[1]) * _UNITS[ago[2]]
        try:
            return datetime.fromisoformat(value).astimezone()
        except ValueError:
            self.fail(
                f"{value!r} is no time: write 2h, 3d, 2026-03-01 or 2026-03-01T09:26.",
                param,
            )


MOMENT = Moment()
