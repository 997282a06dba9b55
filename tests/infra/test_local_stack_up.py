"""A whole stack by its command: up, up again, a killed supervisor, doctor, down."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from infra.local.home import Home
from infra.local.ports import free_ports
from infra.local.processes import working_in
from infra.local.services import PROCESSES, server_command

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Stack:
    """The commands of one stack, each run to its end."""

    def __init__(self, folder: Path) -> None:
        self.home = Home(folder)
        others = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("RUNLEDGER_")
        }
        self.environ = {
            **others,
            "RUNLEDGER_HOME": str(folder),
            "RUNLEDGER_PORT": str(free_ports(4)[0]),
        }

    def run(self, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            server_command(*command),
            env={**self.environ, **more},
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )

    def up(self) -> dict[str, Any]:
        done = self.run("up", "--detach", "--json")
        assert done.returncode == 0, done.stderr
        found: dict[str, Any] = json.loads(done.stdout)
        return found


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    stack = Stack(tmp_path / "home")
    yield stack
    stack.run("down")


def status(found: dict[str, Any]) -> int:
    """What the query API answers to the token that came with its address."""
    address = urlsplit(found["query_url"]).netloc
    connection = http.client.HTTPConnection(address, timeout=60)
    try:
        connection.request(
            "GET",
            f"/v1/{found['namespace']}/runs",
            headers={"Authorization": f"Bearer {found['token']}"},
        )
        return connection.getresponse().status
    finally:
        connection.close()


def sign_in(found: dict[str, Any], link: str) -> int:
    """What the command API answers to the code of a link to the dashboard."""
    dashboard, _, code = link.partition("/#code=")
    assert dashboard == found["query_url"]
    address = urlsplit(found["command_url"]).netloc
    connection = http.client.HTTPConnection(address, timeout=60)
    try:
        connection.request("POST", "/session", json.dumps({"code": code}))
        return connection.getresponse().status
    finally:
        connection.close()


def but_the_link(found: dict[str, Any]) -> dict[str, Any]:
    """What stays the same from one ``up`` to the next."""
    return {name: value for name, value in found.items() if name != "dashboard"}


def test_a_stack_comes_up_survives_its_supervisor_and_goes_down(stack: Stack) -> None:
    first = stack.up()
    assert status(first) == 200
    client = json.loads(stack.home.client.read_text())
    assert client == {name: first[name] for name in client}
    assert stack.home.client.stat().st_mode & 0o077 == 0

    second = stack.up()
    assert but_the_link(second) == but_the_link(first), "a second up tells of the first"
    third = stack.run("link").stdout.strip()
    links = [first["dashboard"], second["dashboard"], third]
    assert [sign_in(first, link) for link in links] == [201, 201, 201]
    assert [sign_in(first, link) for link in links] == [401, 401, 401]
    logs = "".join(log.read_text() for log in stack.home.logs.iterdir())
    assert first["token"] not in logs
    assert not [link for link in links if link.partition("#code=")[2] in logs]

    # It is looked for where it runs, though this prompt means another port.
    doctor = stack.run("doctor", "--json", RUNLEDGER_PORT=str(free_ports(4)[0]))
    findings = json.loads(doctor.stdout)
    assert [one for one in findings if not one["ok"]] == []
    assert doctor.returncode == 0
    assert {process.name for process in PROCESSES} <= {one["what"] for one in findings}

    rebuilt = stack.run("rebuild")
    assert "Done in" in rebuilt.stdout, "a command finds the database of the stack"

    before = stack.home.record()
    assert before is not None
    before.supervisor.signal(signal.SIGKILL)
    assert stack.run("doctor").returncode == 1
    again = but_the_link(stack.up())
    assert again == but_the_link(first), "the data and the token of the first are kept"
    assert [name for name, child in before.children.items() if child.alive] == []

    after = stack.home.record()
    assert after is not None
    down = stack.run("down")
    assert down.returncode == 0
    assert down.stderr.endswith("Stopped; all data is kept.\n")
    left = [after.supervisor, *after.children.values()]
    assert [one for one in left if one.alive] == []
    assert working_in(stack.home.postgres) == []
    assert stack.home.record() is None
    assert "Nothing runs" in stack.run("down").stderr


def test_up_says_in_one_sentence_who_has_its_port(stack: Stack) -> None:
    port = int(stack.environ["RUNLEDGER_PORT"])
    with socket.create_server(("127.0.0.1", port)):
        done = stack.run("up", "--detach")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith(
        f"Error: Port {port}, meant for the query API, is in use by process "
        f"{os.getpid()} "
    )
    assert done.stderr.count("\n") == 1
    assert not stack.home.in_use
