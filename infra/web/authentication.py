"""Whose token or session a request carries, remembered for a short while.

``async with Authenticator(access, url, ...)`` in the lifespan; its state is looked up
by every operation that is not open. A revocation is heard by LISTEN, so it holds at
once; while that session is down it holds after ``REMEMBERED_S``.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

import psycopg

from infra.access import ACCESS_CHANNEL, Access, Principal
from infra.postgres_async import connect
from infra.web import headers
from infra.web.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import TracebackType

    from infra.settings import Settings

REMEMBERED_S = 10.0
MAX_REMEMBERED = 10_000

CSRF_HEADER = b"runledger-csrf"

_BEARER = b"Bearer "
_FIRST_PAUSE_S = 0.1
_LONGEST_PAUSE_S = 5.0
_log = logging.getLogger("runledger.web")


def session_cookie(settings: Settings) -> str:
    """Name of the session's cookie: cookies ignore ports, so each stack has its own."""
    return f"runledger_session_{settings.port}"


def allowed_origins(settings: Settings) -> frozenset[str]:
    """The origins that browsers may send commands from: what is set, else our own."""
    if settings.cors_origin:
        return frozenset({settings.cors_origin.rstrip("/")})
    names = {settings.host}
    if settings.host in ("127.0.0.1", "localhost", "::1", "0.0.0.0"):
        names = {"127.0.0.1", "localhost"}
    return frozenset(f"http://{name}:{settings.query_port}" for name in names)


class Authenticator:
    """Recognises callers. One per process."""

    def __init__(
        self, access: Access, url: str, *, cookie: str, origins: Iterable[str] = ()
    ) -> None:
        self.access = access
        self.cookie = cookie
        self.origins = frozenset(origins)
        """Origins of pages whose session's commands are taken."""
        self._url = url
        self._known: dict[bytes, tuple[Principal, float]] = {}
        self._age = 0
        """Grows with each revocation: what was asked before it is not remembered."""
        self._listener: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._listener = asyncio.create_task(self._listen(), name="access-listener")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._listener is not None:
            self._listener.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._listener

    def remembered(self, found: Mapping[bytes, bytes]) -> Principal | None:
        """The caller, if it is known already: no I/O."""
        header = found.get(b"authorization")
        if header is None or not header.startswith(_BEARER):
            return None
        known = self._known.get(hashlib.sha256(header[len(_BEARER) :]).digest())
        if known is None or known[1] < time.monotonic():
            return None
        return known[0]

    async def principal(self, found: Mapping[bytes, bytes]) -> Principal:
        """The caller.

        Raises:
            Problem: ``unauthenticated``.
        """
        header = found.get(b"authorization")
        if header is not None:
            scheme, _, secret = header.partition(b" ")
            if scheme.lower() != b"bearer":
                raise unauthenticated("Send the token as: Authorization: Bearer rl_...")
            return await self.by_secret(secret.strip(), session=False)
        cookie = headers.cookie(found.get(b"cookie"), self.cookie)
        if cookie is not None:
            return await self.by_secret(cookie.encode(), session=True)
        raise unauthenticated(
            "Send a token as: Authorization: Bearer rl_... "
            "(runledger-server token create makes one)."
        )

    async def by_secret(self, secret: bytes, *, session: bool) -> Principal:
        key = hashlib.sha256(secret).digest()
        if session:
            key += b"session"  # one is never taken for the other
        known = self._known.get(key)
        if known is not None and known[1] >= time.monotonic():
            return known[0]
        age = self._age
        look_up = self.access.by_session if session else self.access.by_token
        principal = await look_up(secret)
        if principal is None:
            raise unauthenticated(
                "The session has ended: sign in again."
                if session
                else "The token is unknown, expired or revoked: use another one.",
                invalid=True,
            )
        if age == self._age:
            self._remember(key, principal)
        return principal

    def _remember(self, key: bytes, principal: Principal) -> None:
        left = REMEMBERED_S
        if principal.expires_at is not None:
            rest = principal.expires_at - datetime.now(UTC)
            left = min(left, rest.total_seconds())
        if len(self._known) >= MAX_REMEMBERED:
            self._known.clear()
        self._known[key] = principal, time.monotonic() + left

    def forget(self) -> None:
        self._age += 1
        self._known.clear()

    async def _listen(self) -> None:
        """Forget everybody whenever anybody is revoked. Revocations are rare."""
        pause = _FIRST_PAUSE_S
        while True:
            try:
                connection = await connect(
                    self._url, name="access-listener", autocommit=True
                )
                async with connection:
                    await connection.execute(f"LISTEN {ACCESS_CHANNEL}")
                    self.forget()  # what was told before we listened is lost
                    pause = _FIRST_PAUSE_S
                    async for _ in connection.notifies():
                        self.forget()
            except psycopg.Error as error:
                if pause == _FIRST_PAUSE_S:  # once for each time it is away
                    _log.warning("not hearing of revocations: %s", error)
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_S)


def unauthenticated(detail: str, *, invalid: bool = False) -> Problem:
    challenge = 'Bearer realm="runledger"'
    if invalid:
        challenge += ', error="invalid_token"'
    return Problem("unauthenticated", detail, headers={"WWW-Authenticate": challenge})
