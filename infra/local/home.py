"""RUNLEDGER_HOME: the one folder of a stack, what lies where, and whose it is now."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from infra.local.errors import DiskFull, StackError
from infra.local.processes import POLL, Identity

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NEEDED_BYTES = 500_000_000


@dataclass
class Record:
    """What runs for a home: written by its supervisor, read by everybody else."""

    supervisor: Identity
    children: dict[str, Identity] = field(default_factory=dict)
    ready: bool = False
    database_url: str = ""
    kafka_bootstrap: str = ""

    @classmethod
    def read(cls, text: str) -> Record:
        fields: dict[str, Any] = json.loads(text)
        fields["supervisor"] = Identity(**fields["supervisor"])
        fields["children"] = {
            name: Identity(**child) for name, child in fields["children"].items()
        }
        return cls(**fields)


class Home:
    """The folder of one stack."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.expanduser().absolute()
        self.postgres = self.folder / "postgres"
        self.kafka = self.folder / "kafka"
        self.logs = self.folder / "logs"
        self.client = self.folder / "client.json"
        self.sample = self.folder / "sample"
        self.sample_worker = self.folder / "sample-worker.json"

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def make_folders(self) -> None:
        """Make the folder, for its owner alone, and that of the logs.

        Raises:
            StackError: nothing can be written there.
        """
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.logs.mkdir(mode=0o700, exist_ok=True)
        except (PermissionError, FileExistsError, NotADirectoryError) as error:
            raise StackError(
                f"{self.folder} cannot be used as a stack's folder ({error.strerror}): "
                "choose another one with --home or RUNLEDGER_HOME."
            ) from error

    def make(self) -> None:
        """Make the folders and turn over the logs of last time.

        Raises:
            DiskFull: there is too little room for a stack.
        """
        self.make_folders()
        require_room(self.folder)
        for log in self.logs.glob("*.log"):
            # The supervisor's own is open: whoever started it has turned it over.
            if log.name != "up.log":
                turn_over(log)

    @contextmanager
    def held(self, patience: float = 0.0) -> Iterator[bool]:
        """Whether this process holds the home now, for as long as the block runs.

        The kernel frees it when its holder dies, however that dies. Somebody who
        only looks (``in_use``) holds it for a moment: hence ``patience``, in seconds.
        """
        deadline = time.monotonic() + patience
        self.make_folders()
        descriptor = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            while not (locked := _try_lock(descriptor)):
                if time.monotonic() >= deadline:
                    break
                time.sleep(POLL)
            yield locked
        finally:
            os.close(descriptor)

    @property
    def exists(self) -> bool:
        """Whether there has ever been a stack."""
        return self.folder.joinpath("lock").exists()

    @property
    def in_use(self) -> bool:
        """Whether a supervisor runs for this home."""
        if not self.exists:
            return False
        with self.held() as free:
            return not free

    def record(self) -> Record | None:
        """What the last supervisor wrote; None when it stopped in good order."""
        try:
            return Record.read(self._record.read_text())
        except (FileNotFoundError, ValueError, TypeError, KeyError):
            return None

    def write_record(self, record: Record) -> None:
        write_whole(self._record, json.dumps(asdict(record), indent=2))

    def forget_record(self) -> None:
        self._record.unlink(missing_ok=True)

    @property
    def _record(self) -> Path:
        return self.folder / "stack.json"


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def require_room(folder: Path, needed: int = NEEDED_BYTES) -> None:
    """Make sure that there is room for a stack in ``folder``.

    Raises:
        DiskFull: there is not.
    """
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise DiskFull(
            f"The disk of {folder} has {free // 10**6} MB free and the stack needs "
            f"{needed // 10**6} MB: make room, or choose another folder with --home or "
            "RUNLEDGER_HOME."
        )


def write_whole(file: Path, text: str) -> None:
    """Write a file, for its owner alone, that is never seen half written."""
    half = file.with_name(f"{file.name}.new")
    descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as output:
        output.write(text)
    half.rename(file)


def turn_over(log: Path) -> None:
    """Keep a log of last time beside the one to come."""
    if log.exists():
        log.replace(log.with_suffix(".log.1"))
