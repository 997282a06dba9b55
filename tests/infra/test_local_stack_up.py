"""A whole stack by its command: a fresh one with its sample, a killed supervisor, down.

The tests share one stack: coming up takes longer than most of what is looked at.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from runledger import Client, Forbidden

from infra.local.ports import free_ports
from infra.local.processes import working_in
from infra.local.services import PROCESSES
from tests.support.stack import Stack
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

README = Path(__file__).parents[2] / "README.md"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Fresh for the first test; each brings it up if it is not."""
    stack = Stack(tmp_path_factory.mktemp("stack") / "home")
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


def readme() -> list[str]:
    """The commands that README.md has for the sample."""
    text = README.read_text("utf-8")
    (block,) = re.findall(r"```sh\n(PATH=.*?)```", text, re.DOTALL)
    path, *lines = block.splitlines()
    assert path == 'PATH="$PWD/.venv/bin:$PATH"'
    return [line.partition("  #")[0] for line in lines]


def waits(client: Client) -> bool:
    return bool(client.approvals(workflow="pages").items)


def test_a_fresh_stack_shows_a_run_that_waits_for_a_person(stack: Stack) -> None:
    stack.up()
    with Client(**stack.given(stack.home.client)) as client:
        eventually(lambda: client.approvals().items)
        for line in readme():
            if line.startswith("runledger approvals"):
                eventually(partial(waits, client))
            said = stack.shell(line)
        assert "rejected step review: Larger letters" in said
        assert "approved step review: Fine" in said
        (run,) = client.runs(workflow="pages").items
        eventually(lambda: client.run(run.run_id).state == "completed")
    site = stack.home.sample / "site"
    assert len(list(site.glob("*.html"))) == 3

    worker = stack.home.sample_worker
    assert worker.stat().st_mode & 0o077 == 0
    with Client(**stack.given(worker)) as client, pytest.raises(Forbidden):
        client.create_run("pages", inputs={})


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

    worker = stack.given(stack.home.sample_worker)
    before = stack.home.record()
    assert before is not None
    before.supervisor.signal(signal.SIGKILL)
    assert stack.run("doctor").returncode == 1
    again = but_the_link(stack.up())
    assert again == but_the_link(first), "the data and the token of the first are kept"
    assert [name for name, child in before.children.items() if child.alive] == []
    assert stack.given(stack.home.sample_worker) == worker, "its token is kept too"
    with Client(**stack.given(stack.home.client)) as client:
        assert len(client.runs(workflow="pages").items) == 1, "no other first run"
        more = client.create_run("pages", inputs={"title": "Once more"})
        eventually(lambda: client.run(more.run_id).state == "waiting_for_approval")

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


def test_up_says_in_one_sentence_who_has_its_port(tmp_path: Path) -> None:
    stack = Stack(tmp_path / "home")
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
