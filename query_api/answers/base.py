"""What all answers have in common."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

Seconds = Annotated[float, Field(ge=0, description="Seconds, to the microsecond.")]


class Shape(BaseModel):
    """Base of all: nothing is answered that is not described."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)


class Placed(Shape):
    position: int
    """Everything up to this place of the log is in the answer."""
    stale: bool
    """What the caller had asked for did not arrive in time: this is older."""


class Listed(Placed):
    next: str | None
    """Cursor of the next page; null where this is the last one."""
    degraded: list[UUID]
    """Runs of this answer whose newest events could not be applied to it."""
