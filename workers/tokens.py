"""``runledger-server token``: make, list and revoke tokens.

As runledger_owner or runledger_command; without RUNLEDGER_DATABASE_URL it is the
database of the local stack that runs for RUNLEDGER_HOME.
"""

from __future__ import annotations

import asyncio
import getpass
import json
import re
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar, cast

import click

from infra.access import ROLES, Access, Role, Token
from infra.postgres_async import pool
from workers.database import database_url

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from uuid import UUID

T = TypeVar("T")

_NAMESPACE = re.compile(r"^[a-z0-9][a-z0-9-]{0,62}$")
_LIFETIME = re.compile(r"^([1-9][0-9]{0,5})([smhd])$")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class Lifetime(click.ParamType[timedelta]):
    """``90d``, ``12h``, ``30m`` or ``45s``."""

    name = "lifetime"

    def convert(
        self,
        value: object,
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> timedelta:
        if isinstance(value, timedelta):
            return value
        match = _LIFETIME.match(str(value))
        if match is None:
            self.fail(f"{value!r} is no time: say 90d, 12h, 30m or 45s.", param, ctx)
        return timedelta(**{_UNITS[match[2]]: int(match[1])})


def a_namespace(
    ctx: click.Context, param: click.Parameter, value: str | None
) -> str | None:
    if value is not None and not _NAMESPACE.match(value):
        raise click.BadParameter("takes lower-case letters, digits and hyphens, to 63.")
    return value


def a_name(ctx: click.Context, param: click.Parameter, value: str) -> str:
    if not 1 <= len(value) <= 200 or any(ord(letter) < 32 for letter in value):
        raise click.BadParameter("takes one line of 1 to 200 characters.")
    return value


def names(
    ctx: click.Context, param: click.Parameter, value: tuple[str, ...]
) -> tuple[str, ...]:
    if len(value) > 100:
        raise click.BadParameter("takes at most 100.")
    return tuple(a_name(ctx, param, each) for each in value)


def with_access(work: Callable[[Access], Awaitable[T]]) -> T:
    async def run() -> T:
        connections = pool(database_url(), name="token", max_size=1)
        async with connections:
            return await work(Access(connections))

    return asyncio.run(run())


def as_json(token: Token) -> dict[str, object]:
    def moment(value: object) -> str | None:
        return None if value is None else str(value).replace(" ", "T")

    return {
        "id": str(token.id),
        "namespace": token.namespace,
        "name": token.name,
        "roles": token.roles,
        "groups": token.groups,
        "created_at": moment(token.created_at),
        "created_by": token.created_by,
        "expires_at": moment(token.expires_at),
        "revoked_at": moment(token.revoked_at),
    }


def in_groups(token: Token) -> str:
    return f"; in {', '.join(token.groups)}" if token.groups else ""


@click.group()
def token() -> None:
    """Make, list and revoke API tokens."""


@token.command()
@click.option(
    "--name",
    required=True,
    callback=a_name,
    help="Who the token speaks for: it stands as the actor of what is done with it.",
)
@click.option("--namespace", required=True, callback=a_namespace)
@click.option(
    "--role",
    "roles",
    required=True,
    multiple=True,
    type=click.Choice(ROLES),
    help="What it may do; may be given more than once.",
)
@click.option(
    "--group",
    "groups",
    multiple=True,
    callback=names,
    help="A group of people that it belongs to; may be given more than once.",
)
@click.option("--expires-in", type=Lifetime(), help="90d, 12h, ... Default: never.")
@click.option("--json", "json_wanted", is_flag=True, help="Answer as JSON.")
def create(
    name: str,
    namespace: str,
    roles: tuple[str, ...],
    groups: tuple[str, ...],
    expires_in: timedelta | None,
    json_wanted: bool,
) -> None:
    """Make a token. Its secret is shown once and stored nowhere."""
    made, secret = with_access(
        lambda access: access.create_token(
            namespace=namespace,
            name=name,
            roles=[cast("Role", role) for role in roles],
            groups=groups,
            created_by=getpass.getuser(),
            lifetime=expires_in,
        )
    )
    if json_wanted:
        click.echo(json.dumps({**as_json(made), "token": secret}))
        return
    click.echo(secret)
    until = "never" if made.expires_at is None else f"{made.expires_at:%Y-%m-%d %H:%M}"
    click.echo(
        f"Token {made.id} of {made.name} in {made.namespace} "
        f"({', '.join(made.roles)}{in_groups(made)}; expires: {until}). It is not "
        "shown again.",
        err=True,
    )


@token.command("list")
@click.option("--namespace", callback=a_namespace, help="Default: all.")
@click.option("--json", "json_wanted", is_flag=True, help="Answer as JSON.")
def list_(namespace: str | None, json_wanted: bool) -> None:
    """Show all tokens but their secrets, the newest first."""
    found = with_access(lambda access: access.tokens(namespace))
    if json_wanted:
        click.echo(json.dumps({"items": [as_json(one) for one in found]}))
        return
    for one in found:
        state = "valid"
        if one.revoked_at is not None:
            state = f"revoked {one.revoked_at:%Y-%m-%d}"
        elif one.expires_at is not None:
            state = f"expires {one.expires_at:%Y-%m-%d %H:%M}"
        click.echo(
            f"{one.id}  {one.namespace}  {one.name}  {','.join(one.roles)}"
            f"{in_groups(one)}  {state}"
        )


@token.command()
@click.argument("token_id", type=click.UUID)
def revoke(token_id: UUID) -> None:
    """Make a token worthless, at once and for good; its sessions end too."""
    found = with_access(lambda access: access.revoke_token(token_id))
    if found is None:
        raise click.ClickException(
            f"There is no token {token_id}: runledger-server token list shows them."
        )
    click.echo(f"Revoked {found.id} of {found.name} in {found.namespace}.")
