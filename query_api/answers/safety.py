"""Whether steps may run again without harm."""

from __future__ import annotations

from uuid import UUID

from domain.run.events import StepVerdict
from query_api.answers.base import Placed, Shape


class Carried(Shape):
    """A step that is not run again: its output is taken over."""

    step: str
    from_run: UUID
    attempt: int | None


class Safety(Placed):
    run_id: UUID
    workflow: str
    number: int
    version: int
    """Of the run, as it was looked at. Send it with the command as If-Match."""
    verdicts: list[StepVerdict]
    """For each step that would run again, in the order of the definition."""
    must_accept: bool
    """Not all are safe: the command is refused without `accept_unsafe`."""
    allowed: bool
    """The caller may send the command now (with `accept_unsafe`, where it must)."""
    code: str | None
    """Of the refusal that it would meet otherwise."""
    why_not: str | None


class RetrySafety(Safety):
    retry_from: str
    workflow_version: int
    """Of the new run."""
    carried: list[Carried]
    """Steps that would not run again."""


class RedoSafety(Safety):
    step: str
    redone: str | None
    """The step that would be done again: the one asked for, or the one under review by
    it. Null: it is an approval of several."""
