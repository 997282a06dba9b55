"""A namespace of one's own in a service that others use too."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psycopg

from infra.access import QUERIES, TOKEN_PREFIX, digest
from tests.support.service import exchange
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from infra.access import Role
    from tests.support.service import Service


class World:
    """Commands and queries in ``namespace``, by default as its administrator."""

    def __init__(self, service: Service, namespace: str) -> None:
        self.service = service
        self.namespace = namespace
        self.admin = self.token("admin", name="local")

    def token(
        self, *roles: Role, name: str = "ada", groups: tuple[str, ...] = ()
    ) -> str:
        """A token's secret."""
        secret = TOKEN_PREFIX + secrets.token_urlsafe(32)
        with psycopg.connect(self.service.url(), autocommit=True) as connection:
            connection.execute(
                QUERIES["create_token"],
                {
                    "id": uuid4(),
                    "namespace": self.namespace,
                    "name": name,
                    "roles": sorted(roles),
                    "groups": sorted(groups),
                    "hash": digest(secret.encode()),
                    "created_by": "test",
                    "lifetime": None,
                },
            )
        return secret

    def post(self, path: str, body: object = None, *, token: str = "") -> Any:
        """The answer to a command (``/runs/ID/cancel``), which must be taken."""
        status, answer = self.try_post(path, body, token=token)
        assert status in (200, 201), f"{path}: {status} {answer}"
        return answer

    def try_post(
        self, path: str, body: object = None, *, token: str = ""
    ) -> tuple[int, Any]:
        """Status and answer, whatever they are."""
        url = f"{self.service.command_url}/v1/{self.namespace}{path}"
        return exchange(url, "POST", token or self.admin, body or {})

    def get(self, path: str, *, token: str = "") -> Any:
        """The answer to a query (``/runs?state=failed``)."""
        url = f"{self.service.query_url}/v1/{self.namespace}{path}"
        status, answer = exchange(url, "GET", token or self.admin)
        assert status == 200, f"{path}: {status} {answer}"
        return answer

    def register(self, name: str, *steps: dict[str, Any], **more: Any) -> None:
        """A workflow; each step as the API takes it."""
        self.post("/workflows", {"name": name, "steps": list(steps), **more})

    def start(self, workflow: str, **more: Any) -> str:
        """A new run's id; it is queued."""
        answer = self.post("/runs", {"workflow": workflow, **more})
        return str(answer["run_id"])

    def step(self, run: str, step: str, verb: str, **body: Any) -> Any:
        """A report or decision on a step: ``step(run, "build", "complete")``."""
        return self.post(f"/runs/{run}/steps/{step}/{verb}", body)

    def level(self, position: int | None = None) -> None:
        """Return when the read tables have everything, or all up to ``position``."""
        head = self.service.head() if position is None else position

        def reached() -> bool:
            answer = self.get(f"/runs?limit=1&min_position={head}&wait_s=10")
            return not answer["stale"]

        eventually(reached)
