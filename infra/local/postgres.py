"""A real PostgreSQL server in one folder, run from a wheel's own binaries."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import stat
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Self

from infra.local import system_user
from infra.local.child import Child
from infra.local.errors import StackError, StartFailed
from infra.local.processes import (
    Identity,
    children_of,
    running,
    stop_all,
    wait_gone,
    working_in,
)
from infra.local.wheels import postgres_binary

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pwd import struct_passwd
    from types import TracebackType

SUPERUSER = "postgres"

SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "jit": "off",
    "synchronous_commit": "on",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "max_connections": "200",
    "log_checkpoints": "off",
}


class PostgresServer:
    """PostgreSQL on a Unix socket only; its data is all there is in ``folder``.

    ``start``, ``kill`` and ``stop`` may follow each other in any order and as
    often as wanted; as a context manager it is started and stopped. ``settings``
    go on top of ``SETTINGS``. The socket's folder depends on ``folder`` alone, so
    ``url`` stays the same over restarts and is right in other processes too.
    """

    name = "postgres"

    def __init__(
        self,
        folder: Path,
        *,
        settings: Mapping[str, str] | None = None,
        log: Path | None = None,
    ) -> None:
        self.folder = folder.absolute()
        self.log = log or self.folder.parent / f"{self.folder.name}.log"
        self.sockets = socket_folder(self.folder)
        self.child: Child | None = None
        self._settings = {**SETTINGS, **(settings or {})}

    def url(self, dbname: str = "postgres", user: str = SUPERUSER) -> str:
        """A libpq address; whoever may open the socket's folder is trusted."""
        return f"postgresql://{user}@/{dbname}?host={self.sockets}"

    @property
    def running(self) -> bool:
        return self.child is not None and self.child.running

    def start(self) -> Self:
        """Bring it up, on the data of last time where there is some.

        Raises:
            StartFailed: it ended or was not ready in time; says what it wrote last.
        """
        if not self.running:
            self.prepare()
            self.spawn().wait_until(self.ready, seconds=120)
        return self

    def prepare(self) -> None:
        """Whatever a start needs: the data folder, no predecessor, no stale lock."""
        user = system_user.for_postgres()
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        if user is not None:
            installed = postgres_binary("postgres").parents[1]
            system_user.let_read(installed)
            system_user.let_through(installed)
        self.end_predecessor()
        if not self.folder.exists():
            self._initialise(user)
        _make_private(self.sockets, user)
        _clear_if_reused(self.folder / "postmaster.pid")
        _clear_if_reused(self.sockets / ".s.PGSQL.5432.lock")

    def spawn(self) -> Child:
        """Start the server of a prepared folder and do not wait for it."""
        settings = [f"{name}={value}" for name, value in self._settings.items()]
        options = [
            part for each in (*settings, self._socket_setting) for part in ("-c", each)
        ]
        user = system_user.for_postgres()
        data = _as_seen_by(user, self.folder)
        self.child = Child(
            self.name,
            [str(postgres_binary("postgres")), "-D", data, *options],
            log=self.log,
            user=user,
            cwd=self.folder,
            # SIGINT is the fast shutdown: it does not wait for clients to leave.
            stop_signal=signal.SIGINT,
        )
        return self.child

    def ready(self) -> bool:
        """Whether it takes connections now."""
        # Its own word, as pg_ctl reads it: a trial connection would fill the log.
        try:
            lines = self.folder.joinpath("postmaster.pid").read_text().split("\n")
        except FileNotFoundError:
            return False
        if self.child is None or not self.child.running or len(lines) < 8:
            return False
        # The file of one that was killed stays until the next one writes its own.
        return lines[0] == str(self.child.pid) and lines[7].strip() == "ready"

    def stop(self) -> None:
        """Shut it down cleanly; connections are ended, nothing is lost."""
        if self.child is not None:
            self.child.stop(grace=60)
            self.child = None

    def kill(self) -> None:
        """SIGKILL for it and all its processes, as a crash of the machine would."""
        if self.child is not None:
            backends = children_of(self.child.pid)
            self.child.kill()
            for backend in backends:
                backend.signal(signal.SIGKILL)
            wait_gone(backends, seconds=10)
            self.child = None

    def end_predecessor(self) -> list[Identity]:
        """Stop a server that an earlier process left on this folder.

        Returns who had to be stopped, empty almost always.
        """
        left = running("postgres", self._socket_setting)
        stop_all(left, first=signal.SIGINT)
        # A killed server's sessions end by themselves, but not in the middle of a
        # long statement, and until then no other server may start on their data.
        orphans = [one for one in working_in(self.folder) if one.program == "postgres"]
        stop_all(orphans, first=signal.SIGQUIT, grace=2)
        return left + orphans

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def _socket_setting(self) -> str:
        """An argument that only the servers of this folder have."""
        return f"unix_socket_directories={self.sockets}"

    def _initialise(self, user: struct_passwd | None) -> None:
        """Make the data folder under another name first: there whole or not at all."""
        half_made = self.folder.with_name(f"{self.folder.name}.new")
        shutil.rmtree(half_made, ignore_errors=True)
        half_made.mkdir(mode=0o700)
        if user is not None:
            os.chown(half_made, user.pw_uid, user.pw_gid)
        done = subprocess.run(
            [
                str(postgres_binary("initdb")),
                f"--pgdata={_as_seen_by(user, half_made)}",
                f"--username={SUPERUSER}",
                "--auth=trust",
                "--encoding=UTF8",
                # The same order and case rules on every machine, whatever it has.
                "--locale=C",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--no-instructions",
            ],
            capture_output=True,
            text=True,
            check=False,
            user=None if user is None else user.pw_uid,
            group=None if user is None else user.pw_gid,
            extra_groups=None if user is None else [],
            cwd=half_made,
        )
        if done.returncode != 0:
            said = " / ".join(done.stderr.strip().splitlines()[-3:])
            raise StartFailed(f"PostgreSQL's initdb failed in {half_made}: {said}")
        half_made.rename(self.folder)


def socket_folder(data: Path) -> Path:
    """Where the server of this data folder has its socket.

    Short, since a socket's whole path may have 107 characters at most, and one
    and the same for everybody who asks, whatever their own ``TMPDIR``.
    """
    digest = hashlib.sha256(os.fsencode(data.absolute())).hexdigest()[:12]
    base = Path("/tmp") if Path("/tmp").is_dir() else Path(tempfile.gettempdir())
    return base / f"runledger-{os.getuid()}-{digest}"


def _make_private(folder: Path, user: struct_passwd | None) -> None:
    """Make ``folder`` readable for its user alone, and no trap of another's."""
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    found = folder.lstat()
    owners = {os.getuid()} if user is None else {os.getuid(), user.pw_uid}
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in owners:
        raise StackError(
            f"{folder}, where PostgreSQL's socket belongs, is somebody else's: "
            "remove it and start again."
        )
    if user is not None:
        os.chown(folder, user.pw_uid, user.pw_gid)
    folder.chmod(0o700)


def _as_seen_by(user: struct_passwd | None, folder: Path) -> str:
    """A path of ``folder`` for a process of ``user`` that starts in it.

    Another user need not be let through the folders above, which may be root's own,
    and may be closed again at any time (pytest does so to its temporary ones).
    """
    here = Path("/proc/self/cwd")
    if user is None:
        return str(folder)
    if here.exists():
        return str(here)
    system_user.let_through(folder)
    return str(folder)


def _clear_if_reused(lock: Path) -> None:
    """Remove a lock whose pid has gone to a process that is no server of this folder.

    PostgreSQL clears the lock of a pid that is gone itself, and looks for sessions
    that outlived their server before it does; a pid in use it takes for a server.
    """
    with suppress(FileNotFoundError, ValueError):
        holder = Identity.of(int(lock.read_text().split("\n")[0]))
        if holder is not None:
            lock.unlink()
