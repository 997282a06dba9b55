"""Starts a stack whose supervisor goes on when the terminal is left."""

from __future__ import annotations

import subprocess
import time
from typing import TYPE_CHECKING

from infra.local.errors import StackError
from infra.local.home import turn_over
from infra.local.processes import POLL
from infra.local.services import environment, server_command
from infra.local.up import addresses

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from infra.local.home import Home
    from infra.local.up import Addresses
    from infra.settings import Settings


def bring_up_detached(
    settings: Settings, home: Home, say: Callable[[str], None]
) -> Addresses:
    """Start a supervisor in a session of its own and return when all is ready.

    What it says meanwhile is said here too; later it goes to ``logs/up.log``.

    Raises:
        StackError: it gave up; the message is its own.
    """
    home.make_folders()
    log = home.log("up")
    turn_over(log)
    with log.open("ab") as output:
        supervisor = subprocess.Popen(
            server_command("up"),
            env=environment(settings, settings.database_url, settings.kafka_bootstrap),
            cwd=home.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=output,
            start_new_session=True,
        )
    relay = _Relay(log, say)
    try:
        while True:
            relay.pass_on()
            record = home.record()
            if record is not None and record.supervisor.pid == supervisor.pid:
                found = addresses(home)
                if found is not None:
                    relay.pass_on()
                    return found
            if supervisor.poll() is not None:
                raise StackError(relay.last() or f"It gave up silently: see {log}.")
            time.sleep(POLL)
    except BaseException:
        supervisor.terminate()
        supervisor.wait()
        raise


class _Relay:
    """Says every line that is added to a log, but for the error at its end."""

    def __init__(self, log: Path, say: Callable[[str], None]) -> None:
        self._input = log.open()
        self._say = say
        self._rest = ""

    def pass_on(self) -> None:
        *lines, self._rest = (self._rest + self._input.read()).split("\n")
        for number, line in enumerate(lines):
            if line.startswith("Error: "):
                self._rest = "\n".join(lines[number:])
                return
            self._say(line)

    def last(self) -> str:
        """The error that it ended with, as it was said."""
        self._rest += self._input.read()
        return self._rest.strip().removeprefix("Error: ")
