"""What every command of the command line shares: client, output, errors, options."""

from __future__ import annotations

import functools
import json
import os
import shutil
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import click
from pydantic import BaseModel

from runledger.cli.grid import Paper
from runledger.cli.text import state
from runledger.client import Client

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
R = TypeVar("R")

UNLIMITED = 10_000
"""Columns of what is no terminal: nothing is cut off there."""


@dataclass(slots=True)
class Session:
    """One call of the command. The client is made when it is first needed."""

    query_url: str | None = None
    command_url: str | None = None
    namespace: str | None = None
    json: bool = False
    retry_for_s: float = 2.0
    _client: Client | None = field(default=None, repr=False)

    @property
    def client(self) -> Client:
        if self._client is None:
            # The token comes from the environment or the file only: an argument would
            # be seen in the list of processes.
            self._client = Client(
                query_url=self.query_url,
                command_url=self.command_url,
                namespace=self.namespace,
                retry_for_s=self.retry_for_s,
                # The command before this one was another process, of the same person.
                read_all_writes=True,
            )
        return self._client

    def be_patient(self, seconds: float) -> None:
        """From here on, wait so long for a service that does not answer."""
        self.close()
        self._client, self.retry_for_s = None, seconds

    def close(self) -> None:
        if self._client is not None:
            self._client.close()

    @property
    def paper(self) -> Paper:
        return Paper(self.width, self.unicode)

    @property
    def width(self) -> int:
        if "COLUMNS" in os.environ or sys.stdout.isatty():
            return shutil.get_terminal_size().columns
        return UNLIMITED

    @property
    def unicode(self) -> bool:
        encoding = getattr(sys.stdout, "encoding", None) or "ascii"
        return encoding.lower().replace("-", "").startswith("utf")

    def state(self, name: str) -> str:
        return state(name, unicode=self.unicode)

    def emit(self, value: Any) -> None:
        """For machines: one JSON document."""
        click.echo(json.dumps(plain(value), indent=2, ensure_ascii=not self.unicode))

    def emit_line(self, value: Any) -> None:
        """For machines: one line of many."""
        click.echo(json.dumps(plain(value), ensure_ascii=not self.unicode))

    def note(self, text: str) -> None:
        """For people, beside the output."""
        click.echo(text, err=True)


def plain(value: Any) -> Any:
    """Models as the API wrote them."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value


def _set_json(ctx: click.Context, _: click.Parameter, value: bool) -> bool:
    if value:
        ctx.ensure_object(Session).json = True
    return value


json_option = click.option(
    "--json",
    is_flag=True,
    expose_value=False,
    callback=_set_json,
    help="For machines: JSON, nothing cut off.",
)


def takes_session(command: Callable[..., R]) -> Callable[..., R]:
    """The session as first argument, and the option --json."""

    @json_option
    @click.pass_obj
    @functools.wraps(command)
    def with_session(session: Session, *args: Any, **kwargs: Any) -> R:
        return command(session, *args, **kwargs)

    return with_session


def command_options(command: Callable[..., R]) -> Callable[..., R]:
    """What every command to a run takes: --key and --if-version."""
    key = click.option(
        "--key", help="Idempotency key: the same command again is done once."
    )
    if_version = click.option(
        "--if-version",
        "if_match",
        type=click.IntRange(1),
        help="Only if the run is still at this version.",
    )
    return key(if_version(command))
