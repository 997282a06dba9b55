"""What people have decided, and who may: parts of approvals and of steps."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import JsonValue

from query_api.answers.base import Shape


class Decision(Shape):
    actor: str
    decision: Literal["approved", "rejected"]
    at: datetime
    comment: str
    form: JsonValue
    """What the policy's form asks for, filled in."""
    on_behalf_of: str | None
    """In whose place, where it was delegated."""
    groups: list[str]
    """Groups of the policy that the person belonged to then."""


class Delegation(Shape):
    """``actor`` has ``to`` decide in their place; or hands back what came from them."""

    actor: str
    to: str
    at: datetime
    comment: str


class Barred(Shape):
    """One who does not decide, since it is about their own."""

    person: str
    why: str


class SentBack(Shape):
    """What led to another iteration."""

    step: str
    """The one sent back to work."""
    by: str
    at: datetime
    feedback: str
    after_rejection: bool
    """It followed from a rejection, as the workflow has it."""


class Standing(Shape):
    """What one person may do about it: whom was asked for, else the caller."""

    person: str
    may_decide: bool
    why_not: str | None
    in_place_of: str | None
    """Whose place the person has been given."""
