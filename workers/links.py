"""``runledger-server link``: an address of the dashboard that signs in, once.

Of the local stack that runs for RUNLEDGER_HOME, as its own token; with
RUNLEDGER_DATABASE_URL as the token that ``--token-id`` names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from infra.local.home import Home
from infra.local.services import reachable
from infra.local.up import addresses
from infra.settings import Settings
from infra.sign_in import make_link
from workers.database import database_url

if TYPE_CHECKING:
    from uuid import UUID

    from infra.local.up import Addresses
    from infra.sign_in import Link


@click.command()
@click.option(
    "--token-id",
    type=click.UUID,
    help="Sign in as this token (token list shows them). Default: the local stack's.",
)
def command(token_id: UUID | None) -> None:
    """Print an address of the dashboard that signs you in, once, within 15 minutes."""
    settings = Settings.from_environment()
    url = database_url()
    found = None if settings.database_url else addresses(Home(settings.home))
    if token_id is not None:
        dashboard = settings.dashboard_url if found is None else dashboard_of(found)
        made = make_link(dashboard, url, token_id=token_id)
        whose = str(token_id)
    elif found is not None:
        made = link_of(found)
        whose = f"of {Home(settings.home).client}"
    else:
        raise click.UsageError(
            "Say as whom to sign in: --token-id ID; runledger-server token list shows "
            "them, token create makes one."
        )
    if made is None:
        raise click.ClickException(
            f"The token {whose} is unknown, expired or revoked: name another one "
            "with --token-id; runledger-server token list shows them."
        )
    click.echo(made.url)
    until = f"{made.expires_at.astimezone():%H:%M}"
    click.echo(f"It signs in once, until {until}: keep it to yourself.", err=True)


def link_of(stack: Addresses) -> Link | None:
    """A link that signs in to a stack that runs, as its own token."""
    return make_link(dashboard_of(stack), stack.database_url, token=stack.token)


def dashboard_of(stack: Addresses) -> str:
    """Where a browser on this machine finds the stack's dashboard."""
    chosen = Settings.from_environment().cors_origin
    if chosen:
        return chosen
    parts = urlsplit(stack.query_url)
    return f"{parts.scheme}://{reachable(parts.hostname or '')}:{parts.port}"
