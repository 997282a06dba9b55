"""Each event as one plain sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from domain.events import Recorded


def summary(recorded: Recorded) -> str:
    """The event as one plain sentence, for lists of events and for support staff."""
    raise NotImplementedError
