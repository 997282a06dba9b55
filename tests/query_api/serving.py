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
            base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=60
        )

    def get(self, path: str, /, **params: Any) -> Any:
        """What an address of the namespace answers."""
        return self.ask(f"/v1/default/{path}", **params)

    def ask(self, path: str, /, **params: Any) -> Any:
        response = self._ask(path, params)
        assert response.status_code == 200, response.text
        return response.json()

    def refused(self, path: str, status: int, /, **params: Any) -> Any:
        """The problem that an address of the namespace answers."""
        return self.refused_at(f"/v1/default/{path}", status, **params)

    def refused_at(self, path: str, status: int, /, **params: Any) -> Any:
        response = self._ask(path, params)
        assert response.status_code == status, response.text
        assert response.headers["content-type"] == "application/problem+json"
        return response.json()

    def _ask(self, path: str, params: dict[str, Any]) -> httpx.Response:
        given = {name: value for name, value in params.items() if value is not None}
        return self.client.get(path, params=given)


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
        thread.join(60)
        assert not thread.is_alive()
