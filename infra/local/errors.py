"""What can go wrong with a local stack, each said in one sentence to its owner."""

from __future__ import annotations

import errno


class StackError(Exception):
    """The local stack cannot go on; the message says why and what to do."""


class StartFailed(StackError):
    """A server or process of the stack ended, or never became ready, at its start."""


class PortTaken(StackError):
    """A port that the stack needs is in use by something else."""


class DiskFull(StackError):
    """The disk under the stack's folder has too little room."""


def is_disk_full(error: OSError) -> bool:
    """Whether ``error`` means that no more can be written."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT)
