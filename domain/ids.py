"""Identities, and how the derived ones are made."""

from __future__ import annotations

import os
import time
from typing import Annotated, NewType
from uuid import UUID, uuid5

from pydantic import StringConstraints

RunId = NewType("RunId", UUID)
Namespace = NewType("Namespace", str)

_WORKFLOWS = UUID("6b1d3c1e-7f55-5f0e-9a6c-1f1d3a0c5a11")

NamespaceName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]

Name = Annotated[
    str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f/]+$")
]
"""A workflow's or a step's name: one line, no slash (it stands in paths)."""

Line = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00-\x1f]*$")]
"""A short text of one line: an actor, a source, an external id."""

Text = Annotated[str, StringConstraints(max_length=16_384, pattern=r"^[^\x00]*$")]
"""Free text of people: reasons, comments, feedback. PostgreSQL stores no NUL."""


def workflow_stream(namespace: str, name: str) -> UUID:
    """The stream of a workflow: its version *n* is the stream's event *n*."""
    return uuid5(_WORKFLOWS, f"{namespace}/{name}")


def new_id() -> UUID:
    """A UUIDv7: the time in front, so that ids made one after the other lie together.

    Not for decisions: they are told their ids.
    """
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10), "big")
    return UUID(
        int=(milliseconds & (1 << 48) - 1) << 80
        | 0x7 << 76
        | (random >> 64 & 0xFFF) << 64
        | 0b10 << 62
        | random & (1 << 62) - 1
    )
