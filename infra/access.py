"""Who may do what: tokens, the sessions made from them, and the one table of roles.

Secrets are never stored, only their SHA-256: they are random, so nothing slower is
needed. A token belongs to one namespace, speaks as its name, and says to which groups
of people its holder belongs.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args
from uuid import UUID, uuid4

from psycopg.rows import class_row

from infra.sql import load

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime, timedelta

    from psycopg_pool import AsyncConnectionPool

Role = Literal["viewer", "operator", "approver", "worker", "auditor", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)

Action = Role
"""What an operation takes: named for the least role that may do it."""

MAY: dict[Action, frozenset[Role]] = {
    # Read runs, workflows, approvals and events.
    "viewer": frozenset(ROLES),
    # Create, start, pause, continue, cancel and retry runs.
    "operator": frozenset({"operator", "admin"}),
    # Approve, reject, delegate, redo.
    "approver": frozenset({"approver", "admin"}),
    # Register workflows; report steps and observed runs.
    "worker": frozenset({"worker", "admin"}),
    # Read refusals and what else only an audit needs.
    "auditor": frozenset({"auditor", "admin"}),
    # Tokens; replay of parked runs.
    "admin": frozenset({"admin"}),
}
"""Action to the roles that may do it. All of access control is here."""

ACCESS_CHANNEL = "runledger_access"
"""Notified when a token is revoked or a session ended."""

TOKEN_PREFIX = "rl_"
SESSION_PREFIX = "rls_"

QUERIES = load(Path(__file__).with_name("access.sql"))


class Principal(NamedTuple):
    """Who asks, as their token says."""

    name: str
    namespace: str
    roles: frozenset[str]
    actions: frozenset[str]
    token_id: UUID
    expires_at: datetime | None
    """Of the token, or of the session where it is one."""
    csrf: str | None = None
    """Of a session: what its commands must carry in Runledger-CSRF."""
    groups: frozenset[str] = frozenset()
    """Of people, that approvals are asked of: the caller belongs to these."""


@dataclass(frozen=True)
class Token:
    """A token as it is listed: all but its secret."""

    id: UUID
    namespace: str
    name: str
    roles: list[str]
    groups: list[str]
    created_at: datetime
    created_by: str
    expires_at: datetime | None
    revoked_at: datetime | None


def actions_of(roles: Iterable[str]) -> frozenset[str]:
    held = set(roles)
    return frozenset(action for action, enough in MAY.items() if held & enough)


def digest(secret: bytes) -> bytes:
    return hashlib.sha256(secret).digest()


def csrf_of(session: bytes) -> str:
    """Follows from the session's secret, so nothing more is stored or sent twice."""
    mac = hmac.digest(session, b"runledger csrf", "sha256")
    return base64.urlsafe_b64encode(mac).rstrip(b"=").decode()


class Access:
    """Tokens and sessions in PostgreSQL."""

    def __init__(self, pool: AsyncConnectionPool[Any]) -> None:
        self._pool = pool

    async def by_token(self, secret: bytes) -> Principal | None:
        """Whom a token speaks for; None if unknown, expired or revoked."""
        return await self._principal("by_token", digest(secret))

    async def by_session(self, secret: bytes) -> Principal | None:
        """The same of a session; it ends with its token."""
        found = await self._principal("by_session", digest(secret))
        return None if found is None else found._replace(csrf=csrf_of(secret))

    async def by_code(self, secret: bytes) -> Principal | None:
        """The same of a link's code, which is used up by this."""
        return await self._principal("by_code", digest(secret))

    async def _principal(self, query: str, key: bytes) -> Principal | None:
        async with self._pool.connection() as connection:
            cursor = await connection.execute(QUERIES[query], {"hash": key})
            row = await cursor.fetchone()
        if row is None:
            return None
        token_id, namespace, name, roles, groups, expires_at = row
        return Principal(
            name=name,
            namespace=namespace,
            roles=frozenset(roles),
            actions=actions_of(roles),
            token_id=token_id,
            expires_at=expires_at,
            groups=frozenset(groups),
        )

    async def create_token(
        self,
        *,
        namespace: str,
        name: str,
        roles: Iterable[Role],
        created_by: str,
        lifetime: timedelta | None = None,
        groups: Iterable[str] = (),
    ) -> tuple[Token, str]:
        """A new token and its secret, which is told here and never again."""
        secret = TOKEN_PREFIX + secrets.token_urlsafe(32)
        async with self._pool.connection() as connection:
            cursor = connection.cursor(row_factory=class_row(Token))
            await cursor.execute(
                QUERIES["create_token"],
                {
                    "id": uuid4(),
                    "namespace": namespace,
                    "name": name,
                    "roles": sorted(set(roles)),
                    "groups": sorted(set(groups)),
                    "hash": digest(secret.encode()),
                    "created_by": created_by,
                    "lifetime": lifetime,
                },
            )
            token = await cursor.fetchone()
        assert token is not None
        return token, secret

    async def tokens(self, namespace: str | None = None) -> list[Token]:
        """All of a namespace (of all, without one), the newest first."""
        async with self._pool.connection() as connection:
            cursor = connection.cursor(row_factory=class_row(Token))
            await cursor.execute(QUERIES["tokens"], {"namespace": namespace})
            found: list[Token] = await cursor.fetchall()
        return found

    async def revoke_token(
        self, token_id: UUID, namespace: str | None = None
    ) -> Token | None:
        """Revoked for good (a second time changes nothing). None: no such token."""
        async with self._pool.connection() as connection:
            cursor = connection.cursor(row_factory=class_row(Token))
            await cursor.execute(
                QUERIES["revoke_token"], {"id": token_id, "namespace": namespace}
            )
            found: Token | None = await cursor.fetchone()
        return found

    async def open_session(
        self, token_id: UUID, lifetime: timedelta
    ) -> tuple[str, datetime]:
        """A session's secret, for the cookie, and when it ends."""
        secret = SESSION_PREFIX + secrets.token_urlsafe(32)
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                QUERIES["open_session"],
                {
                    "hash": digest(secret.encode()),
                    "token_id": token_id,
                    "lifetime": lifetime,
                },
            )
            row = await cursor.fetchone()
        assert row is not None
        return secret, row[0]

    async def close_session(self, secret: bytes) -> None:
        async with self._pool.connection() as connection:
            await connection.execute(QUERIES["close_session"], {"hash": digest(secret)})
