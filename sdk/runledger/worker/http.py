"""The command API as a worker uses it: requests that are repeated until answered."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from typing import TYPE_CHECKING, Any, Self

import httpx2
from pydantic_core import from_json

from runledger import errors
from runledger.transport import unreachable

if TYPE_CHECKING:
    from collections.abc import Callable

    from runledger.connection import Connection

LOG = logging.getLogger("runledger.worker")

FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 5.0
ANSWER_S = 30.0
FATAL = (errors.NotConfigured, errors.Unauthenticated, errors.Forbidden)
"""Nothing that a worker could wait for."""


class Outage:
    """Whether the service answers; says so once when it stops and once when it does
    again, for all that is asked at a time."""

    def __init__(self) -> None:
        self._since: float | None = None

    def began(self, error: errors.RunledgerError) -> None:
        if self._since is None:
            self._since = time.monotonic()
            LOG.warning("%s Trying again until it answers.", error.detail)

    def over(self) -> None:
        if self._since is not None:
            lasted = time.monotonic() - self._since
            self._since = None
            LOG.warning("The command API answers again, after %.1f s.", lasted)


class CommandApi:
    """One namespace of it, for one token. Asynchronous."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._base = f"{connection.command_url.rstrip('/')}/v1/{connection.namespace}"
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        if connection.token:
            headers["Authorization"] = f"Bearer {connection.token}"
        self._outage = Outage()
        self.unanswered = 0
        """How often no answer came: each of them may have brought a job."""
        self._http = httpx2.AsyncClient(
            headers=headers,
            timeout=httpx2.Timeout(ANSWER_S, connect=5.0),
            # Service addresses: a proxy of the shell is not for them.
            trust_env=False,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def post(
        self,
        path: str,
        body: bytes | Callable[[], bytes],
        *,
        answer_within_s: float = ANSWER_S,
    ) -> Any:
        """The answer, however long that takes: for what may be asked twice. A function
        says each time anew what to ask.

        Raises:
            RunledgerError: the service answers that it does not fit or may not be.
        """
        pause = FIRST_PAUSE_S
        while True:
            try:
                asked = body if isinstance(body, bytes) else body()
                found = await self._once(path, asked, answer_within_s)
            except (errors.Unreachable, errors.ServiceError) as error:
                self._outage.began(error)
                self.unanswered += 1
            else:
                self._outage.over()
                return found
            # Jitter, so that workers that were cut off together do not come together.
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))
            pause = min(pause * 2, LONGEST_PAUSE_S)

    async def _once(self, path: str, body: bytes, answer_within_s: float) -> Any:
        url = self._base + path
        timeout = httpx2.Timeout(answer_within_s, connect=5.0)
        try:
            answer = await self._http.post(url, content=body, timeout=timeout)
        except (
            httpx2.InvalidURL,
            httpx2.UnsupportedProtocol,
            httpx2.LocalProtocolError,
        ) as error:
            raise errors.NotConfigured(f"{url} is no address: {error}.") from error
        except httpx2.TransportError as error:
            raise unreachable(url, error) from error
        if answer.is_success:
            return from_json(answer.content)
        if answer.status_code == 429:
            raise errors.ServiceError(f"{url} asks for patience.", status=429)
        raise errors.of_answer(answer.status_code, answer.content, url)
