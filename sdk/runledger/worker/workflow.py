"""Workflows, declared beside the functions that carry their steps out.

    pages = Workflow("pages", queue="default")

    @pages.step(effects="none")
    def fetch(context): ...

    @pages.step(needs=[fetch], max_attempts=3, backoff_s=1, timeout_s=60)
    async def render(context): ...

    pages.approval("review", needs=[render], policy=Policy(groups=["editors"]))

A function stays what it was: it can be called, and tested, by itself.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeVar, overload

from runledger.worker.policy import Backoff, Policy, Schema, on_reject_of, schema_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from pydantic import BaseModel

    from runledger.worker.context import Context

Function = Callable[["Context"], Any]
"""What carries a step out: sync or async, and what it returns is the output."""
F = TypeVar("F", bound=Function)
Need = str | Function
Effects = Literal["none", "idempotent", "once"]


@dataclass(frozen=True)
class Step:
    """A declared step: what the service is told of it, and its function."""

    definition: Mapping[str, Any]
    function: Function | None = None
    blocking: bool = True
    asynchronous: bool = field(init=False)

    def __post_init__(self) -> None:
        found = self.function is not None and is_async(self.function)
        object.__setattr__(self, "asynchronous", found)

    @property
    def name(self) -> str:
        return str(self.definition["name"])

    @property
    def queue(self) -> str | None:
        return self.definition.get("queue")


class Workflow:
    """A workflow and its steps; the order is that in which they are declared.

    ``queue`` is where workers find the jobs of its steps, unless a step names another.
    ``inputs``: a pydantic model (then ``context.inputs`` is an instance of it) or a
    JSON Schema; a run with others is refused. ``on_failure``: ``drain`` starts nothing
    new once a step has failed for good, ``continue`` lets independent branches go on.
    """

    def __init__(
        self,
        name: str,
        *,
        queue: str = "default",
        inputs: Schema | None = None,
        on_failure: Literal["drain", "continue"] = "drain",
        timeout_s: float | None = None,
        description: str = "",
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        self.name = name
        self.queue = queue
        self.inputs: type[BaseModel] | None = (
            inputs if isinstance(inputs, type) else None
        )
        self.steps: dict[str, Step] = {}
        self._members = _said(
            on_failure=None if on_failure == "drain" else on_failure,
            timeout_s=timeout_s,
            input_schema=schema_of(inputs),
            description=description or None,
            metadata=dict(metadata or {}) or None,
        )

    @overload
    def step(self, function: F, /) -> F: ...

    @overload
    def step(
        self,
        /,
        *,
        name: str | None = None,
        needs: Iterable[Need] = (),
        effects: Effects = "idempotent",
        queue: str | None = None,
        requires: Iterable[str] = (),
        max_attempts: int = 1,
        backoff_s: float | Backoff = 0,
        timeout_s: float | None = None,
        max_losses: int | None = None,
        approval: Policy | None = None,
        on_reject: str | None = None,
        description: str = "",
        blocking: bool = True,
    ) -> Callable[[F], F]: ...

    def step(
        self,
        function: Function | None = None,
        /,
        *,
        name: str | None = None,
        blocking: bool = True,
        queue: str | None = None,
        description: str = "",
        **members: Any,
    ) -> Any:
        """Declare the decorated function as a step of its name.

        Args:
            needs: the steps before it, by function or by name.
            effects: what running it twice would do to the world; ``once`` is never
                tried again by itself when nobody knows whether it was done.
            requires: what a worker must be capable of (``Worker(capabilities=...)``).
            max_attempts: per iteration, before a failure is for good.
            backoff_s: the wait after the first failure; each further one is twice as
                long. ``Backoff`` says more.
            timeout_s: how long one attempt may take.
            max_losses: how often a lost attempt is followed by another.
            approval: policy, where the function may return ``ask_approval(...)``.
            on_reject: ``fail``, ``cancel``, ``redo`` or ``redo:STEP``.
            description: by default the first line of the function's docstring.
            blocking: False has a sync function called in the event loop: a good deal
                cheaper than a thread, and only for those that wait for nothing.
        """

        def declare(function: F) -> F:
            called = str(name or getattr(function, "__name__", ""))
            doc = description or (inspect.getdoc(function) or "").partition("\n")[0]
            definition = self._task(called, queue or self.queue, doc, **members)
            self._add(Step(definition, function, blocking))
            return function

        return declare if function is None else declare(function)

    def reported_step(
        self,
        name: str,
        *,
        needs: Iterable[Need] = (),
        effects: Effects = "idempotent",
        max_attempts: int = 1,
        backoff_s: float | Backoff = 0,
        approval: Policy | None = None,
        on_reject: str | None = None,
        description: str = "",
    ) -> None:
        """A step without jobs: a service carries it out and reports it itself."""
        definition = self._task(
            name,
            None,
            description,
            needs=needs,
            effects=effects,
            max_attempts=max_attempts,
            backoff_s=backoff_s,
            approval=approval,
            on_reject=on_reject,
        )
        self._add(Step(definition))

    def approval(
        self,
        name: str,
        *,
        needs: Iterable[Need] = (),
        policy: Policy | None = None,
        on_reject: str | None = None,
        description: str = "",
    ) -> None:
        """A step that people carry out: they approve the outputs of what it needs."""
        definition = _said(
            name=name,
            kind="approval",
            needs=self._names(needs) or None,
            approval=(policy or Policy()).members(),
            on_reject=on_reject_of(on_reject),
            description=description or None,
        )
        self._add(Step(definition))

    @property
    def definition(self) -> dict[str, Any]:
        """What the service is told; left out is what has its default."""
        steps = [dict(step.definition) for step in self.steps.values()]
        return {"name": self.name, **self._members, "steps": steps}

    @classmethod
    def from_yaml(
        cls, file: Path | str, functions: object | Mapping[str, Function]
    ) -> Workflow:
        """A definition in YAML, its functions bound by name: see ``yaml_files``."""
        from runledger.worker.yaml_files import read

        return read(file, functions)

    @classmethod
    def _of_definition(
        cls, definition: Mapping[str, Any], steps: Iterable[Step], queue: str
    ) -> Workflow:
        made = cls(str(definition["name"]), queue=queue)
        made._members = {
            name: value
            for name, value in definition.items()
            if name not in ("name", "steps")
        }
        for step in steps:
            made._add(step)
        return made

    def _task(
        self,
        name: str,
        queue: str | None,
        description: str,
        *,
        needs: Iterable[Need] = (),
        effects: Effects = "idempotent",
        requires: Iterable[str] = (),
        max_attempts: int = 1,
        backoff_s: float | Backoff = 0,
        timeout_s: float | None = None,
        max_losses: int | None = None,
        approval: Policy | None = None,
        on_reject: str | None = None,
    ) -> dict[str, Any]:
        backoff = (
            backoff_s if isinstance(backoff_s, Backoff) else Backoff(first_s=backoff_s)
        )
        return _said(
            name=name,
            needs=self._names(needs) or None,
            effects=None if effects == "idempotent" else effects,
            queue=queue,
            requires=list(requires) or None,
            max_attempts=None if max_attempts == 1 else max_attempts,
            backoff=backoff.members() or None,
            timeout_s=timeout_s,
            max_losses=max_losses,
            approval=None if approval is None else approval.members(),
            on_reject=on_reject_of(on_reject),
            description=description or None,
        )

    def _names(self, needs: Iterable[Need]) -> list[str]:
        if isinstance(needs, str):
            raise TypeError(f"needs={needs!r}: give a list, as in needs=[{needs!r}]")
        return [self._name(need) for need in needs]

    def _name(self, need: Need) -> str:
        if isinstance(need, str):
            return need
        found = [step for step in self.steps.values() if step.function is need]
        if len(found) == 1:
            return found[0].name
        said = getattr(need, "__name__", repr(need))
        if found:
            raise ValueError(
                f"needs {said}, which is the function of {len(found)} steps of "
                f"workflow {self.name!r}: name the one that is meant by text"
            )
        raise ValueError(
            f"needs {said}, which is no step of workflow {self.name!r} (yet): declare "
            "it above, or name it by text"
        )

    def _add(self, step: Step) -> None:
        if step.name in self.steps:
            raise ValueError(
                f"workflow {self.name!r} has two steps named {step.name!r}: rename one"
            )
        self.steps[step.name] = step


def is_async(function: Function) -> bool:
    """Also of an object that is called, and of what functools.partial makes."""
    if inspect.iscoroutinefunction(inspect.unwrap(function)):
        return True
    inner = getattr(function, "func", None) or type(function).__call__
    return inspect.iscoroutinefunction(inner)


def _said(**members: Any) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}
