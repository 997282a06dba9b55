"""Links that sign a person in to the dashboard: made at a prompt, good once.

The code stands in the fragment of the address, which browsers send to nobody: the page
itself exchanges it for a session (``POST /session`` of the command API).
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from infra.access import QUERIES, digest
from infra.postgres import connect

if TYPE_CHECKING:
    from uuid import UUID

CODE_PREFIX = "rlc_"
LIFETIME = timedelta(minutes=15)


class Link(NamedTuple):
    """An address that is a secret until it is used or has run out."""

    url: str
    expires_at: datetime


def make_link(
    dashboard: str,
    database_url: str,
    *,
    token: str | None = None,
    token_id: UUID | None = None,
) -> Link | None:
    """A link to ``dashboard`` that signs in as a token, named by its secret or its id.

    As runledger_owner or runledger_command. None: there is no such token, or it is
    expired or revoked.
    """
    code = CODE_PREFIX + secrets.token_urlsafe(24)
    values = {
        "hash": digest(code.encode()),
        "token": None if token is None else digest(token.encode()),
        "token_id": token_id,
        "lifetime": LIFETIME,
    }
    with connect(database_url, name="sign-in", autocommit=True) as connection:
        row = connection.execute(QUERIES["make_code"], values).fetchone()
    if row is None:
        return None
    return Link(f"{dashboard.rstrip('/')}/#code={code}", row[0])
