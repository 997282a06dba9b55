"""The command API in this process, on a real database; the requests are whole ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

import httpx2
import pytest

from command_api.app import create_app
from infra.postgres_async import connect
from infra.settings import Settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from command_api.parts import Parts
    from infra.access import Role
    from tests.support.database import Database

NS = "/v1/main"
PORT = 17_400

NIGHTLY = {
    "name": "nightly",
    "steps": [
        {"name": "extract", "max_attempts": 2},
        {"name": "load", "needs": ["extract"]},
        {
            "name": "release",
            "kind": "approval",
            "needs": ["load"],
            "approval": {"approvers": ["ada", "grace"]},
        },
    ],
}


class Api:
    """A client that signs its requests, and looks at what they left behind."""

    def __init__(self, client: httpx2.AsyncClient, parts: Parts, url: str) -> None:
        self.client = client
        self.parts = parts
        self.secret = ""
        self._url = url

    async def token(
        self,
        *roles: Role,
        name: str = "ada",
        namespace: str = "main",
        groups: Sequence[str] = (),
    ) -> str:
        _, secret = await self.parts.access.create_token(
            namespace=namespace,
            name=name,
            roles=roles,
            created_by="tests",
            groups=groups,
        )
        return secret

    async def post(
        self,
        path: str,
        json: object = None,
        *,
        token: str | None = None,
        content: str | bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx2.Response:
        sent = {"Authorization": f"Bearer {token or self.secret}", **(headers or {})}
        if content is not None:
            return await self.client.post(path, content=content, headers=sent)
        if json is None:
            return await self.client.post(path, headers=sent)
        return await self.client.post(path, json=json, headers=sent)

    async def workflow(self, definition: object = NIGHTLY) -> None:
        answer = await self.post(f"{NS}/workflows", definition)
        assert answer.status_code in (200, 201), answer.text

    async def run(self, **more: object) -> UUID:
        """A new run of the nightly workflow."""
        await self.workflow()
        answer = await self.post(f"{NS}/runs", {"workflow": "nightly", **more})
        assert answer.status_code == 201, answer.text
        return UUID(answer.json()["run_id"])

    async def step(
        self, run_id: UUID, step: str, verb: str, json: object = None
    ) -> dict[str, Any]:
        answer = await self.post(f"{NS}/runs/{run_id}/steps/{step}/{verb}", json)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    async def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """As the owner, past everything this API allows."""
        connection = await connect(self._url, name="tests", autocommit=True)
        async with connection:
            cursor = await connection.execute(statement.encode())
            return await cursor.fetchall()

    async def head(self) -> int:
        return await self.parts.log.head()


@pytest.fixture
def settings(database: Database) -> Settings:
    return Settings(
        port=PORT,
        database_url=database.url("runledger_command"),
        kafka_bootstrap=f"127.0.0.1:{PORT + 9}",  # nobody is there
    )


@pytest.fixture
async def api(settings: Settings, database: Database) -> AsyncIterator[Api]:
    app = create_app(settings)
    async with app.router.lifespan_context(app) as state:
        assert state is not None

        async def with_state(scope: Any, receive: Any, send: Any) -> None:
            scope["state"] = dict(state)
            await app(scope, receive, send)

        async with httpx2.AsyncClient(
            transport=httpx2.ASGITransport(with_state),
            base_url=settings.command_url,
        ) as client:
            parts: Any = state["parts"]
            api = Api(client, parts, database.url())
            api.secret = await api.token("admin")
            yield api


def code(answer: httpx2.Response) -> str:
    """The code of a problem, which is a whole problem document."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    document = answer.json()
    assert document["status"] == answer.status_code
    assert document["title"]
    assert document["detail"]
    assert document["instance"] == answer.request.url.path
    assert "Traceback" not in answer.text
    return str(document["type"].removeprefix("urn:runledger:problem:"))
