"""The query API in a real uvicorn, and a client of it."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx2 as httpx
import uvicorn

from infra.settings import Settings
from query_api.app import create_app
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.query_api.world import World


class Api:
    """A client with the token of a viewer in the namespace ``default``."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url
        self.client = httpx.Client(
            base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=20
        )

    def ask(self, path: str, status: int = 200, **params: object) -> Any:
        """What a GET answers, which must be of this status."""
        given = {name: value for name, value in params.items() if value is not None}
        response = self.client.get(path, params=given)  # type: ignore[arg-type]  # all are written as text
        assert response.status_code == status, response.text
        return response.json()

    def get(self, path: str, status: int = 200, **params: object) -> Any:
        """The same under the namespace's address."""
        return self.ask(f"/v1/default/{path}", status, **params)


@contextmanager
def served(world: World) -> Iterator[Api]:
    settings = Settings(database_url=world.database.url("runledger_query"))
    server = uvicorn.Server(
        uvicorn.Config(
            create_app(settings),
            host="127.0.0.1",
            port=0,
            loop="uvloop",
            log_level="warning",
            timeout_graceful_shutdown=1,
        )
    )
    thread = threading.Thread(target=server.run, name="query-api")
    thread.start()
    try:
        eventually(lambda: server.started or not thread.is_alive())
        assert server.started
        port = server.servers[0].sockets[0].getsockname()[1]
        api = Api(f"http://127.0.0.1:{port}", world.token())
        with api.client:
            yield api
    finally:
        server.should_exit = True
        thread.join(20)
        assert not thread.is_alive()
