"""Who PostgreSQL runs as: it refuses to run as root."""

from __future__ import annotations

import os
import pwd
import stat
import subprocess
import time
from functools import cache
from typing import TYPE_CHECKING

from infra.local.errors import StackError
from infra.local.processes import POLL

if TYPE_CHECKING:
    from pathlib import Path
    from pwd import struct_passwd

NAME = "pgserver"
"""The name that the wheel of PostgreSQL's binaries takes as well."""


@cache
def for_postgres() -> struct_passwd | None:
    """Whom to start PostgreSQL as: None, for oneself, unless one is root.

    For root it is a system user, made here on first use.
    """
    if os.geteuid() != 0:
        return None
    found = _lookup()
    if found is None:
        said = _add()
        # Another stack may be adding it right now: then ours failed and all is well.
        found = _soon()
        if found is None:
            raise StackError(
                f"PostgreSQL does not run as root and the system user {NAME} could "
                f"not be added ({said}): add it, or start the stack as another user."
            )
    return found


def let_through(path: Path) -> None:
    """Let that user pass through the folders above ``path``; it can list none."""
    for folder in path.parents:
        if folder.exists():
            mode = folder.stat().st_mode
            if not mode & stat.S_IXOTH:
                folder.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)


def let_read(installed: Path) -> None:
    """Let that user run what was installed in this folder, whatever the umask was."""
    first, *_ = files = [installed, *installed.rglob("*")]
    # The folder itself is opened last, so that an interrupted pass is done again.
    if first.stat().st_mode & stat.S_IXOTH:
        return
    for path in reversed(files):
        if not path.is_symlink():
            mode = stat.S_IMODE(path.stat().st_mode)
            group = mode & (stat.S_IRUSR | stat.S_IXUSR)
            path.chmod(mode | group >> 6)


def _lookup() -> struct_passwd | None:
    try:
        return pwd.getpwnam(NAME)
    except KeyError:
        return None


def _soon() -> struct_passwd | None:
    """Whoever holds the lock on the users' file has written it in a moment."""
    until = time.monotonic() + 5
    while (found := _lookup()) is None and time.monotonic() < until:
        time.sleep(POLL)
    return found


def _add() -> str:
    command = ["useradd", "--system", "--user-group", "--no-create-home", NAME]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return "there is no useradd"
    return done.stderr.strip()
