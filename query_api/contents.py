"""Values that are too large for an event, by their digest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import orjson
from pydantic import StringConstraints

from infra.sql import load
from infra.web.operations import Reply
from infra.web.problems import Problem
from query_api.parameters import NamespacePath
from query_api.reading import SQL_FOLDER
from query_api.sources import sources

if TYPE_CHECKING:
    from infra.web.operations import Call
    from query_api.reading import Reading

SQL = load(SQL_FOLDER / "contents.sql")


class ContentPath(NamespacePath):
    digest: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


async def show_content(call: Call) -> Reply:
    path = call.path_as(ContentPath)
    body = await _stored(sources(call).reading, path.ns, path.digest)
    return Reply(body, headers=((b"etag", f'"{path.digest}"'.encode()),))


async def stored_value(reading: Reading, namespace: str, digest: str) -> Any:
    """The value of that digest.

    Raises:
        Problem: ``not-found``.
    """
    return orjson.loads(await _stored(reading, namespace, digest))


async def _stored(reading: Reading, namespace: str, digest: str) -> bytes:
    row = await reading.one(SQL["content"], {"namespace": namespace, "digest": digest})
    if row is None:
        raise Problem("not-found", "No value of this namespace has that digest.")
    return bytes(row["body"])
