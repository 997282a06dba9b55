"""What every command has in common."""

from __future__ import annotations

from typing import ClassVar

from pydantic import AwareDatetime, BaseModel, ConfigDict

from domain.ids import Line


class Command(BaseModel):
    """A wish, in the imperative. Also the body of the request that makes it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    role: ClassVar[str]
    """What a caller needs to be: operator, approver or worker."""


class Report(Command):
    """A command that tells of work done elsewhere."""

    role: ClassVar[str] = "worker"

    occurred_at: AwareDatetime | None = None
    """When it happened, by the source's clock. Observed runs only."""
    actor: Line | None = None
    """Who did it, if not the caller, who is then kept as recorded_by."""
