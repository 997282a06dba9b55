"""What infra/bin/setup goes by: the locks, and the stamp in .venv."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from typing import TYPE_CHECKING

import pytest

from infra.local import chromium
from infra.local.environment import ROOT, Environment

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

LOCKS = ROOT / "infra/locks"


def names(requirements: Iterable[str]) -> set[str]:
    """Normalised names of what is required, without extras and versions."""
    found = (re.match(r"[A-Za-z0-9._-]+", one) for one in requirements)
    return {re.sub(r"[-_.]+", "-", one[0]).lower() for one in found if one}


def project(path: str) -> dict[str, list[str]]:
    content = tomllib.loads(ROOT.joinpath(path).read_text())
    extras = content["project"].get("optional-dependencies", {})
    return {
        "needed": content["project"]["dependencies"],
        "build": content["build-system"]["requires"],
        **extras,
    }


def locked(name: str) -> set[str]:
    lines = LOCKS.joinpath(name).read_text().splitlines()
    return names(line for line in lines if "==" in line and not line.startswith(" "))


def test_the_locks_hold_all_that_the_projects_ask_for() -> None:
    service, sdk = project("pyproject.toml"), project("sdk/pyproject.toml")
    wanted = names(
        [*service["needed"], *service["local"], *service["build"], *sdk["needed"]]
    )
    assert wanted <= locked("service.txt"), "run infra/bin/lock"
    assert wanted | names(service["test"]) <= locked("test.txt"), "run infra/bin/lock"
    assert locked("service.txt") <= locked("test.txt"), "run infra/bin/lock"


@pytest.mark.parametrize("name", ["service.txt", "test.txt", "node.txt"])
def test_a_lock_names_no_place_and_hashes_everything(name: str) -> None:
    pinned = re.compile(r"[a-z0-9-]+==[^ /]+( ; [^/]+)? \\")
    digest = re.compile(r"    --hash=sha256:[0-9a-f]{64}( \\)?")
    lines = LOCKS.joinpath(name).read_text().splitlines()
    others = [
        line for line in lines if not (pinned.fullmatch(line) or digest.fullmatch(line))
    ]
    assert others == []


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    """One of a checkout that has all sources of the digest, and no .venv yet."""
    for name in (
        "infra/locks/service.txt",
        "infra/locks/test.txt",
        "infra/local/environment.py",
        "pyproject.toml",
        "sdk/pyproject.toml",
    ):
        tmp_path.joinpath(name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    tmp_path.joinpath(".venv").mkdir()
    return Environment(tmp_path)


def test_an_environment_without_a_stamp_is_not_level(environment: Environment) -> None:
    assert not environment.level("service")
    environment.stamp.write_text("")
    assert not environment.level("service")


def test_one_made_for_tests_is_level_for_running_too(environment: Environment) -> None:
    environment.stamp.write_text(f"test {environment.digest()}\n")
    assert environment.level("test")
    assert environment.level("service")
    environment.stamp.write_text(f"service {environment.digest()}\n")
    assert environment.level("service")
    assert not environment.level("test")


def test_a_changed_lock_makes_it_stale(environment: Environment) -> None:
    environment.stamp.write_text(f"test {environment.digest()}\n")
    lock = environment.root / "infra/locks/service.txt"
    lock.write_text(lock.read_text() + "\n")
    assert not environment.level("service")


def test_tests_without_a_browser_are_announced_in_a_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    program = tmp_path / "chromium"
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not chromium.ensure(program)
    said = capsys.readouterr().err
    assert said.startswith(f"Tests of the browser are skipped: no {program}, and ")
    assert said.count("\n") == 1
    program.touch()
    assert chromium.ensure(program)
    assert capsys.readouterr().err == ""


def test_no_python_that_is_recent_enough_ends_in_one_sentence(tmp_path: Path) -> None:
    checkout = tmp_path / "checkout"
    checkout.joinpath("infra/bin").mkdir(parents=True)
    for script in ("setup", "up"):
        shutil.copy(ROOT / "infra/bin" / script, checkout / "infra/bin" / script)
    said = run_up(checkout, 'exec false "$@"')
    assert said.startswith("Runledger needs Python 3.11 or newer: install it")
    assert said.count("\n") == 1
    no_venv = f'case "$3" in *ensurepip*) exit 1;; esac; exec {sys.executable} "$@"'
    said = run_up(checkout, no_venv)
    assert "cannot make virtual environments" in said
    assert "python3-venv" in said
    assert said.count("\n") == 1


def run_up(checkout: Path, python: str) -> str:
    """What infra/bin/up says on a machine whose every Python is this script."""
    programs = checkout / "programs"
    programs.mkdir(exist_ok=True)
    for name in ("python3", *(f"python3.{minor}" for minor in range(11, 15))):
        programs.joinpath(name).write_text(f"#!/bin/sh\n{python}\n")
        programs.joinpath(name).chmod(0o755)
    path = f"{programs}:{os.environ['PATH']}"
    done = subprocess.run(
        [checkout / "infra/bin/up"],
        env={"PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert not done.stdout
    return done.stderr
