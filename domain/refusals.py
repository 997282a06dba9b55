"""A refused command as it is kept."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from domain.commands import Command, Report
from domain.ids import new_id
from domain.ports import NewRefusal

if TYPE_CHECKING:
    from domain.errors import Refused
    from domain.plans import Task
    from domain.requests import Request

MAX_BODY_BYTES = 32_768


def refusal(request: Request, task: Task, error: Refused) -> NewRefusal:
    """The row that says who wanted what and why it was not done."""
    command = task.refused_command()
    assert isinstance(command, Command)
    actor = request.actor
    if isinstance(command, Report) and command.actor is not None:
        actor = command.actor
    return NewRefusal(
        id=new_id(),
        run_id=request.run_id,
        command=str(getattr(command, "type", type(command).__name__)),
        body=_body(command),
        actor=actor,
        recorded_by=request.principal,
        code=error.code,
        message=error.message,
        version_seen=task.version_seen,
        key=request.key,
    )


def _body(command: Command) -> str:
    body = command.model_dump_json(exclude_defaults=True, exclude={"type"})
    if len(body) > MAX_BODY_BYTES:
        digest = hashlib.sha256(body.encode()).hexdigest()
        return json.dumps({"size": len(body.encode()), "digest": digest})
    # The one character of JSON that PostgreSQL's jsonb does not hold.
    return body.replace("\\u0000", "\\ufffd")
