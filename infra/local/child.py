"""One process that we start, with its log, and end again."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

from infra.local.errors import StartFailed
from infra.local.processes import POLL, Identity

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path
    from pwd import struct_passwd

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


class Child:
    """A process of ours: its own process group, output appended to ``log``.

    On Linux it gets ``stop_signal`` when we die without stopping it, so that a
    killed parent leaves little behind. The kernel ties that to the thread that
    starts it, so it holds only for children that the main thread starts.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        log: Path,
        environ: Mapping[str, str] | None = None,
        user: struct_passwd | None = None,
        cwd: Path | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
    ) -> None:
        self.name = name
        self.log = log
        self.stop_signal = stop_signal
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            self._log_start = output.tell()
            self._process = subprocess.Popen(
                list(command),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=None if environ is None else dict(environ),
                cwd=cwd,
                # A group of its own: Ctrl-C is ours to pass on, in our order.
                start_new_session=True,
                preexec_fn=self._end_with_parent(),
                user=None if user is None else user.pw_uid,
                group=None if user is None else user.pw_gid,
                extra_groups=None if user is None else [],
            )
        self.pid = self._process.pid
        found = Identity.of(self.pid)
        # Ended already: no process to be mistaken about.
        self.identity = found or Identity(self.pid, "ended")

    @property
    def exit_code(self) -> int | None:
        """How it ended: None while it runs, negative for a signal's number."""
        return self._process.poll()

    @property
    def running(self) -> bool:
        return self.exit_code is None

    def ask_to_stop(self) -> None:
        if self.running:
            self._process.send_signal(self.stop_signal)

    def stop(self, grace: float) -> None:
        """Ask it to stop, kill it after ``grace`` seconds, return when it is gone."""
        self.ask_to_stop()
        try:
            self._process.wait(grace)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """SIGKILL, and return when it is gone."""
        self._process.kill()
        self._process.wait()

    def wait_until(self, ready: Callable[[], bool], seconds: float) -> None:
        """Wait until ``ready()``.

        Raises:
            StartFailed: it ended first, or was not ready after ``seconds``.
        """
        deadline = time.monotonic() + seconds
        while not ready():
            if not self.running:
                raise StartFailed(self.obituary())
            if time.monotonic() > deadline:
                raise StartFailed(
                    f"{self.name} was not ready after {seconds:.0f} s: "
                    f"{self.last_words()} (whole log: {self.log})"
                )
            time.sleep(POLL)

    def obituary(self) -> str:
        """One sentence for a person: how it ended and what it said last."""
        code = self.exit_code
        how = (
            f"was killed by {signal.Signals(-code).name}"
            if code is not None and code < 0
            else f"ended with exit code {code}"
        )
        return f"{self.name} {how}: {self.last_words()} (whole log: {self.log})"

    def last_words(self, lines: int = 3) -> str:
        """The last lines that this process wrote, on one line."""
        with self.log.open("rb") as log:
            end = log.seek(0, os.SEEK_END)
            log.seek(max(self._log_start, end - 4096))
            tail = log.read().decode(errors="replace").splitlines()
        said = [line.strip() for line in tail if line.strip()][-lines:]
        whole = " / ".join(said) or "it said nothing"
        return whole if len(whole) <= 500 else f"...{whole[-497:]}"

    def _end_with_parent(self) -> Callable[[], None] | None:
        libc = _libc
        if libc is None or threading.current_thread() is not threading.main_thread():
            return None
        number = int(self.stop_signal)
        parent = os.getpid()

        def ask_kernel() -> None:
            libc.prctl(_PR_SET_PDEATHSIG, number)
            if os.getppid() != parent:
                os._exit(1)

        return ask_kernel
