"""The real servers of a local stack: what a crash, a kill or a half start leaves."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import psycopg
import pytest

from infra.local.processes import Identity, wait_gone
from infra.local.stack import (
    KafkaBroker,
    PortTaken,
    PostgresServer,
    StackError,
    StartFailed,
    free_ports,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[PostgresServer]:
    with PostgresServer(tmp_path / "postgres") as server:
        yield server


def test_what_was_committed_survives_a_kill(postgres: PostgresServer) -> None:
    with psycopg.connect(postgres.url(), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
        postgres.kill()
    postgres.start()
    with psycopg.connect(postgres.url()) as connection:
        assert connection.execute("SELECT number FROM kept").fetchone() == (7,)


def test_sessions_run_without_jit_and_with_durable_commits(
    postgres: PostgresServer,
) -> None:
    with psycopg.connect(postgres.url()) as connection:
        shown = [
            connection.execute(f"SHOW {name}").fetchone()
            for name in ("jit", "synchronous_commit", "fsync", "listen_addresses")
        ]
    assert shown == [("off",), ("on",), ("on",), ("",)]


def test_a_folder_deeper_than_a_socket_path_may_be_works(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["a-folder-with-a-rather-long-name"] * 5)
    deep.mkdir(parents=True)
    with (
        PostgresServer(deep / "postgres") as server,
        psycopg.connect(server.url()) as connection,
    ):
        assert len(str(server.folder)) > 107
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_folder_above_may_be_closed_to_others_at_any_time(tmp_path: Path) -> None:
    above = tmp_path / "private"
    above.mkdir(mode=0o700)
    with PostgresServer(above / "postgres") as server:
        above.chmod(0o700)
        with psycopg.connect(server.url(), autocommit=True) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 1 AS number")
            connection.execute("CHECKPOINT")
        server.kill()
        server.start()
        assert server.ready()


def test_a_half_made_data_folder_is_made_anew(tmp_path: Path) -> None:
    half_made = tmp_path / "postgres.new"
    half_made.mkdir()
    half_made.joinpath("PG_VERSION").write_text("18\n")
    with PostgresServer(tmp_path / "postgres") as server:
        assert server.ready()
    assert not half_made.exists()


def test_a_lock_whose_pid_belongs_to_somebody_else_is_no_obstacle(
    postgres: PostgresServer,
) -> None:
    lock = postgres.folder / "postmaster.pid"
    postgres.kill()
    ours, _, rest = lock.read_text().partition("\n")
    assert ours.isdigit()
    lock.write_text(f"{os.getpid()}\n{rest}")
    postgres.start()
    assert postgres.ready()


def test_sessions_that_outlive_their_server_are_ended_before_the_next_start(
    postgres: PostgresServer,
) -> None:
    assert postgres.child is not None
    server = postgres.child.identity
    with psycopg.connect(postgres.url(), autocommit=True) as connection:
        session = Identity.of(connection.info.backend_pid)
        assert session is not None
        # Stopped, it does not notice that its server is gone.
        session.signal(signal.SIGSTOP)
        server.signal(signal.SIGKILL)
        assert wait_gone([server], seconds=60)
        assert session.alive
        # Others of its processes may still be on their way out, and be named too.
        assert session in postgres.end_predecessor()
        assert not session.alive
    postgres.start()
    assert postgres.ready()


def test_a_server_that_a_dead_process_left_behind_is_stopped(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "postgres"
    # A thread other than the main one starts it, so it outlives the process.
    leave_one = (
        "import pathlib, sys, threading\n"
        "from infra.local.stack import PostgresServer\n"
        "server = PostgresServer(pathlib.Path(sys.argv[1]))\n"
        "thread = threading.Thread(target=server.start)\n"
        "thread.start(); thread.join()\n"
        "print(server.child.pid)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", leave_one, str(folder)],
        check=True,
        capture_output=True,
        text=True,
    )
    left = Identity.of(int(done.stdout))
    assert left is not None
    assert left.alive
    with PostgresServer(folder) as server:
        assert server.ready()
        assert not left.alive


def test_a_start_that_fails_says_what_the_server_said(tmp_path: Path) -> None:
    server = PostgresServer(tmp_path / "postgres", settings={"max_wal_size": "lots"})
    with pytest.raises(StartFailed, match=r"ended with exit code 1.*max_wal_size.*log"):
        server.start()


def test_a_port_in_use_is_named_with_who_has_it(tmp_path: Path) -> None:
    port, controller_port = free_ports(2)
    with socket.create_server(("127.0.0.1", port)):
        broker = KafkaBroker(tmp_path / "kafka", port, controller_port)
        with pytest.raises(PortTaken) as caught:
            broker.start()
    said = str(caught.value)
    assert f"Port {port}, meant for Kafka, is in use" in said
    assert f"process {os.getpid()} " in said
    assert "RUNLEDGER_PORT" in said


def test_a_broker_comes_back_from_a_kill_and_a_half_made_folder(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "kafka"
    folder.joinpath("data.new").mkdir(parents=True)
    with KafkaBroker(folder, *free_ports(2)) as broker:
        cluster = folder.joinpath("data/meta.properties").read_text()
        broker.kill()
        assert not broker.ready()
        broker.start()
        assert broker.ready()
    assert not folder.joinpath("data.new").exists()
    assert folder.joinpath("data/meta.properties").read_text() == cluster


def test_jars_other_than_the_listed_ones_are_not_run(tmp_path: Path) -> None:
    from infra.local import jars

    jar = tmp_path / "kafka.jar"
    jar.write_bytes(b"not what was listed")
    with pytest.raises(StackError, match=r"kafka\.jar has the SHA-256 [0-9a-f]{64}"):
        jars.check([jar], {"kafka.jar": "0" * 64})
    with pytest.raises(StackError, match=r"other\.jar is missing"):
        jars.check([jar], {"kafka.jar": "0" * 64, "other.jar": "0" * 64})
