"""What query strings have in common: pages, moments, and how fresh it must be."""

from __future__ import annotations

import re
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from domain.ids import Name, NamespaceName

MAX_LIMIT = 500
MAX_WAIT_S = 30.0

_LOST_PLUS = re.compile(r" (\d\d:?\d\d)$")


def _with_plus(value: Any) -> Any:
    # A plus sign that was not escaped arrives as a space: 12:00:00+01:00.
    return _LOST_PLUS.sub(r"+\1", value) if isinstance(value, str) else value


Moment = Annotated[AwareDatetime, BeforeValidator(_with_plus)]
Position = Annotated[int, Field(ge=0, le=2**62)]
Number = Annotated[int, Field(ge=1, le=2**62)]


class Parameters(BaseModel):
    """Base of all: a name that an address does not know is an error, not ignored."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True
    )


class Fresh(Parameters):
    """What the caller has seen already, and the answer must not fall behind."""

    min_position: Position | None = None
    """Position that a command answered. The answer has everything up to there."""
    strict: bool = False
    """503 where the answer would be stale, instead of saying so in it."""
    wait_s: float = Field(default=2.0, ge=0, le=MAX_WAIT_S)
    """How long to wait for that."""


class Paged(Parameters):
    limit: int = Field(default=50, ge=1, le=MAX_LIMIT)
    cursor: Annotated[str, Field(max_length=2_000)] | None = None
    """The member ``next`` of the page before."""


class FreshPage(Fresh, Paged):
    """What every list takes that is read from the read tables."""


class NamespacePath(Parameters):
    ns: NamespaceName


class RunPath(NamespacePath):
    run_id: UUID


class StepPath(RunPath):
    step: Name


class WorkflowPath(NamespacePath):
    name: Name


class NumberPath(WorkflowPath):
    number: Number
