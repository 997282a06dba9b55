"""One whole service for all journeys that break nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.service import Service

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

COMMANDS = Path(sys.executable).parent


@pytest.fixture(scope="package")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """PostgreSQL, Kafka, publisher, projector and both APIs; shared, so use a
    workflow or a namespace of your own."""
    with Service(tmp_path_factory.mktemp("service")) as running:
        yield running


@pytest.fixture(scope="package")
def shell(service: Service) -> Callable[..., str]:
    """Runs a command line as a user would; what it prints. Its failure is ours."""

    def run(*command: str, namespace: str = "default", seconds: float = 300) -> str:
        token = service.token
        if namespace != "default":
            token = service.make_token("local", "admin", namespace=namespace)
        done = subprocess.run(
            command,
            env={
                **os.environ,
                "PATH": f"{COMMANDS}:{os.environ['PATH']}",
                "PWD": "/",  # the README puts $PWD/.venv/bin first: ours is there
                "RUNLEDGER_COMMAND_URL": service.command_url,
                "RUNLEDGER_QUERY_URL": service.query_url,
                "RUNLEDGER_TOKEN": token,
                "RUNLEDGER_NAMESPACE": namespace,
                "COLUMNS": "120",
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=seconds,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    return run
