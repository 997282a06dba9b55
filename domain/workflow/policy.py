"""What a workflow says about approvals: who decides, by when, and what a no means."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

from domain.ids import Line, Name

MAX_SECONDS = 366 * 86_400.0

Seconds = Annotated[float, Field(gt=0, le=MAX_SECONDS, allow_inf_nan=False)]


class ApprovalPolicy(BaseModel):
    """Who may decide, how many of them must agree, and by when."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    later: ClassVar[frozenset[str]] = frozenset(
        {"groups", "rejections", "not_own", "expires_s", "on_expiry", "remind_s"}
        | {"form"}
    )

    approvers: tuple[Line, ...] = ()
    """People by name. Nobody and no group: everybody who holds the role approver."""
    groups: tuple[Line, ...] = ()
    """Their members may decide as well; who belongs to them, the tokens say."""
    required: int = Field(default=1, ge=1, le=100)
    rejections: int = Field(default=1, ge=1, le=100)
    """How many must disagree for it to be rejected."""
    not_own: bool = False
    """Nobody decides about what they brought about: as the run's creator, as the
    reporter of the attempt, or as the author of the redo that led to it."""
    expires_s: Seconds | None = None
    """How long people have, from the question on; a hold of the run changes nothing."""
    on_expiry: Literal["reject", "approve"] = "reject"
    """What an answer that never came counts as."""
    remind_s: Seconds | None = None
    """A reminder is recorded each time so long has passed without an answer."""
    form: dict[str, JsonValue] | None = None
    """JSON Schema (2020-12) of what an approval must bring along."""

    @property
    def open_to_all(self) -> bool:
        """Everybody who holds the role approver may decide."""
        return not self.approvers and not self.groups

    @model_validator(mode="after")
    def _can_be_decided(self) -> Self:
        """Where people are named, whichever way they decide must lead to an end."""
        if not self.approvers or self.groups:
            return self
        people = len(set(self.approvers))
        if self.required > people:
            raise ValueError(
                f"{self.required} must agree, but only {people} may: name more "
                "approvers or require fewer"
            )
        if self.required + self.rejections > people + 1:
            raise ValueError(
                f"{self.required} must agree or {self.rejections} disagree, but only "
                f"{people} may decide: they could all do so and nothing would follow. "
                "Name more approvers or require fewer"
            )
        return self


class OnReject(BaseModel):
    """What a rejection leads to."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    action: Literal["fail", "cancel", "redo"] = "fail"
    step: Name | None = None
    """The step to redo; by default the one whose output was under review."""
