"""Brings .venv level with infra/locks; run by infra/bin/setup, with no package there.

Skipped at once when nothing has changed; begun anew when interrupted.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
NEEDED_BYTES = 800_000_000


class SetUpFailed(Exception):
    """The environment could not be made; the message says what to do."""


class Environment:
    """The virtual environment of one checkout.

    Its stamp says which sources it was made from and for what: ``test`` has all
    that ``service`` has, at the same versions.
    """

    def __init__(self, root: Path = ROOT) -> None:
        self.root = root
        self.folder = root / ".venv"
        self.python = self.folder / "bin" / "python"
        self.stamp = self.folder / ".set-up"

    def level(self, purpose: str) -> bool:
        """Whether all is installed that ``purpose`` needs, as the locks say now."""
        try:
            made_for, digest = self.stamp.read_text().split()
        except (OSError, ValueError):
            return False
        return made_for in (purpose, "test") and digest == self.digest()

    def digest(self) -> str:
        """Changes whenever an install would give something else."""
        whole = hashlib.sha256()
        for name in (
            "infra/locks/service.txt",
            "infra/locks/test.txt",
            "pyproject.toml",
            "sdk/pyproject.toml",
            "infra/local/environment.py",
        ):
            content = self.root.joinpath(name).read_bytes()
            whole.update(hashlib.sha256(content).digest())
        return whole.hexdigest()

    def bring_level(self, purpose: str) -> None:
        """Make or mend it.

        Raises:
            SetUpFailed: something is missing on this machine.
        """
        if self.level(purpose):
            return
        # infra/bin/up and infra/bin/test may come together.
        with alone(self.root / "infra/locks", "set-up of .venv"):
            # Whoever was before us may have done it all.
            if self.level(purpose):
                return
            self.stamp.unlink(missing_ok=True)
            if not self._works():
                self._make()
            self._install(purpose)
            self.stamp.write_text(f"{purpose} {self.digest()}\n")

    def _works(self) -> bool:
        code = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
        try:
            return _run(self.python, "-I", "-c", code, quiet=True) == 0
        except OSError:
            return False

    def _make(self) -> None:
        if shutil.disk_usage(self.root).free < NEEDED_BYTES:
            raise SetUpFailed(
                f"The disk of {self.root} has less than {NEEDED_BYTES // 10**6} MB "
                "free, which the virtual environment needs: make room, then run this "
                "again."
            )
        say("Making a virtual environment in .venv")
        if _run(sys.executable, "-I", "-m", "venv", "--clear", str(self.folder)) != 0:
            raise SetUpFailed(
                "The virtual environment could not be made, for the reason above: put "
                "that right, then run this again."
            )

    def _install(self, purpose: str) -> None:
        lock = f"infra/locks/{purpose}.txt"
        lines = self.root.joinpath(lock).read_text().splitlines()
        count = sum(line[:1].isalnum() for line in lines)
        say(f"Installing {count} packages; the first time takes a minute or two")
        self.pip(*locked(self.root / lock))
        say("Installing the commands runledger-server and runledger from this folder")
        self.pip(
            "--no-deps",
            "--no-build-isolation",
            f"--editable={self.root}",
            f"--editable={self.root / 'sdk'}",
        )

    def pip(self, *arguments: str) -> None:
        """Install with the environment's own pip.

        Raises:
            SetUpFailed: it did not work; pip has said why.
        """
        command = ("-I", "-m", "pip", "install", "--quiet", *arguments)
        if _run(self.python, *command) != 0:
            raise SetUpFailed(
                "Packages could not be installed, for the reason above: check that "
                "this machine reaches its package index and has room on its disk, then "
                "run this again."
            )


def locked(lock: Path) -> tuple[str, ...]:
    """How pip is told to install what a lock has, and nothing else."""
    # A lock is complete, so there is nothing to resolve; wheels only, since building
    # one would fetch things that no lock names.
    return (
        "--require-hashes",
        "--only-binary=:all:",
        "--no-deps",
        f"--requirement={lock}",
    )


@contextlib.contextmanager
def alone(folder: Path, what: str) -> Iterator[None]:
    """Hold ``folder``, which is there, against every other process that asks so."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.EACCES):
                raise
            say(f"Waiting for another {what} to end")
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _run(program: Path | str, *arguments: str, quiet: bool = False) -> int:
    output = subprocess.DEVNULL if quiet else sys.stderr
    environ = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    return subprocess.run(
        [str(program), *arguments],
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        env=environ,
    ).returncode


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def main(purpose: str) -> int:
    try:
        Environment().bring_level(purpose)
    except SetUpFailed as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
