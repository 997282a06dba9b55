"""``runledger-server serve``: one of the two APIs in this process, until SIGTERM.

Uvicorn with uvloop and httptools: docs/choices.md has what else was measured. For more
than one process, start more of them on ports of their own behind a balancer, or let
the system share one port; positions stay in order over all of them.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import click

from infra.settings import Settings
from workers.collecting import collect_rarely

if TYPE_CHECKING:
    from types import FrameType

    from starlette.types import ASGIApp

BACKLOG = 2048
KEEP_ALIVE_S = 75
"""Longer than the 60 s after which common balancers drop an idle connection, so that
it is never us who close one that is about to be used."""
GRACE_S = 10
"""How long running requests may go on after SIGTERM. Live streams end at once."""


def application(api: str, settings: Settings) -> ASGIApp:
    """The application of one API: only this process imports it."""
    if api == "command":
        from command_api.app import create_app as command_app

        return command_app(settings)
    from query_api.app import create_app as query_app

    return query_app(settings)


@click.command()
@click.argument("api", type=click.Choice(["command", "query"]))
@click.option("--host", help="What to listen on. Default: RUNLEDGER_HOST, loopback.")
@click.option("--port", type=click.IntRange(1, 65_535), help="Default: the stack's.")
def command(api: str, host: str | None, port: int | None) -> None:
    """Serve the command API or the query API."""
    import uvicorn

    from workers.connections import HttpConnection

    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    settings = Settings.from_environment()
    if not settings.database_url:
        raise click.UsageError(
            f"Say which database: RUNLEDGER_DATABASE_URL, as runledger_{api}. "
            "infra/bin/up serves both APIs of a local stack by itself."
        )
    default = settings.command_port if api == "command" else settings.query_port
    app = application(api, settings)

    class Server(uvicorn.Server):
        """Lets go of those who follow the live stream before it waits for the rest."""

        def handle_exit(self, sig: int, frame: FrameType | None) -> None:
            super().handle_exit(sig, frame)
            end = getattr(getattr(app, "state", None), "end_streams", None)
            if end is not None:
                end()

    server = Server(
        uvicorn.Config(
            app,
            host=host or settings.host,
            port=port or default,
            loop="uvloop",
            http=HttpConnection,
            ws="none",
            lifespan="on",
            access_log=False,
            log_config=None,
            backlog=BACKLOG,
            timeout_keep_alive=KEEP_ALIVE_S,
            timeout_graceful_shutdown=GRACE_S,
            server_header=False,
            # Nothing here asks for the client's address or the outer scheme.
            proxy_headers=False,
        )
    )
    collect_rarely()
    server.run()
    if not server.started:
        raise click.ClickException("The API did not start; the log above says why.")
