"""When leases may be lost: not before heartbeats have had time to come.

A heartbeat that could not be taken is no sign of a dead worker. So after whatever kept
them from coming (the database was away, or the machine stood still and its clock has
jumped) each lease has its own time once more.
"""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from domain.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

JUMP_S = 1.0
"""By how much the database's clock and this process's may differ between two looks. It
is how long the database may take to answer as well."""


class Clock(Protocol):
    async def clock(self) -> datetime:
        """The database's.

        Raises:
            Unavailable: it cannot be reached.
        """


class Grace:
    def __init__(
        self,
        database: Clock,
        began: datetime,
        *,
        here: Callable[[], float] = time.monotonic,
    ) -> None:
        """``began``: by the database's clock, since when it could be reached."""
        self._database = database
        self._here = here
        self._since = began
        self._last: tuple[datetime, float] | None = None
        self._was_away = False

    async def since(self) -> datetime:
        """The moment from which on each lease is to have had its own time.

        Raises:
            Unavailable: the database cannot be reached.
        """
        asked = self._here()
        try:
            now = await self._database.clock()
        except Unavailable:
            self._was_away = True
            raise
        answered = self._here()
        if self._was_away or answered - asked > JUMP_S or self._jumped(now, answered):
            self._since = now
        self._was_away = False
        self._last = now, answered
        return self._since

    def _jumped(self, now: datetime, here: float) -> bool:
        if self._last is None:
            return False
        passed = (now - self._last[0]) - timedelta(seconds=here - self._last[1])
        return abs(passed.total_seconds()) > JUMP_S
