"""Sees to the browser that tests drive: ``python -m infra.local.chromium``."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from infra.local.environment import ROOT, alone, say

CHROMIUM = Path("/usr/bin/chromium")
PACKAGE = "chromium"


def ensure(program: Path = CHROMIUM) -> bool:
    """Whether there is a Chromium now. Debian's is installed where that is allowed.

    Where there is none in the end, a line says why: the tests of the browser are
    skipped then.
    """
    if program.exists():
        return True
    why_not = ""
    if shutil.which("apt-get") is None:
        why_not = "this machine has no apt-get to install one"
    elif os.geteuid() != 0:
        why_not = f"only root may install one (apt-get install {PACKAGE})"
    else:
        with alone(ROOT / "infra/locks", "installation"):
            if not program.exists():
                say("Installing Chromium, Debian's package, for tests of the browser")
                why_not = _install()
    if not program.exists():
        say(f"Tests of the browser are skipped: no {program}, and {why_not}.")
    return program.exists()


def _install() -> str:
    """Nothing, or why it did not work."""
    install = ("install", "--yes", "--no-install-recommends", PACKAGE)
    # The list of packages may never have been fetched here, or be an old one.
    code, said = _apt_get(*install)
    if code != 0:
        _apt_get("update")
        code, said = _apt_get(*install)
    return "" if code == 0 else f"apt-get says: {said}"


def _apt_get(*arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        ["apt-get", "-qq", *arguments],
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
    )
    lines = [line for line in done.stderr.splitlines() if line.startswith("E: ")]
    return done.returncode, lines[0].removeprefix("E: ").rstrip(".") if lines else ""


if __name__ == "__main__":
    ensure()
    sys.exit(0)
