"""What a workflow version is: its steps, what each needs, and what failing means."""

from __future__ import annotations

import hashlib
import json
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

from domain.ids import Name, Text
from domain.workflow.policy import MAX_SECONDS, ApprovalPolicy, OnReject, Seconds

if TYPE_CHECKING:
    from collections.abc import Set

__all__ = [
    "ApprovalPolicy",
    "Backoff",
    "OnReject",
    "StepDefinition",
    "WorkflowDefinition",
]

Fields = dict[str, JsonValue]

MAX_STEPS = 2_000


class Backoff(BaseModel):
    """How long a failed step waits before it is tried again."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    first_s: float = Field(default=0, ge=0, le=MAX_SECONDS, allow_inf_nan=False)
    factor: float = Field(default=2, ge=1, le=100, allow_inf_nan=False)
    """Each further wait of an iteration is so much longer than the one before."""
    most_s: float = Field(default=3_600, ge=0, le=MAX_SECONDS, allow_inf_nan=False)

    def delay_s(self, failures: int) -> float:
        """The wait after so many failures, from 1."""
        # The exponent has a bound so that it cannot overflow; most_s cuts it anyway.
        return min(self.first_s * self.factor ** min(failures - 1, 100), self.most_s)


class StepDefinition(BaseModel):
    """A named place in a workflow version."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    later: ClassVar[frozenset[str]] = frozenset(
        {"queue", "requires", "timeout_s", "backoff", "max_losses"}
    )

    name: Name
    kind: Literal["task", "approval"] = "task"
    needs: tuple[Name, ...] = ()
    effects: Literal["none", "idempotent", "once"] = "idempotent"
    """What running it twice would do to the world; decides what is retried alone."""
    queue: Name | None = None
    """Where workers find its jobs. None: a service carries it out and reports it."""
    requires: tuple[Name, ...] = ()
    """What a worker must be capable of, beside having the step's function."""
    timeout_s: Seconds | None = None
    """How long one attempt may take, from its start."""
    max_attempts: int = Field(default=1, ge=1, le=100)
    """Attempts per iteration before a failure is for good. Lost ones count apart."""
    backoff: Backoff = Backoff()
    max_losses: int = Field(default=5, ge=0, le=100)
    """How often per iteration a lost attempt is followed by another, if its effects
    allow that at all: a job that kills its worker must not do so for ever."""
    approval: ApprovalPolicy | None = None
    """Policy of an approval step, or of a task that asks for approval of its output."""
    on_reject: OnReject = OnReject()
    description: Text = ""

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the definition; a retry carries a step only if it is equal."""
        return _digest(_pinned_step(self, {"description"}))

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        if self.kind == "approval":
            for field in ("queue", "timeout_s", "requires"):
                if getattr(self, field):
                    raise ValueError(
                        f"step {self.name!r} is an approval: nobody carries it out, "
                        f"so it takes no {field}"
                    )
        if self.requires and self.queue is None:
            raise ValueError(
                f"step {self.name!r} requires {self.requires[0]!r} of its workers, "
                "but has no queue: name one"
            )
        return self


class WorkflowDefinition(BaseModel):
    """One version of a workflow, as its author wrote it."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    later: ClassVar[frozenset[str]] = frozenset({"timeout_s", "input_schema"})

    name: Name
    steps: Annotated[tuple[StepDefinition, ...], Field(max_length=MAX_STEPS)] = ()
    """Empty only for observed runs whose graph is not known."""
    on_failure: Literal["drain", "continue"] = "drain"
    timeout_s: Seconds | None = None
    """How long a run may take from being queued, holds and waits included."""
    input_schema: dict[str, JsonValue] | None = None
    """JSON Schema (2020-12) of what a run is given."""
    description: Text = ""
    metadata: dict[str, JsonValue] = Field(default_factory=dict)

    @cached_property
    def digest(self) -> str:
        found = _pinned(self, {"steps"})
        found["steps"] = [_pinned_step(step) for step in self.steps]
        return _digest(found)

    @cached_property
    def by_name(self) -> dict[str, StepDefinition]:
        return {step.name: step for step in self.steps}

    @cached_property
    def ordinals(self) -> dict[str, int]:
        """Place of each step among all, from 0."""
        return {step.name: place for place, step in enumerate(self.steps)}

    @cached_property
    def needed_by(self) -> dict[str, tuple[str, ...]]:
        """For each step the steps that need it directly, in definition order."""
        found: dict[str, list[str]] = {step.name: [] for step in self.steps}
        for step in self.steps:
            for need in step.needs:
                found[need].append(step.name)
        return {name: tuple(steps) for name, steps in found.items()}

    def downstream(self, name: str) -> tuple[str, ...]:
        """Every step built on ``name``, near or far, in definition order."""
        seen: set[str] = set()
        todo = [name]
        while todo:
            for follower in self.needed_by.get(todo.pop(), ()):
                if follower not in seen:
                    seen.add(follower)
                    todo.append(follower)
        return tuple(step.name for step in self.steps if step.name in seen)

    def under_review(self, name: str) -> str | None:
        """The task whose output ``name`` decides about: itself, or what it approves.

        None for an approval of several steps.
        """
        while (step := self.by_name[name]).kind == "approval":
            if len(step.needs) != 1:
                return None
            name = step.needs[0]
        return name

    @model_validator(mode="after")
    def _is_a_graph(self) -> Self:
        known: set[str] = set()
        for step in self.steps:
            if step.name in known:
                raise ValueError(f"two steps are named {step.name!r}: rename one")
            known.add(step.name)
        for step in self.steps:
            for need in step.needs:
                if need not in known:
                    raise ValueError(
                        f"step {step.name!r} needs {need!r}, which is no step"
                    )
            if step.on_reject.step is not None and step.on_reject.step not in known:
                raise ValueError(
                    f"step {step.name!r} redoes {step.on_reject.step!r}, "
                    "which is no step"
                )
        done: set[str] = set()
        left = list(self.steps)
        while left:
            rest = [step for step in left if not done.issuperset(step.needs)]
            if len(rest) == len(left):
                names = ", ".join(repr(step.name) for step in rest[:5])
                raise ValueError(f"these steps need each other in a circle: {names}")
            done.update(step.name for step in left)
            done.difference_update(step.name for step in rest)
            left = rest
        for step in self.steps:
            if step.on_reject.action == "redo":
                self._require_redoable(step)
        return self

    def _require_redoable(self, step: StepDefinition) -> None:
        """Redoing what the rejected step is not built on would leave it rejected."""
        target = step.on_reject.step or self.under_review(step.name)
        if target is None:
            raise ValueError(
                f"step {step.name!r} redoes on rejection: name the step to redo"
            )
        if self.by_name[target].kind == "approval":
            raise ValueError(
                f"step {step.name!r} redoes {target!r}, which is an approval: name "
                "the task whose output it is about"
            )
        if step.name != target and step.name not in self.downstream(target):
            raise ValueError(
                f"step {step.name!r} redoes {target!r}, which it is not built on"
            )


def _pinned_step(step: StepDefinition, without: Set[str] = frozenset()) -> Fields:
    found = _pinned(step, {"approval", *without})
    found["approval"] = None if step.approval is None else _pinned(step.approval)
    return found


def _pinned(
    model: ApprovalPolicy | StepDefinition | WorkflowDefinition,
    without: Set[str] = frozenset(),
) -> Fields:
    """The fields that a digest covers. One of ``later`` that has its default is left
    out: so a definition keeps the digest it had before there was such a field."""
    unsaid = model.later - model.model_dump(exclude_defaults=True).keys()
    return model.model_dump(mode="json", exclude={*unsaid, *without})


def _digest(value: object) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
