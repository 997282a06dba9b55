"""Loopback ports: is one free, and who has it if not."""

from __future__ import annotations

import errno
import os
import random
import socket
import sys
from contextlib import suppress
from pathlib import Path

from infra.local.errors import PortTaken, StackError
from infra.local.processes import command_of

LOOPBACK = "127.0.0.1"

_LISTEN = "0A"
_FIRST_PORT, _FIRST_CLIENT_PORT = 20_000, 32_768


def answers(port: int, host: str = LOOPBACK) -> bool:
    """Whether something accepts connections on ``port`` now."""
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex((host, port)) == 0


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on now, in a row: for tests and benchmarks.

    Nobody else who asks here gets them before this process has ended. They lie below
    those that the system gives to clients: who polls such a port before its server
    listens may be given that very port, and is connected to itself.
    """
    while True:
        first = random.randrange(_FIRST_PORT, _FIRST_CLIENT_PORT - count)
        with suppress(PortTaken):
            for port in range(first, first + count):
                require_free(port, "a test")
                _reserve(port)
            return list(range(first, first + count))


def _reserve(port: int) -> None:
    """Tell other processes that ask for free ports that this one is promised."""
    if sys.platform != "linux":
        return
    # A name that is in no file system, and is free again when we end, however.
    reservation = socket.socket(socket.AF_UNIX)
    try:
        reservation.bind(f"\0runledger-port-{port}")
    except OSError as error:
        reservation.close()
        raise PortTaken(f"Port {port} is promised to another process.") from error
    reservation.detach()


def require_free(port: int, purpose: str, host: str = LOOPBACK) -> None:
    """Make sure that a server of ours could listen on ``port``.

    Raises:
        PortTaken: something else does; the message names it where it can be found.
        StackError: nobody could: there is no such address, or the port is reserved.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        # As the servers do: a connection in TIME_WAIT does not hold a port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise StackError(
                    f"Nothing can listen on {host}, port {port}, for {purpose} "
                    f"({error.strerror}): set RUNLEDGER_HOST to an address of this "
                    "machine, and RUNLEDGER_PORT to a port that is allowed."
                ) from error
            owner = listener_on(port)
            by = f" by process {owner} ({command_of(owner)})" if owner else ""
            raise PortTaken(
                f"Port {port}, meant for {purpose}, is in use{by}: stop that, or "
                "choose another block of four ports with --port or RUNLEDGER_PORT."
            ) from error


def listener_on(port: int) -> int | None:
    """The pid that listens on ``port``, None where the system does not tell us."""
    inodes = set(_listening_inodes(port))
    if not inodes:
        return None
    wanted = {f"socket:[{inode}]" for inode in inodes}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            # Other users' processes do not show theirs, and any may end meanwhile.
            with suppress(OSError):
                for descriptor in entry.joinpath("fd").iterdir():
                    if os.readlink(descriptor) in wanted:
                        return int(entry.name)
    return None


def _listening_inodes(port: int) -> list[str]:
    inodes: list[str] = []
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with suppress(OSError):
            for line in Path(table).read_text().splitlines()[1:]:
                fields = line.split()
                local, state, inode = fields[1], fields[3], fields[9]
                if state == _LISTEN and int(local.rpartition(":")[2], 16) == port:
                    inodes.append(inode)
    return inodes
