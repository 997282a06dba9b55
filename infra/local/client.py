"""What a stack's user needs: addresses and a token, kept in RUNLEDGER_HOME."""

from __future__ import annotations

import http.client
import json
import subprocess
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from infra.local.errors import StackError
from infra.local.home import write_whole
from infra.local.services import reachable, server_command

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from infra.settings import Settings

NAMESPACE = "default"


@dataclass(frozen=True)
class Client:
    """The content of ``client.json``, which the command ``runledger`` reads."""

    query_url: str
    command_url: str
    token: str
    namespace: str = NAMESPACE


def read_client(file: Path) -> Client | None:
    """What was written last time, None where nothing of use is."""
    try:
        return Client(**json.loads(file.read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def write_client(
    file: Path,
    settings: Settings,
    environ: Mapping[str, str],
    *,
    name: str = "local",
    role: str = "admin",
) -> Client:
    """Make the file true for a stack whose APIs are ready; keep its token if it works.

    ``environ`` is that of a process that may make tokens; ``name`` is whom the token
    speaks for.

    Raises:
        StackError: a new token was needed and could not be made.
    """
    before = read_client(file)
    token = (
        before.token
        if before is not None and _works(before, settings)
        else _make_token(environ, name, role)
    )
    client = Client(settings.query_url, settings.command_url, token)
    if client != before:
        write_whole(file, json.dumps(asdict(client), indent=2))
    return client


def _works(before: Client, settings: Settings) -> bool:
    """Whether the query API takes this token: another database has others."""
    host = reachable(settings.host)
    connection = http.client.HTTPConnection(host, settings.query_port, timeout=10)
    try:
        connection.request(
            "GET",
            f"/v1/{before.namespace}/runs?limit=1",
            headers={"Authorization": f"Bearer {before.token}"},
        )
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _make_token(environ: Mapping[str, str], name: str, role: str) -> str:
    command = server_command(
        *("token", "create", "--name", name),
        *("--namespace", NAMESPACE, "--role", role, "--json"),
    )
    done = subprocess.run(
        command, env=dict(environ), capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise StackError(f"No token could be made: {done.stderr.strip()}")
    token: str = json.loads(done.stdout)["token"]
    return token
