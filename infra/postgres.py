"""How our processes connect to PostgreSQL; ``postgres_async`` for asynchronous code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from psycopg.conninfo import conninfo_to_dict

from infra.pipelining import Pipelining

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.rows import TupleRow

KEEP_ALIVE = {
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
"""A server whose machine is gone says no farewell: without these a session would wait
for it for hours. What an address says itself goes first."""

LOG_CHANNEL = "runledger_log"
"""Notified after each append to the log: a hint, its payload says nothing."""

JOBS_CHANNEL = "runledger_jobs"
"""Notified after appends that queue jobs; the payload says in which queues."""

TIMERS_CHANNEL = "runledger_timers"
"""Notified after appends that set timers which are due before long."""

READ_CHANNEL = "runledger_read"
"""Notified in each transaction that moves a read model."""

PUBLISHER_LOCK = 7_450_000_002
"""Advisory lock of the session whose publisher is the active one. Any number will do,
as long as nobody else in the database takes it; the same of these:"""

TIMERS_LOCK = 7_450_000_005

PROJECTOR_LOCKS = 745_003
"""Of a projector's session, with each partition that it projects."""


def parameters(url: str, *, name: str, durable: bool = True) -> dict[str, Any]:
    """The parameters of libpq for a session of ours.

    ``name`` is what pg_stat_activity shows. A session that is not ``durable`` does
    not wait for its commits to reach the disk: only for what a crash may lose.
    """
    found: dict[str, Any] = {
        **KEEP_ALIVE,
        **conninfo_to_dict(url),
        "application_name": name,
    }
    # Our statements are short: compiling one takes longer than running it.
    options = "-c jit=off" + ("" if durable else " -c synchronous_commit=off")
    found["options"] = f"{found.get('options') or ''} {options}".strip()
    return found


def connect(
    url: str, *, name: str, autocommit: bool = False, durable: bool = True
) -> Connection[TupleRow]:
    """A session for synchronous code."""
    return Pipelining.connect(
        autocommit=autocommit, **parameters(url, name=name, durable=durable)
    )
