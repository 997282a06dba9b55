"""The folder of a stack: who holds it, and what a killed supervisor leaves."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from infra.local.down import end_leftovers, take_down
from infra.local.errors import DiskFull, StackError
from infra.local.home import Home, Record, require_room, turn_over
from infra.local.processes import Identity, running, stop_all
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DIES_LATER = "import sys; sys.stdin.read()"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def process() -> Iterator[subprocess.Popen[bytes]]:
    """A process of somebody's, which runs until it is ended."""
    with subprocess.Popen(
        [sys.executable, "-c", DIES_LATER], stdin=subprocess.PIPE
    ) as running:
        yield running
        running.kill()


def identity(process: subprocess.Popen[bytes]) -> Identity:
    found = Identity.of(process.pid)
    assert found is not None
    return found


def gone() -> Identity:
    """A process that has ended, remembered."""
    with subprocess.Popen(
        [sys.executable, "-c", DIES_LATER], stdin=subprocess.PIPE
    ) as past:
        return identity(past)


def test_a_pid_that_was_given_to_another_process_is_not_signalled(
    process: subprocess.Popen[bytes],
) -> None:
    past = Identity(process.pid, "another-boot:1")
    assert not past.alive
    stop_all([past])
    assert process.poll() is None


def test_a_process_that_ended_and_was_not_waited_for_is_gone(
    process: subprocess.Popen[bytes],
) -> None:
    found = identity(process)
    assert found.alive
    stop_all([found], first=signal.SIGKILL)
    assert not found.alive
    assert process.wait() == -signal.SIGKILL


def test_a_process_that_does_not_listen_is_killed_in_the_end() -> None:
    deaf = (
        "import signal, sys\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "print('deaf', flush=True)\n"
        "sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", deaf], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == b"deaf\n"
        stop_all([identity(running)], grace=0.1)
        assert running.wait() == -signal.SIGKILL


def test_a_server_is_found_by_its_program_and_a_whole_argument(tmp_path: Path) -> None:
    marked = str(tmp_path / "data")
    program = os.path.basename(sys.executable)
    with subprocess.Popen(
        [sys.executable, "-c", DIES_LATER, marked], stdin=subprocess.PIPE
    ) as server:
        # Its arguments can be read a moment after it was started.
        assert eventually(lambda: running(program, marked)) == [identity(server)]
        assert running(program, str(tmp_path)) == []
        # Somebody who looks into the folder, with a pager or a backup, is no server.
        assert running("postgres", marked) == []


def test_a_home_has_one_holder_and_is_free_when_that_one_is_killed(home: Home) -> None:
    hold = (
        "import pathlib, sys\n"
        "from infra.local.home import Home\n"
        "with Home(pathlib.Path(sys.argv[1])).held() as ours:\n"
        "    print(ours, flush=True)\n"
        "    sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", hold, str(home.folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"True\n"
        assert home.in_use
        with home.held() as ours:
            assert not ours
        holder.kill()
        holder.wait()
    with home.held() as ours:
        assert ours


def test_a_record_reads_as_it_was_written(home: Home) -> None:
    home.make()
    record = Record(
        supervisor=Identity(7, "boot:1"),
        children={"kafka": Identity(8, "boot:2")},
        ready=True,
        kafka_bootstrap="127.0.0.1:17452",
    )
    home.write_record(record)
    assert home.record() == record
    home.forget_record()
    assert home.record() is None


def test_what_a_killed_supervisor_left_is_ended_and_nothing_else(
    home: Home, process: subprocess.Popen[bytes]
) -> None:
    home.make()
    with subprocess.Popen(
        [sys.executable, "-c", DIES_LATER], stdin=subprocess.PIPE
    ) as stranger:
        children = {
            "publisher": identity(process),
            # Its pid went to a stranger meanwhile.
            "projector": Identity(stranger.pid, "another-boot:1"),
        }
        home.write_record(Record(supervisor=gone(), children=children))
        said: list[str] = []
        assert end_leftovers(home, said.append) == [children["publisher"]]
        assert process.wait() == -signal.SIGTERM
        assert stranger.poll() is None
    assert said == [
        f"An earlier stack was killed: stopped what it had left ({process.pid})."
    ]
    assert home.record() is None
    assert end_leftovers(home, said.append) == []


def test_down_where_nothing_runs_changes_nothing(home: Home) -> None:
    assert not take_down(home, pytest.fail)
    assert not home.folder.exists()
    home.make()
    assert not take_down(home, pytest.fail)


def test_a_full_disk_is_told_before_anything_starts(tmp_path: Path) -> None:
    with pytest.raises(DiskFull, match=r"MB free and the stack needs .* make room"):
        require_room(tmp_path, needed=10**18)


def test_a_home_that_is_a_file_is_refused(tmp_path: Path) -> None:
    taken = tmp_path / "home"
    taken.touch()
    with pytest.raises(StackError, match=r"--home or RUNLEDGER_HOME"):
        Home(taken).make()


def test_secrets_are_for_the_owner_alone(home: Home) -> None:
    home.make()
    home.write_record(Record(supervisor=gone()))
    assert home.folder.stat().st_mode & 0o077 == 0
    assert home.folder.joinpath("stack.json").stat().st_mode & 0o077 == 0


def test_logs_of_last_time_are_kept_beside_the_new_ones(home: Home) -> None:
    home.make()
    log = home.log("publisher")
    log.write_text("last time")
    turn_over(log)
    turn_over(log)
    assert not log.exists()
    assert home.logs.joinpath("publisher.log.1").read_text() == "last time"
    assert os.listdir(home.logs) == ["publisher.log.1"]
