"""What can go wrong when read tables are written, and whose fault it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg

if TYPE_CHECKING:
    from projections.decoding import Failure


class Fenced(Exception):
    """Somebody else has moved the positions: this is not the projector any more."""


class Retired(Exception):
    """The generation is not kept any more: there is another one."""


class Broken(Exception):
    """An event cannot be applied where nothing may be parked."""

    def __init__(self, failure: Failure) -> None:
        change = failure.change
        super().__init__(
            f"Event {change.position} ({change.topic}, version {change.version} of "
            f"{change.stream_id}) cannot be applied: {failure.error}"
        )


class RebuildFailed(Exception):
    """The old generation is in use as before. The message says why and what to do."""


def raise_if_ousted(error: psycopg.Error) -> None:
    """The two errors of projection.advance."""
    if error.sqlstate == "RL010":
        raise Fenced from error
    if error.sqlstate == "RL011":
        raise Retired from error


def is_poison(error: BaseException) -> bool:
    """Whether the data are to blame, and trying again would change nothing.

    What the deployment is to blame for (no connection, no rights, no table, no room)
    parks nothing: it concerns all runs, and passes.
    """
    if isinstance(error, psycopg.Error):
        state = error.sqlstate or ""
        # 22: data exceptions, 23: constraints, 54: a row or a value is too large.
        return state[:2] in ("22", "23", "54")
    return not isinstance(error, (OSError, MemoryError))
