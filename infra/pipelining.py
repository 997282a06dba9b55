"""Pipelines of any size.

psycopg (3.3.9, its ``_pipeline_communicate``) stops looking whether the server can
take more as soon as the last statement is handed to libpq, and from then on waits for
answers alone. What of a large pipeline did not fit into the socket is never sent; the
server waits for the rest of a statement, and nobody does anything any more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from psycopg import Connection
from psycopg.pq import PipelineStatus
from psycopg.rows import TupleRow
from psycopg.waiting import Ready, Wait

if TYPE_CHECKING:
    from psycopg.abc import PQGen
    from psycopg.pq.abc import PGconn

RV = TypeVar("RV")


class Pipelining(Connection[TupleRow]):
    """A session that goes on sending while it waits for a pipeline's answers."""

    def wait(self, gen: PQGen[RV], *limits: Any, **more: Any) -> RV:
        if self.pgconn.pipeline_status != PipelineStatus.OFF:
            gen = _sending(self.pgconn, gen)
        return super().wait(gen, *limits, **more)


def _sending(pgconn: PGconn, gen: PQGen[RV]) -> PQGen[RV]:
    """``gen``, which is told of answers alone where it asks for these alone."""
    try:
        wanted = next(gen)
        while True:
            if wanted == Wait.R and pgconn.flush():
                ready = yield Wait.RW
                if ready & Ready.R:
                    wanted = gen.send(Ready.R)
            else:
                wanted = gen.send((yield wanted))
    except StopIteration as end:
        value: RV = end.value
        return value
