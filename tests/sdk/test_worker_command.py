"""``runledger worker``: what it says before it works, and when it cannot."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from runledger import NotConfigured
from runledger.cli import run_command
from runledger.cli.worker import start_lines
from runledger.worker import Context, Worker, Workflow, finding

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ONE = """
from runledger.worker import Workflow

notes = Workflow("notes")
letters = Workflow("letters")

@notes.step
def write(context): ...

@letters.step
def post(context): ...
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder one is in; what is imported from it is forgotten again."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        del sys.modules[name]


def names(said: str) -> list[str]:
    return [workflow.name for workflow in finding.workflows(said)]


@pytest.mark.parametrize("said", ["flow_one", "flow_one.py", "./flow_one.py"])
def test_all_workflows_of_a_module_or_file_are_found(folder: Path, said: str) -> None:
    folder.joinpath("flow_one.py").write_text(ONE)
    assert names(said) == ["notes", "letters"]


def test_one_of_several_is_named(folder: Path) -> None:
    folder.joinpath("flow_one.py").write_text(ONE)
    assert names("flow_one:letters") == ["letters"]
    with pytest.raises(NotConfigured, match="it has notes, letters"):
        names("flow_one:cards")


def test_a_module_that_is_not_there_is_told(folder: Path) -> None:
    with pytest.raises(NotConfigured, match="no module 'flow_none'"):
        names("flow_none")
    with pytest.raises(NotConfigured, match=r"no file flow_none\.py"):
        names("flow_none.py")


def test_a_module_without_workflows_is_told(folder: Path) -> None:
    folder.joinpath("flow_bare.py").write_text("x = 1")
    with pytest.raises(NotConfigured, match="flow_bare has no workflow"):
        names("flow_bare")


def test_an_error_of_the_users_own_code_shows_where_it_is(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder.joinpath("flow_broken.py").write_text("import no_such_package_here")
    assert run_command(["worker", "flow_broken"]) == 1
    said = capsys.readouterr().err
    assert "import no_such_package_here" in said
    assert "flow_broken cannot be imported: see above" in said


def test_without_a_service_it_says_how_to_start_one(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("QUERY_URL", "COMMAND_URL", "TOKEN", "HOME"):
        monkeypatch.delenv(f"RUNLEDGER_{name}", raising=False)
    folder.joinpath("flow_one.py").write_text(ONE)
    assert run_command(["worker", "flow_one"]) == 3
    assert "infra/bin/up" in capsys.readouterr().err


def test_the_start_says_what_will_be_worked_on_and_what_not() -> None:
    films = Workflow("films")

    @films.step
    def cut(context: Context) -> None: ...

    @films.step(requires=["gpu", "disk"])
    def render(context: Context) -> None: ...

    url = "http://127.0.0.1:1"
    worker = Worker(
        films, slots=1, capabilities=["disk"], name="me", query_url=url, command_url=url
    )
    assert start_lines(worker) == [
        "Worker me: queue default, 1 slot, at http://127.0.0.1:1 (default)",
        "  films: cut, render",
        "  step render needs a worker with --capability gpu: not this one",
    ]
