"""Asking the projectors to apply a parked run's events again."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from pydantic import BaseModel

from command_api.carrying_out import RunPath
from command_api.parts import parts
from domain.errors import UnknownRun, WrongState
from infra.sql import load
from infra.web.operations import Answer, Call, Operation, Reply

QUERIES = load(Path(__file__).with_name("parked.sql"))


class Replay(BaseModel):
    """A wish; GET /v1/{ns}/parked of the query API shows what is still parked."""

    request_id: int
    run_id: UUID


async def replay_parked_run(call: Call) -> Reply:
    path = call.path_as(RunPath)
    asked = {
        "run_id": path.run_id,
        "namespace": path.ns,
        "requested_by": call.principal.name,
    }
    async with parts(call).pool.connection() as connection:
        cursor = await connection.execute(QUERIES["look_up"], asked)
        row = await cursor.fetchone()
        if row is None:
            raise UnknownRun("There is no such run in this namespace.")
        if not row[0]:
            raise WrongState("Nothing of this run is parked: there is nothing to do.")
        cursor = await connection.execute(QUERIES["ask"], asked)
        made = await cursor.fetchone()
    assert made is not None
    return Reply.json(Replay(request_id=made[0], run_id=path.run_id), 202)


OPERATIONS = (
    Operation(
        "POST",
        "/v1/{ns}/parked-runs/{run_id}/replay",
        replay_parked_run,
        "Apply a parked run's events again",
        action="admin",
        tag="parked runs",
        description="The projector of the run's partition does it. Also for a "
        "workflow's stream, where its registration is parked.",
        path_model=RunPath,
        answers={202: Answer(Replay, "It is going to be done.")},
        problems=("unknown-run", "wrong-state"),
    ),
)
