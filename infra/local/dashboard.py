"""Builds the dashboard where it has changed: ``infra/bin/dashboard``.

Whatever stands in ``query_api/dashboard`` becomes ``query_api/dashboard/dist``, which
the query API serves. Skipped at once when nothing has changed; begun anew when
interrupted. ``check`` runs the tests of its TypeScript as well.
"""

from __future__ import annotations

import gzip
import hashlib
import itertools
import os
import re
import shutil
import sys
from contextlib import suppress
from pathlib import Path

from infra.local.environment import ROOT, SetUpFailed, alone, say
from infra.local.node import LOCK, Node, node

NOT_SOURCES = frozenset({"node_modules", "dist", "build"})
COMPRESSED = frozenset({".css", ".html", ".js", ".json", ".map", ".svg", ".txt"})

_ERROR = re.compile(r"(^|\s)([A-Z]\w*)?[Ee]rror( TS\d+|[a-z ]*)?:")
_SAY_LITTLE = (">", "npm error", "npm warn", "code ")


class Dashboard:
    """The dashboard's folder: its sources, its packages, and what is built of both."""

    def __init__(self, root: Path = ROOT) -> None:
        self.folder = root / "query_api/dashboard"
        self.dist = self.folder / "dist"
        self.packages = self.folder / "node_modules"
        self.log = root / ".venv/dashboard.log"

    @property
    def level(self) -> bool:
        """Whether what is built is built of the sources as they are now."""
        stamp = _read(self.dist / ".built")
        return self.dist.joinpath("index.html").exists() and stamp == self.digest()

    def digest(self) -> str:
        """Changes whenever a build would give something else."""
        files = [Path(__file__), LOCK]
        for folder, below, names in os.walk(self.folder):
            below[:] = [name for name in below if name not in NOT_SOURCES]
            files += [Path(folder, name) for name in names]
        return _digest(files)

    def build(self) -> None:
        """Bring ``dist`` level with the sources.

        Raises:
            SetUpFailed: it could not be built; ``log`` has all that was said.
        """
        if self.level:
            return
        with alone(self.folder, "build of the dashboard"):
            # Whoever was before us may have done it all.
            if self.level:
                return
            # Taken before: what is changed meanwhile is built the next time.
            digest = self.digest()
            with_node = node()
            self._install(with_node)
            say("Building the dashboard")
            half = self.folder / "build"
            self._npm(
                with_node,
                *("run", "build", "--", f"--outDir={half.name}", "--emptyOutDir"),
                failure="The dashboard could not be built",
            )
            if not half.joinpath("index.html").exists():
                raise SetUpFailed(
                    "The dashboard's build made no index.html: see "
                    f"{self.log} for what it did."
                )
            compress(half / "assets")
            half.joinpath(".built").write_text(digest)
            # Whole or not at all, under a query API that runs.
            shutil.rmtree(self.dist, ignore_errors=True)
            half.rename(self.dist)

    def check(self) -> None:
        """Check its types and run the tests of its TypeScript.

        Raises:
            SetUpFailed: something is wrong; ``log`` has what.
        """
        with alone(self.folder, "build of the dashboard"):
            with_node = node()
            self._install(with_node)
            self._npm(
                with_node, "run", "check", failure="The dashboard's tests have failed"
            )

    def _install(self, with_node: Node) -> None:
        """Its packages, exactly those of the lockfile, of which none runs a script."""
        names = ("package.json", "package-lock.json", ".npmrc")
        wanted = _digest([self.folder / name for name in names])
        stamp = self.packages / ".level"
        if _read(stamp) == wanted:
            return
        say("Installing the dashboard's packages; the first time takes half a minute")
        self._npm(
            with_node,
            *("ci", "--ignore-scripts", "--no-audit", "--no-fund"),
            failure="The dashboard's packages could not be installed",
        )
        self.packages.mkdir(exist_ok=True)
        stamp.write_text(wanted)

    def _npm(self, with_node: Node, *arguments: str, failure: str) -> None:
        with self.log.open("w") as log:
            code = with_node.run_npm(*arguments, folder=self.folder, log=log)
        if code != 0:
            raise SetUpFailed(
                f"{failure}: {first_error(_read(self.log))} (all of it: {self.log})"
            )


def compress(folder: Path) -> None:
    """Put a compressed twin beside every file that gains by it."""
    for file in folder.rglob("*"):
        if file.suffix in COMPRESSED and file.is_file():
            twin = file.with_name(f"{file.name}.gz")
            twin.write_bytes(gzip.compress(file.read_bytes(), 9, mtime=0))


def _digest(files: list[Path]) -> str:
    whole = hashlib.sha256()
    for file in sorted(files):
        content = b""
        with suppress(FileNotFoundError):  # gone since it was listed
            content = file.read_bytes()
        whole.update(str(file).encode() + b"\0")
        whole.update(hashlib.sha256(content).digest())
    return whole.hexdigest()


def _read(file: Path) -> str:
    try:
        return file.read_text()
    except OSError:
        return ""


def first_error(said: str) -> str:
    """The line that says most, of what npm and the programs under it have said."""
    lines = [line.strip().removeprefix("npm error ") for line in said.splitlines()]
    lines = [line for line in lines if line and not line.startswith(_SAY_LITTLE)]
    for line, following in itertools.pairwise([*lines, ""]):
        if _ERROR.search(line):
            # "error during build:" says nothing alone.
            return f"{line} {following}" if line.endswith(":") else line
    return lines[0] if lines else "nothing was said"


def main(arguments: list[str]) -> int:
    dashboard = Dashboard()
    try:
        dashboard.build()
        if "check" in arguments:
            dashboard.check()
    except SetUpFailed as error:
        if "check" in arguments:
            say(_read(dashboard.log))  # on a machine of CI nobody comes to look later
        say(str(error))
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
