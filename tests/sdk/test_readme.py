"""What sdk/README.md says, as it stands there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from infra.local.child import Child
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runledger import Client

    from tests.sdk.conftest import Command
    from tests.support.service import Service

README = Path(__file__).parents[2] / "sdk" / "README.md"
COMMANDS = Path(sys.executable).parent


def blocks(language: str) -> list[str]:
    found = re.findall(r"```(\w*)\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    return [text for tag, text in found if tag == language]


def block(language: str, beginning: str) -> str:
    """The one that begins so."""
    (found,) = [one for one in blocks(language) if one.startswith(beginning)]
    return found


def test_the_first_example_of_the_client_runs_as_it_stands(
    runledger: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    example = block("python", "from runledger import Client")
    exec(compile(example, str(README), "exec"), {})
    assert capsys.readouterr().out == "completed\n"
    assert "etl#1" in runledger("runs", "-w", "etl").out


def test_every_example_compiles() -> None:
    for example in blocks("python"):
        compile(example, str(README), "exec")


@pytest.fixture
def desk(tmp_path: Path, service: Service) -> Iterator[Desk]:
    desk = Desk(tmp_path, service)
    yield desk
    if desk.worker is not None:
        desk.worker.stop(10)


class Desk:
    """Where a newcomer sits: a folder, and a shell that finds the service."""

    def __init__(self, folder: Path, service: Service) -> None:
        self.folder = folder
        self.environ = {
            **os.environ,
            "PATH": f"{COMMANDS}:{os.environ['PATH']}",
            "RUNLEDGER_COMMAND_URL": service.command_url,
            "RUNLEDGER_QUERY_URL": service.query_url,
            "RUNLEDGER_TOKEN": service.token,
            "PYTHONDONTWRITEBYTECODE": "1",
            "COLUMNS": "100",
        }
        self.worker: Child | None = None
        letters = block("python", "from runledger.worker import Context")
        folder.joinpath("letters.py").write_text(letters, "utf-8")

    def shell(self, line: str) -> str:
        done = subprocess.run(
            line,
            shell=True,
            cwd=self.folder,
            env=self.environ,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        return done.stdout

    def settled(self) -> bool:
        """Whether the one run has ended and the other one waits again."""
        said = self.shell("runledger matrix letters")
        return "●" in said.splitlines()[2] and "◆↻" in said

    def start_worker(self, line: str) -> Child:
        self.worker = Child(
            "worker",
            ["sh", "-c", f"exec {line.removesuffix('&')}"],
            log=self.folder / "worker.log",
            environ=self.environ,
            cwd=self.folder,
        )
        return self.worker


def test_a_newcomer_sees_an_own_workflow_in_the_matrix(
    desk: Desk, client: Client
) -> None:
    work = block("sh", "runledger worker")
    child = desk.start_worker(work.strip())
    child.wait_until(lambda: "is at version 1" in child.log.read_text(), 30)
    said = ""
    for line in block("sh", "runledger start letters").splitlines():
        if line.startswith("runledger approvals"):
            # A person looks again until both are there.
            eventually(lambda: len(client.approvals(workflow="letters").items) == 2)
        if line.startswith("runledger matrix"):
            eventually(desk.settled)
        said = desk.shell(line)
    drawn = block("", "letters   2 runs, 4 steps")
    assert said.split("\n\n")[0].split() == drawn.split()
    assert "Dear Ada, how are you?" not in child.log.read_text(), "it is in the log"


def test_the_examples_of_tests_pass(desk: Desk) -> None:
    tests = block("python", "from letters import letters")
    desk.folder.joinpath("test_letters.py").write_text(tests, "utf-8")
    said = desk.shell(f"{sys.executable} -m pytest -q -p no:cacheprovider .")
    assert "2 passed" in said


def test_the_workflow_in_yaml_is_one(desk: Desk) -> None:
    desk.folder.joinpath("pages.yaml").write_text(blocks("yaml")[0], "utf-8")
    functions = "def fetch(context): ...\ndef render_html(context): ...\n"
    desk.folder.joinpath("functions.py").write_text(functions, "utf-8")
    (line,) = re.findall(
        r"^    (runledger worker --yaml .*)$", README.read_text("utf-8"), re.M
    )
    child = desk.start_worker(line)
    child.wait_until(lambda: "pages is at version 1" in child.log.read_text(), 30)


@pytest.mark.parametrize("document", ["importing.md", "command-line.md"])
def test_links_lead_somewhere(document: str) -> None:
    file = README.parents[1] / "docs" / document
    for link in re.findall(r"\]\(([^)#:]+)\)", file.read_text()):
        assert (file.parent / link).exists(), link
