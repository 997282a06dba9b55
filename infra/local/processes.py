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


def with_argument(argument: str) -> list[Identity]:
    """The running processes that have exactly ``argument`` in their command line.

    A path inside a stack's folder as argument makes a process that stack's own.
    """
    return [
        identity
        for pid, arguments in _command_lines()
        if argument in arguments
        and pid != os.getpid()
        and (identity := Identity.of(pid)) is not None
    ]


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
    return _PROC.joinpath("sys/kernel/random/boot_id").read_text().strip()[:8]


def _command_lines() -> Iterator[tuple[int, list[str]]]:
    if not _PROC.joinpath("self").exists():
        for line in _ps("-axo", "pid=,command=").splitlines():
            pid, _, command = line.strip().partition(" ")
            yield int(pid), command.split()
        return
    for entry in _PROC.iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                raw = entry.joinpath("cmdline").read_bytes()
                arguments = [part.decode(errors="replace") for part in raw.split(b"\0")]
                yield int(entry.name), arguments[:-1]


def _parents() -> Iterator[tuple[int, int]]:
    if not _PROC.joinpath("self").exists():
        for line in _ps("-axo", "pid=,ppid=").splitlines():
            pid, parent = line.split()
            yield int(pid), int(parent)
        return
    for entry in _PROC.iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))) is not None:
            yield int(entry.name), int(fields[1])


def _ps(*arguments: str) -> str:
    return subprocess.run(
        ["ps", *arguments], capture_output=True, text=True, check=False
    ).stdout
