"""What a test sees of a rehearsed run, and what it claims about it."""

from __future__ import annotations

from typing import Any, Self

from runledger import errors
from runledger.testing import seen


class Claims:
    """Of one run. A claim that does not hold tells all that has happened."""

    def __init__(self, found: dict[str, Any]) -> None:
        self._found = found
        self._lines: list[seen.Line] = []
        self._progress: dict[str, tuple[float | None, str]] = {}

    @property
    def state(self) -> str:
        return str(self._found["state"])

    @property
    def id(self) -> str:
        return str(self._found["run"])

    @property
    def number(self) -> int:
        return int(self._found["number"])

    @property
    def events(self) -> tuple[str, ...]:
        """What has happened, in sentences."""
        return tuple(each["said"] for each in self._found["events"])

    @property
    def seconds(self) -> float:
        """How much time has passed, by the clock that the test moves."""
        return float(self._found["now_s"])

    def step(self, name: str) -> seen.Step:
        if name not in self._found["steps"]:
            raise errors.NotFound(f"There is no step {name!r}.", code="unknown-step")
        return seen.step(name, self._found["steps"][name])

    def output(self, name: str) -> Any:
        return self.step(name).output

    def log(self, step: str | None = None) -> list[str]:
        """What steps have logged and printed."""
        return [line.text for line in self._lines if step in (None, line.step)]

    @property
    def lines(self) -> tuple[seen.Line, ...]:
        """The same with levels and attempts."""
        return tuple(self._lines)

    def progress(self, step: str) -> tuple[float | None, str] | None:
        """What the step said last of how far it is."""
        return self._progress.get(step)

    def assert_state(self, state: str) -> Self:
        __tracebackhide__ = True
        if self.state != state:
            self._wrong(f"The run is {self.state}, not {state}.")
        return self

    def assert_completed(self) -> Self:
        __tracebackhide__ = True
        return self.assert_state("completed")

    def assert_canceled(self) -> Self:
        __tracebackhide__ = True
        return self.assert_state("canceled")

    def assert_failed(self, *, step: str | None = None, error: str = "") -> Self:
        """``error``: part of type or message of what the run failed by."""
        __tracebackhide__ = True
        self.assert_state("failed")
        cause = self._found["cause"] or {"step": None, "reason": "", "error": None}
        if step is not None and cause["step"] != step:
            self._wrong(f"It failed by step {cause['step']!r}, not {step!r}.")
        found = seen.error(cause["error"])
        said = cause["reason"] if found is None else str(found)
        if error not in said:
            self._wrong(f"It failed by {said!r}, which does not contain {error!r}.")
        return self

    def assert_waiting(self, step: str) -> Self:
        """People are asked about the step, whatever else goes on."""
        __tracebackhide__ = True
        return self.assert_step(step, "waiting_for_approval")

    def assert_step(
        self,
        name: str,
        state: str,
        *,
        attempts: int | None = None,
        iteration: int | None = None,
    ) -> Self:
        __tracebackhide__ = True
        step = self.step(name)
        if step.state != state:
            self._wrong(f"Step {name} is {step.state}, not {state}.")
        if attempts not in (None, len(step.attempts)):
            self._wrong(f"Step {name} has {len(step.attempts)} attempts.")
        if iteration not in (None, step.iteration):
            self._wrong(f"Step {name} is at iteration {step.iteration}.")
        return self

    def assert_output(self, name: str, output: Any) -> Self:
        __tracebackhide__ = True
        if (found := self.output(name)) != output:
            self._wrong(f"The output of step {name} is {found!r}, not {output!r}.")
        return self

    def assert_event(self, part: str) -> Self:
        """Something has happened whose sentence contains this."""
        __tracebackhide__ = True
        if not any(part in said for said in self.events):
            self._wrong(f"Nothing has happened that contains {part!r}.")
        return self

    def story(self) -> str:
        """All that has happened, for a person."""
        return seen.story(self._found)

    def __repr__(self) -> str:
        return f"<{self.story()}>"

    def _wrong(self, said: str) -> None:
        __tracebackhide__ = True
        raise AssertionError(f"{said}\n{self.story()}")
