"""How operations of the query API are told: their addresses, and what all share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.web.operations import Answer, Header, Operation
from query_api.parameters import NamespacePath

if TYPE_CHECKING:
    from pydantic import BaseModel

    from infra.access import Action
    from infra.web.operations import Handler

NS = "/v1/{ns}"
WORKFLOW = NS + "/workflows/{name}"
RUN = NS + "/runs/{run_id}"


def get(
    path: str,
    handler: Handler,
    summary: str,
    tag: str,
    *,
    path_model: type[BaseModel] | None = NamespacePath,
    query: type[BaseModel] | None = None,
    answer: Answer,
    problems: tuple[str, ...] = (),
    action: Action = "viewer",
    headers: tuple[Header, ...] = (),
    description: str = "",
) -> Operation:
    """What is asked of a namespace with GET, by default for the role viewer."""
    if query is not None and "cursor" in query.model_fields:
        problems = ("bad-cursor", *problems)
    if query is not None and "strict" in query.model_fields:
        problems = (*problems, "behind")
    return Operation(
        "GET",
        path,
        handler,
        summary,
        action=action,
        tag=tag,
        description=description,
        path_model=path_model,
        query=query,
        headers=headers,
        answers={200: answer},
        problems=problems,
    )
