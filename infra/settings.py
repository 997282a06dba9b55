"""Every setting of the service, read once from the environment."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    from collections.abc import Mapping

PARTITIONS = 8
"""Partitions of the events topic: frozen, since a run's partition never changes."""

EVENTS_TOPIC = "runledger.events"
DEAD_LETTERS_TOPIC = "runledger.dead-letters"


class Settings(BaseModel):
    """What a process of the service needs to know of its surroundings.

    Each field is the environment variable of its name in capitals with
    ``RUNLEDGER_`` in front: ``home`` is ``RUNLEDGER_HOME``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    home: Path = Path(".runledger")
    """The one folder that holds all data of a local stack."""

    port: int = Field(default=7450, ge=1024, le=65_000)
    """First of a block of ports: query API, command API, Kafka, its controller."""

    host: str = "127.0.0.1"
    """What both APIs listen on: loopback unless a deployer says otherwise."""

    database_url: str = ""
    """PostgreSQL, as this process's own role. Empty: the local stack's."""

    kafka_bootstrap: str = ""
    """``host:port`` of a broker. Empty: the local stack's."""

    cors_origin: str = ""
    """The one origin that browsers may send commands from. Empty: the query API's."""

    command_public_url: str = Field(
        default="",
        pattern=r"^(https?://[A-Za-z0-9.:\[\]-]+(/[A-Za-z0-9._~%-]+)*/?)?$",
    )
    """Where browsers reach the command API. Empty: beside the query API, at its port.
    It must have the query API's host name: cookies go by that."""

    log_retention_days: int = Field(default=30, ge=0, le=36_500)
    """How many whole days log lines are kept. 0: for ever."""

    log_attempt_lines: int = Field(default=5_000_000, ge=1)
    """Lines of one attempt's log that are kept. What comes after is counted."""

    log_attempt_mib: int = Field(default=1024, ge=1)
    """The same in MiB of text, give or take one request."""

    sample: bool = True
    """Whether ``up`` runs the sample workflow and its worker too."""

    @property
    def query_port(self) -> int:
        return self.port

    @property
    def command_port(self) -> int:
        return self.port + 1

    @property
    def kafka_port(self) -> int:
        return self.port + 2

    @property
    def kafka_controller_port(self) -> int:
        return self.port + 3

    @property
    def bootstrap(self) -> str:
        return self.kafka_bootstrap or f"127.0.0.1:{self.kafka_port}"

    @property
    def query_url(self) -> str:
        return f"http://{self.host}:{self.query_port}"

    @property
    def dashboard_url(self) -> str:
        """Where browsers find the dashboard."""
        return self.cors_origin or self.query_url

    @property
    def command_url(self) -> str:
        return f"http://{self.host}:{self.command_port}"

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """The settings in ``environ`` (the process's own by default).

        Raises:
            pydantic.ValidationError: a value does not fit its field.
        """
        source = os.environ if environ is None else environ
        found = {
            name: source[variable]
            for name in cls.model_fields
            if source.get(variable := f"RUNLEDGER_{name.upper()}")
        }
        return cls.model_validate(found)
