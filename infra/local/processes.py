"""Processes told apart for certain: a pid together with when it started.

A pid alone is reused sooner or later, so nothing here signals a process on the
strength of its number.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

POLL = 0.02
"""Seconds between two looks at something that gives no notice of its own."""

_PROC = Path("/proc")


@dataclass(frozen=True)
class Identity:
    """One process, never mistaken for a later one that got the same pid."""

    pid: int
    started: str

    @classmethod
    def of(cls, pid: int) -> Identity | None:
        """The process that has ``pid`` now, None where there is none."""
        started = _started(pid)
        return None if started is None else cls(pid, started)

    @property
    def alive(self) -> bool:
        return _started(self.pid) == self.started

    @property
    def program(self) -> str:
        """Its name as the kernel has it, empty when it has ended."""
        if _PROC.joinpath("self").exists():
            with suppress(OSError):
                return _PROC.joinpath(str(self.pid), "comm").read_text().strip()
            return ""
        return os.path.basename(_ps("-o", "comm=", "-p", str(self.pid)).strip())

    def signal(self, number: signal.Signals) -> None:
        """Send a signal, unless the process has ended."""
        if self.alive:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)


def stop_all(
    processes: Iterable[Identity],
    *,
    first: signal.Signals = signal.SIGTERM,
    grace: float = 20.0,
) -> None:
    """End these processes and return when they are gone.

    They are asked with ``first``; what is left after ``grace`` seconds is killed.
    """
    waiting = list(processes)
    for process in waiting:
        process.signal(first)
    if not wait_gone(waiting, grace):
        for process in waiting:
            process.signal(signal.SIGKILL)
        wait_gone(waiting, grace)


def wait_gone(processes: Iterable[Identity], seconds: float) -> bool:
    """Wait until all have ended; False when some live on after ``seconds``."""
    deadline = time.monotonic() + seconds
    waiting = list(processes)
    while waiting := [process for process in waiting if process.alive]:
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL)
    return True


def running(program: str, argument: str) -> list[Identity]:
    """The processes of ``program`` that have exactly ``argument`` in their command.

    With a path inside a stack's folder as argument, a server is that stack's own.
    """
    return [
        identity
        for pid, (command, *arguments) in _command_lines()
        if os.path.basename(command) == program
        and argument in arguments
        and (identity := Identity.of(pid)) is not None
    ]


def working_in(folder: Path) -> list[Identity]:
    """The processes whose working directory is ``folder``, where the system tells."""
    found: list[Identity] = []
    for pid in _pids():
        # Other users' are not shown, and any may end meanwhile.
        with suppress(OSError):
            if os.readlink(_PROC / str(pid) / "cwd") == str(folder):
                identity = Identity.of(pid)
                found += [identity] if identity is not None else []
    return found


def children_of(pid: int) -> list[Identity]:
    """The processes that ``pid`` has started itself and that still run."""
    found: list[Identity] = []
    for child, parent in _parents():
        if parent == pid and (identity := Identity.of(child)) is not None:
            found.append(identity)
    return found


def command_of(pid: int) -> str:
    """The command line of ``pid`` as a person would type it, shortened."""
    for candidate, arguments in _command_lines():
        if candidate == pid:
            line = " ".join(arguments)
            return line if len(line) <= 80 else f"{line[:77]}..."
    return "?"


def _started(pid: int) -> str | None:
    if _PROC.joinpath("self").exists():
        fields = _stat(pid)
        # Field 3 is the state: a zombie has ended, only its parent has not looked.
        if fields is None or fields[0] in "ZX":
            return None
        return f"{_boot()}:{fields[19]}"
    line = _ps("-o", "stat=,lstart=", "-p", str(pid)).strip()
    state, _, started = line.partition(" ")
    return None if not line or state.startswith("Z") else started.strip()


def _stat(pid: int) -> list[str] | None:
    """Fields 3 and on of the kernel's line about ``pid``."""
    try:
        line = _PROC.joinpath(str(pid), "stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # Field 2 is the command's name in brackets and may hold blanks and brackets.
    return line.rpartition(")")[2].split()


@cache
def _boot() -> str:
    """Which boot this is: start times count from it."""
    try:
        return _PROC.joinpath("sys/kernel/random/boot_id").read_text().strip()[:8]
    except OSError:
        return "boot"


def _command_lines() -> Iterator[tuple[int, list[str]]]:
    if not _PROC.joinpath("self").exists():
        for line in _ps("-axo", "pid=,command=").splitlines():
            pid, _, command = line.strip().partition(" ")
            yield int(pid), command.split() or [""]
        return
    for found in _pids():
        with suppress(OSError):
            raw = _PROC.joinpath(str(found), "cmdline").read_bytes()
            if raw:
                parts = raw.removesuffix(b"\0").split(b"\0")
                yield found, [os.fsdecode(part) for part in parts]


def _parents() -> Iterator[tuple[int, int]]:
    if not _PROC.joinpath("self").exists():
        for line in _ps("-axo", "pid=,ppid=").splitlines():
            pid, parent = line.split()
            yield int(pid), int(parent)
        return
    for found in _pids():
        if (fields := _stat(found)) is not None:
            yield found, int(fields[1])


def _pids() -> Iterator[int]:
    if _PROC.joinpath("self").exists():
        yield from (
            int(entry.name) for entry in _PROC.iterdir() if entry.name.isdigit()
        )


def _ps(*arguments: str) -> str:
    return subprocess.run(
        ["ps", *arguments], capture_output=True, text=True, check=False
    ).stdout
