"""Stops what a supervisor has started for one home, also when that is dead."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING

from infra.local.errors import StackError
from infra.local.kafka import KafkaBroker
from infra.local.postgres import PostgresServer
from infra.local.processes import POLL, stop_all, wait_gone

if TYPE_CHECKING:
    from collections.abc import Callable

    from infra.local.home import Home
    from infra.local.processes import Identity

PATIENCE_S = 150.0


def take_down(home: Home, say: Callable[[str], None]) -> bool:
    """Stop the stack of ``home`` and return when all of it is gone.

    Returns False when there was nothing to stop.

    Raises:
        StackError: the supervisor does not end.
    """
    if not home.exists:
        return False
    supervisor = _supervisor(home)
    if supervisor is not None:
        say(f"Stopping the stack of {home.folder}.")
        supervisor.signal(signal.SIGTERM)
        if not wait_gone([supervisor], PATIENCE_S):
            raise StackError(
                f"The supervisor, process {supervisor.pid}, has not ended after "
                f"{PATIENCE_S:.0f} s: see {home.log('up')}, kill it, and run down "
                "again."
            )
    with home.held(patience=0.5) as ours:
        # Otherwise somebody starts a stack right now, and what runs is that one's.
        left = end_leftovers(home, say) if ours else []
    return supervisor is not None or bool(left)


def end_leftovers(home: Home, say: Callable[[str], None]) -> list[Identity]:
    """Stop what a supervisor that was killed has left running; say what it was.

    For whoever holds the home: then nobody starts anything there meanwhile.
    Only processes that are certainly this home's: recorded with the time of their
    start, or with a file of this home in their command line.
    """
    record = home.record()
    left: list[Identity] = []
    if record is not None:
        servers = {PostgresServer.name, KafkaBroker.name}
        left = [
            child
            for name, child in record.children.items()
            if name not in servers and child.alive
        ]
        stop_all(left)
    # Ports do not matter to stop one.
    left += KafkaBroker(home.kafka, 0, 0).end_predecessor()
    left += PostgresServer(home.postgres).end_predecessor()
    if left:
        pids = ", ".join(str(one.pid) for one in left)
        say(f"An earlier stack was killed: stopped what it had left ({pids}).")
    home.forget_record()
    return left


def _supervisor(home: Home) -> Identity | None:
    """Who holds the home; None when nobody does."""
    deadline = time.monotonic() + 10
    while home.in_use:
        record = home.record()
        if record is not None and record.supervisor.alive:
            return record.supervisor
        if time.monotonic() > deadline:
            raise StackError(
                f"A process holds {home.folder / 'lock'} and does not say who it is: "
                "wait a moment and run down again."
            )
        time.sleep(POLL)
    return None
