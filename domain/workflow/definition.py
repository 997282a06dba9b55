"""What a workflow version is: its steps, what each needs, and what failing means."""

from __future__ import annotations

import hashlib
import json
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

from domain.ids import Line, Name, Text

MAX_STEPS = 2_000


class ApprovalPolicy(BaseModel):
    """Who may decide, and how many of them must agree."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    approvers: tuple[Line, ...] = ()
    """People by name. Empty: everybody who holds the role approver."""
    required: int = Field(default=1, ge=1, le=100)

    @model_validator(mode="after")
    def _enough_approvers(self) -> Self:
        if self.approvers and self.required > len(set(self.approvers)):
            raise ValueError(
                f"{self.required} must agree, but only "
                f"{len(set(self.approvers))} may: name more approvers or require fewer"
            )
        return self


class OnReject(BaseModel):
    """What a rejection leads to."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    action: Literal["fail", "cancel", "redo"] = "fail"
    step: Name | None = None
    """The step to redo; by default the one whose output was under review."""


class StepDefinition(BaseModel):
    """A named place in a workflow version."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name
    kind: Literal["task", "approval"] = "task"
    needs: tuple[Name, ...] = ()
    effects: Literal["none", "idempotent", "once"] = "idempotent"
    """What running it twice would do to the world; decides what is retried alone."""
    max_attempts: int = Field(default=1, ge=1, le=100)
    """Attempts per iteration before a failure is for good."""
    approval: ApprovalPolicy | None = None
    """Policy of an approval step, or of a task that asks for approval of its output."""
    on_reject: OnReject = OnReject()
    description: Text = ""

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the definition; a retry carries a step only if it is equal."""
        return _digest(self.model_dump(mode="json", exclude={"description"}))


class WorkflowDefinition(BaseModel):
    """One version of a workflow, as its author wrote it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name
    steps: Annotated[tuple[StepDefinition, ...], Field(max_length=MAX_STEPS)] = ()
    """Empty only for observed runs whose graph is not known."""
    on_failure: Literal["drain", "continue"] = "drain"
    description: Text = ""
    metadata: dict[str, JsonValue] = Field(default_factory=dict)

    @cached_property
    def digest(self) -> str:
        return _digest(self.model_dump(mode="json"))

    @cached_property
    def by_name(self) -> dict[str, StepDefinition]:
        return {step.name: step for step in self.steps}

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


def _digest(value: object) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
