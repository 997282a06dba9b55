"""A user's whole stack, by its commands."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from infra.local.home import Home
from infra.local.ports import free_ports
from infra.local.services import server_command

COMMANDS = Path(sys.executable).parent


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
        """A command of runledger-server, however it ends."""
        return subprocess.run(
            server_command(*command),
            env={**self.environ, **more},
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )

    def up(self) -> dict[str, Any]:
        """What it says when all is ready."""
        done = self.run("up", "--detach", "--json")
        assert done.returncode == 0, done.stderr
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def shell(self, line: str) -> str:
        """What a command prints, to somebody in the folder of the home."""
        done = subprocess.run(
            line,
            shell=True,
            cwd=self.home.folder.parent,
            env={**self.environ, "PATH": f"{COMMANDS}:{os.environ['PATH']}"},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        return done.stdout

    def given(self, file: Path) -> dict[str, Any]:
        """What a client of it needs, from a file of the home."""
        found: dict[str, Any] = json.loads(file.read_text())
        return found
