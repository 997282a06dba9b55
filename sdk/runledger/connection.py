"""Where the service is: arguments, else the environment, else the file ``up`` wrote."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, ValidationError

from runledger.errors import NotConfigured

if TYPE_CHECKING:
    from collections.abc import Mapping


class Connection(BaseModel):
    """Addresses of both APIs, and who speaks to them."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    query_url: str
    command_url: str
    token: str | None = None
    namespace: str = "default"


def find(
    *,
    query_url: str | None = None,
    command_url: str | None = None,
    token: str | None = None,
    namespace: str | None = None,
    environ: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Connection:
    """Each value from the argument, else ``RUNLEDGER_*``, else ``client.json``.

    The file lies in RUNLEDGER_HOME (``.runledger`` by default), which is looked for in
    the current folder and those above it. Its token is used only with its addresses.

    Raises:
        NotConfigured: no address is known, or the file is not one of ours.
    """
    environ = os.environ if environ is None else environ
    given = {
        "query_url": query_url or environ.get("RUNLEDGER_QUERY_URL"),
        "command_url": command_url or environ.get("RUNLEDGER_COMMAND_URL"),
        "token": token or environ.get("RUNLEDGER_TOKEN"),
        "namespace": namespace or environ.get("RUNLEDGER_NAMESPACE"),
    }
    said = {name: value for name, value in given.items() if value}
    if said.keys() >= {"query_url", "command_url"}:
        return Connection.model_validate(said)
    home = Path(environ.get("RUNLEDGER_HOME") or ".runledger")
    file = _upwards(home / "client.json", folder or Path.cwd())
    if file is None:
        raise NotConfigured(
            "Nothing says where Runledger is: start it with infra/bin/up, or set "
            "RUNLEDGER_QUERY_URL, RUNLEDGER_COMMAND_URL and RUNLEDGER_TOKEN."
        )
    try:
        found = Connection.model_validate_json(file.read_bytes())
    except (OSError, ValidationError) as error:
        raise NotConfigured(
            f"{file} cannot be used ({_reason(error)}): start the stack again with "
            "infra/bin/up, or set RUNLEDGER_QUERY_URL, RUNLEDGER_COMMAND_URL and "
            "RUNLEDGER_TOKEN."
        ) from error
    if said.keys() & {"query_url", "command_url"} and "token" not in said:
        # A token is for the service that made it: never sent to another address.
        found = found.model_copy(update={"token": None})
    return found.model_copy(update=said)


def _upwards(file: Path, folder: Path) -> Path | None:
    if file.is_absolute():
        return file if file.is_file() else None
    places = [folder, *folder.resolve().parents]
    return next((path for up in places if (path := up / file).is_file()), None)


def _reason(error: OSError | ValidationError) -> str:
    if isinstance(error, OSError):
        return (error.strerror or str(error)).lower()
    first = error.errors()[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}".removeprefix(": ")
