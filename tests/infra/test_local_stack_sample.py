"""The sample of a stack: a first run that waits for a person, and only one."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from runledger import Client, Forbidden

from infra.local.home import Home
from infra.local.ports import free_ports
from infra.local.services import server_command, services
from infra.settings import Settings
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator


README = Path(__file__).parents[2] / "README.md"
COMMANDS = Path(sys.executable).parent


def waits(client: Client) -> bool:
    return bool(client.approvals(workflow="pages").items)


class Stack:
    def __init__(self, folder: Path) -> None:
        self.home = Home(folder)
        self._environ = {
            **{k: v for k, v in os.environ.items() if not k.startswith("RUNLEDGER_")},
            "RUNLEDGER_HOME": str(folder),
            "RUNLEDGER_PORT": str(free_ports(4)[0]),
        }

    def run(self, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            server_command(*command),
            env={**self._environ, **more},
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )
        assert done.returncode == 0, done.stderr
        return done

    def shell(self, line: str) -> str:
        """What a command prints, to somebody in the folder of the home."""
        done = subprocess.run(
            line,
            shell=True,
            cwd=self.home.folder.parent,
            env={**self._environ, "PATH": f"{COMMANDS}:{os.environ['PATH']}"},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        return done.stdout

    def given(self, file: Path) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(file.read_text())
        return found


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    stack = Stack(tmp_path / "home")
    yield stack
    stack.run("down")


def readme() -> list[str]:
    """The commands that README.md has for the sample."""
    text = README.read_text("utf-8")
    (block,) = re.findall(r"```sh\n(PATH=.*?)```", text, re.DOTALL)
    path, *lines = block.splitlines()
    assert path == 'PATH="$PWD/.venv/bin:$PATH"'
    return [line.partition("  #")[0] for line in lines]


def test_a_fresh_stack_shows_a_run_that_waits_for_a_person(stack: Stack) -> None:
    stack.run("up", "--detach")
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
    given = stack.given(worker)
    with Client(**given) as client, pytest.raises(Forbidden):
        client.create_run("pages", inputs={})

    stack.run("down")
    stack.run("up", "--detach")
    assert stack.given(worker) == given, "its token is kept"
    with Client(**stack.given(stack.home.client)) as client:
        assert len(client.runs(workflow="pages").items) == 1
        again = client.create_run("pages", inputs={"title": "Once more"})
        eventually(lambda: client.run(again.run_id).state == "waiting_for_approval")


def test_a_stack_can_do_without(tmp_path: Path) -> None:
    names = [
        [one.name for one in services(Settings(sample=wanted), {}, "", tmp_path)]
        for wanted in (True, False)
    ]
    assert names[0] == [*names[1], "sample-worker"]
