"""One whole service for the tests of this folder, and the command before it.

Tests share it, so each names workflows of its own.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, NamedTuple

import pytest
from runledger import Client
from runledger.cli import run_command

from tests.sdk.stage import Stage
from tests.support.service import Service

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="package")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with Service(tmp_path_factory.mktemp("service")) as service:
        yield service


@pytest.fixture
def client(service: Service) -> Iterator[Client]:
    with Client(
        query_url=service.query_url,
        command_url=service.command_url,
        token=service.token,
    ) as client:
        yield client


@pytest.fixture
def workflow() -> str:
    """A name that no other test has."""
    return f"w-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def stage(service: Service, client: Client, tmp_path: Path) -> Iterator[Stage]:
    """Worker processes for this test alone."""
    stage = Stage(service, client, f"f-{uuid.uuid4().hex[:8]}", tmp_path)
    yield stage
    stage.close()


class Done(NamedTuple):
    code: int
    out: str
    err: str


class Command:
    """The command line, called as a shell would."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: object, code: int = 0) -> Done:
        self._capsys.readouterr()
        found = run_command([str(argument) for argument in arguments])
        done = Done(found, *self._capsys.readouterr())
        assert found == code, done.out + done.err
        return done


@pytest.fixture
def runledger(
    service: Service,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Command:
    monkeypatch.setenv("RUNLEDGER_QUERY_URL", service.query_url)
    monkeypatch.setenv("RUNLEDGER_COMMAND_URL", service.command_url)
    monkeypatch.setenv("RUNLEDGER_TOKEN", service.token)
    monkeypatch.delenv("RUNLEDGER_NAMESPACE", raising=False)
    return Command(capsys)
