"""The items of a bulk operation, what became of each, and the digest of a list."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Literal, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Result = Literal["done", "nothing", "refused", "not_found"]
RESULTS: tuple[Result, ...] = ("done", "nothing", "refused", "not_found")

MOST_MESSAGE = 300
"""Characters of a refusal's message; the table of refusals has the whole."""

MOST_BYTES = 128 * 1024
"""Of the items of one event; an event may have twice as much."""


class BulkItem(BaseModel):
    """A run, or the question of one of its steps as it was when the list was made."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    run_id: UUID
    workflow: str = ""
    """Empty where no such run was known."""
    number: int = 0
    step: str | None = None
    iteration: int | None = None
    subject_digest: str | None = None
    """What people were shown: nobody approves anything else by this."""

    @property
    def name(self) -> str:
        run = f"{self.workflow}#{self.number}" if self.workflow else str(self.run_id)
        return run if self.step is None else f"{run} {self.step}"


class ItemResult(BaseModel):
    """What became of an item."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    result: Result
    version: int | None = None
    """Of the run, after it."""
    position: int | None = None
    """Of the run's last event then."""
    code: str = ""
    """Of the refusal."""
    message: str = ""
    new_run: UUID | None = None
    """The run that a retry made."""
    new_number: int | None = None


def list_digest(items: Sequence[BulkItem], position: int) -> str:
    """What names a list: how many, as of which position, and SHA-256 of them all.

    Two lists of the same items differ in the position alone; see ``same_list``.
    """
    lines = sorted(
        f"{item.run_id} {item.iteration} {item.subject_digest} {item.step}"
        for item in items
    )
    found = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    return f"{len(items)}-{position}-{found}"


def same_list(one: str, other: str) -> bool:
    return one.rpartition("-")[2] == other.rpartition("-")[2]


def previewed_total(digest: str) -> int:
    return int(digest.partition("-")[0])


def previewed_position(digest: str) -> int:
    return int(digest.split("-")[1])


M = TypeVar("M", bound=BaseModel)


def pieces(items: Sequence[M], most: int) -> Iterator[tuple[int, tuple[M, ...]]]:
    """Pieces that fit an event, each with the place of its first item, from 1."""
    first, piece, size = 1, list[M](), 0
    for item in items:
        own = len(item.model_dump_json(exclude_defaults=True).encode())
        if piece and (len(piece) >= most or size + own > MOST_BYTES):
            yield first, tuple(piece)
            first, piece, size = first + len(piece), [], 0
        piece.append(item)
        size += own
    if piece:
        yield first, tuple(piece)
