"""A context for one step function, made of whatever a test wants it to be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from runledger.worker.context import Context, Recorder

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pydantic import BaseModel

    from runledger.worker.context import Level, Stream


class _Kept(Recorder):
    def __init__(self) -> None:
        self.lines: list[tuple[str, str]] = []
        self.steps: list[tuple[float | None, str]] = []

    def line(self, text: str, level: Level, stream: Stream) -> None:
        self.lines.append((level, text))

    def progress(self, fraction: float | None, message: str) -> None:
        self.steps.append((fraction, message))


class TestedContext(Context):
    """Keeps what the function says."""

    __slots__ = ("_kept",)
    __test__ = False

    def __init__(
        self, job: Mapping[str, Any], *, inputs: type[BaseModel] | None = None
    ) -> None:
        self._kept = _Kept()
        super().__init__(job, self._kept, inputs=inputs)

    @property
    def lines(self) -> list[tuple[str, str]]:
        """What was logged: level and text."""
        return self._kept.lines

    @property
    def progress_made(self) -> list[tuple[float | None, str]]:
        return self._kept.steps

    def cancel(self, reason: str = "The run is canceled.") -> None:
        """From here on the work is wanted no more."""
        self._cancel(reason)


def context(
    *,
    step: str = "step",
    inputs: Any = None,
    outputs: Mapping[str, Any] | None = None,
    feedback: str | None = None,
    earlier: Sequence[Mapping[str, Any]] = (),
    approvals: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
    iteration: int = 1,
    attempt: int = 1,
    workflow: str = "workflow",
    workflow_version: int = 1,
    number: int = 1,
    run_id: str | None = None,
    retry_of: str | None = None,
    timeout_s: float | None = None,
    inputs_model: type[BaseModel] | None = None,
) -> TestedContext:
    """For a test that calls one step function itself::

    found = context(inputs={"title": "Notes"}, outputs={"fetch": ["a.md"]})
    assert render(found) == ...
    assert found.lines == [("info", "1 page")]
    """
    job = {
        "run_id": run_id or str(uuid4()),
        "workflow": workflow,
        "workflow_version": workflow_version,
        "number": number,
        "step": step,
        "iteration": iteration,
        "attempt": attempt,
        "retry_of": retry_of,
        "timeout_s": timeout_s,
        "inputs": inputs,
        "outputs": dict(outputs or {}),
        "approvals": {name: list(found) for name, found in (approvals or {}).items()},
        "feedback": feedback,
        "earlier": list(earlier),
    }
    return TestedContext(job, inputs=inputs_model)
