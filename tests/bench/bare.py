"""The bare limits: the same work by the same tools, without Runledger.

``python -m tests.bench.bare`` serves one endpoint that does one INSERT, in one
process, exactly as our own API is served.
"""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TYPE_CHECKING
from uuid import UUID

import orjson
import uvicorn
from psycopg_pool import AsyncConnectionPool
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request

CREATE = """
CREATE TABLE IF NOT EXISTS public.bare (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    stream uuid NOT NULL,
    topic text NOT NULL,
    state bytea NOT NULL
)"""

INSERT = "INSERT INTO public.bare (stream, topic, state) VALUES (%b, %b, %b)"


def application(database_url: str, connections: int) -> Starlette:
    """POST / stores the body in one row, committed, and says so in JSON."""

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[dict[str, object]]:
        async with AsyncConnectionPool(
            database_url,
            min_size=connections,
            max_size=connections,
            kwargs={"autocommit": True, "prepare_threshold": 0},
            open=False,
        ) as pool:
            await pool.wait()
            yield {"pool": pool}

    async def insert(request: Request) -> Response:
        body = await request.body()
        values = orjson.loads(body)
        async with request.state.pool.connection() as connection:
            await connection.execute(
                INSERT, (UUID(values["stream"]), "run.step.started", body)
            )
        return Response(
            orjson.dumps({"stream": values["stream"], "position": 1}),
            media_type="application/json",
        )

    return Starlette(routes=[Route("/", insert, methods=["POST"])], lifespan=lifespan)


def main() -> None:
    uvicorn.run(
        application(os.environ["BARE_DATABASE_URL"], int(sys.argv[2])),
        host="127.0.0.1",
        port=int(sys.argv[1]),
        loop="uvloop",
        http="httptools",
        log_level="warning",
        access_log=False,
    )


if __name__ == "__main__":
    main()
