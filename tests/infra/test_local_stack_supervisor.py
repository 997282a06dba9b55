"""The supervisor with small members of its own: real processes, real signals."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from infra.local.child import Child
from infra.local.errors import StartFailed
from infra.local.home import Home, Record
from infra.local.processes import Identity
from infra.local.supervisor import Supervisor, stoppable
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from pathlib import Path


class Script:
    """A member that runs a few lines of Python; ready when its log says so."""

    def __init__(self, home: Home, name: str, code: str) -> None:
        self.name = name
        self.child: Child | None = None
        self._command = [sys.executable, "-c", code]
        self._log = home.log(name)

    def prepare(self) -> None:
        pass

    def spawn(self) -> Child:
        self.child = Child(self.name, self._command, log=self._log)
        return self.child

    def ready(self) -> bool:
        return "ready" in self._log.read_text()

    def stop(self) -> None:
        if self.child is not None:
            self.child.stop(grace=5)


RUNS = "import signal; print('ready', flush=True); signal.pause()"
SAYS_WHEN_STOPPED = """
import signal, sys
def stop(*_):
    open({journal!r}, "a").write({name!r} + " ")
    sys.exit()
signal.signal(signal.SIGTERM, stop)
print("ready", flush=True)
signal.pause()
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.make()
    return home


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def supervisor(home: Home, said: list[str]) -> Supervisor:
    myself = Identity.of(os.getpid())
    assert myself is not None
    return Supervisor(home, Record(supervisor=myself), said.append)


def test_a_member_that_dies_is_started_again_and_its_last_words_are_told(
    home: Home, supervisor: Supervisor, said: list[str]
) -> None:
    member = Script(home, "publisher", RUNS)
    supervisor.start(member)
    supervisor.wait_ready(member)
    first = member.child
    assert first is not None

    def another_is_recorded() -> bool:
        record = home.record()
        return record is not None and record.children["publisher"] != first.identity

    def kill_it_then_stop_us() -> None:
        first.identity.signal(signal.SIGKILL)
        eventually(another_is_recorded)
        os.kill(os.getpid(), signal.SIGTERM)

    meanwhile = threading.Thread(target=kill_it_then_stop_us)
    meanwhile.start()
    with stoppable():
        supervisor.watch()
    meanwhile.join()

    record = home.record()
    assert record is not None
    assert record.children["publisher"] != first.identity
    assert record.children["publisher"].alive
    supervisor.stop()
    assert not record.children["publisher"].alive
    assert home.record() is None
    (line,) = said
    assert line.startswith("publisher was killed by SIGKILL: ready (whole log: ")
    assert line.endswith("; starting it again in 0.5 s.")


def test_members_are_stopped_in_the_reverse_order_of_their_start(
    home: Home, supervisor: Supervisor
) -> None:
    journal = home.folder / "journal"
    for name in ("postgres", "publisher", "query-api"):
        code = SAYS_WHEN_STOPPED.format(journal=str(journal), name=name)
        member = Script(home, name, code)
        supervisor.start(member)
        supervisor.wait_ready(member)
    supervisor.stop()
    assert journal.read_text().split() == ["query-api", "publisher", "postgres"]


def test_a_member_that_cannot_start_is_named_with_its_last_words(
    home: Home, supervisor: Supervisor
) -> None:
    fine = Script(home, "projector", RUNS)
    broken = Script(home, "publisher", "raise SystemExit('no such database')")
    supervisor.start(fine, broken)
    with pytest.raises(
        StartFailed, match=r"publisher ended with exit code 1: no such database .*log"
    ):
        supervisor.wait_ready(fine, broken)
    assert fine.child is not None
    supervisor.stop()
    assert not fine.child.running


def test_a_child_is_asked_to_stop_when_its_parent_is_killed(tmp_path: Path) -> None:
    if sys.platform != "linux":
        pytest.skip("only Linux ties a child to its parent")
    starts_one = (
        "import pathlib, sys, os, signal\n"
        "from infra.local.child import Child\n"
        "code = 'import signal; signal.pause()'\n"
        "child = Child('child', [sys.executable, '-c', code],"
        " log=pathlib.Path(sys.argv[1]))\n"
        "print(child.pid, child.identity.started, flush=True)\n"
        "signal.pause()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", starts_one, str(tmp_path / "child.log")],
        stdout=subprocess.PIPE,
        text=True,
    ) as parent:
        assert parent.stdout is not None
        pid, started = parent.stdout.readline().split()
        child = Identity(int(pid), started)
        assert child.alive
        parent.kill()
    eventually(lambda: not child.alive)
