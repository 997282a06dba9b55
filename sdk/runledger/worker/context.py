"""What a step function is given."""

from __future__ import annotations

import threading
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from runledger.worker.outcomes import Canceled

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pydantic import BaseModel

Level = Literal["debug", "info", "warning", "error"]
Stream = Literal["log", "stdout", "stderr"]

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class RunInfo(NamedTuple):
    """The run that a step belongs to."""

    id: str
    number: int
    workflow: str
    version: int
    """Of the workflow."""
    retry_of: str | None = None
    """The run that this one retries."""


class Earlier(NamedTuple):
    """An iteration of the step before this one."""

    iteration: int
    output: Any
    """One over 32 KiB is told as its digest and size."""
    summary: str
    decisions: tuple[Mapping[str, Any], ...]


class Recorder:
    """Takes what a step says. This one throws it away."""

    def line(self, text: str, level: Level, stream: Stream) -> None: ...

    def progress(self, fraction: float | None, message: str) -> None: ...


class Context:
    """One attempt of one step, as its function sees it. Safe to use from any thread."""

    __slots__ = (
        "_cancel_reason",
        "_earlier",
        "_job",
        "_model",
        "_on_cancel",
        "_parsed",
        "_recorder",
        "_stopping",
    )

    def __init__(
        self,
        job: Mapping[str, Any],
        recorder: Recorder,
        *,
        inputs: type[BaseModel] | None = None,
        stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        """``job``: as the service hands it out."""
        self._job = job
        self._recorder = recorder
        self._model = inputs
        self._parsed: Any = None
        self._earlier: tuple[Earlier, ...] | None = None
        self._stopping = stopping
        self._cancel_reason: str | None = None
        self._on_cancel: list[threading.Event] = []

    def __repr__(self) -> str:
        job = self._job
        return (
            f"<Context {job['workflow']}#{job['number']} step {job['step']!r}, "
            f"attempt {job['attempt']}>"
        )

    @property
    def run(self) -> RunInfo:
        job = self._job
        return RunInfo(
            str(job["run_id"]),
            job["number"],
            job["workflow"],
            job["workflow_version"],
            job.get("retry_of"),
        )

    @property
    def step(self) -> str:
        return str(self._job["step"])

    @property
    def iteration(self) -> int:
        """From 1; a redo begins the next."""
        return int(self._job["iteration"])

    @property
    def attempt(self) -> int:
        """From 1, through all iterations."""
        return int(self._job["attempt"])

    @property
    def idempotency_key(self) -> str:
        """The same for every attempt of this iteration: for services that take one."""
        job = self._job
        return f"{job['run_id']}/{job['step']}/{job['iteration']}"

    @property
    def timeout_s(self) -> float | None:
        """How long this attempt may take, from its start."""
        found = self._job.get("timeout_s")
        return None if found is None else float(found)

    @property
    def inputs(self) -> Any:
        """What the run was given; an instance of the model, where the workflow has one.

        Raises:
            pydantic.ValidationError: they do not fit this worker's model.
        """
        if self._model is None:
            return self._job.get("inputs")
        if self._parsed is None:
            self._parsed = self._model.model_validate(self._job.get("inputs"))
        return self._parsed

    @property
    def outputs(self) -> Mapping[str, Any]:
        """Of the steps that this one needs, by name."""
        found: Mapping[str, Any] = self._job.get("outputs") or _NOTHING
        return found

    @property
    def approvals(self) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        """What people decided about the steps that this one needs, by name: each with
        ``actor``, ``decision``, ``comment``, ``form`` (what they filled in), ``at``.
        A retry carries outputs, not decisions: those of carried steps are not here."""
        found: Mapping[str, Sequence[Mapping[str, Any]]]
        found = self._job.get("approvals") or _NOTHING
        return found

    @property
    def feedback(self) -> str | None:
        """Of the person who had the step done again; None in a first iteration."""
        found = self._job.get("feedback")
        return None if found is None else str(found)

    @property
    def earlier(self) -> tuple[Earlier, ...]:
        """The iterations before this one, newest last."""
        if self._earlier is None:
            self._earlier = tuple(
                Earlier(
                    found["iteration"],
                    found.get("output"),
                    found.get("summary") or "",
                    tuple(found.get("decisions") or ()),
                )
                for found in self._job.get("earlier") or ()
            )
        return self._earlier

    def log(self, text: str, level: Level = "info") -> None:
        """Lines for the attempt's log; returns at once."""
        self._recorder.line(str(text), level, "log")

    def progress(self, fraction: float | None = None, message: str = "") -> None:
        """How far it is, from 0 to 1, and what it is at; shown beside the step.

        Raises:
            ValueError: a fraction outside 0 to 1.
        """
        if fraction is not None and not 0 <= fraction <= 1:
            raise ValueError(f"progress takes a fraction from 0 to 1, not {fraction}")
        self._recorder.progress(fraction, message)

    @property
    def canceled(self) -> bool:
        """Whether the work is wanted no more: stop soon, by ``raise_if_canceled()``.

        An async function is canceled as well, as asyncio does it.
        """
        return self._cancel_reason is not None

    @property
    def cancel_reason(self) -> str:
        return self._cancel_reason or ""

    @property
    def stopping(self) -> bool:
        """Whether the worker is to stop: there is a grace left to finish within, or to
        raise ``Release``."""
        return self._stopping()

    def raise_if_canceled(self) -> None:
        """
        Raises:
            Canceled: the work is wanted no more.
        """
        if self._cancel_reason is not None:
            raise Canceled(self._cancel_reason)

    def sleep(self, seconds: float) -> None:
        """For sync functions: wait, but no longer than the work is wanted.

        Raises:
            Canceled: it is not any more.
        """
        woken = threading.Event()
        self._on_cancel.append(woken)
        try:
            # Listed first and asked then: told in between, the event is set.
            self.raise_if_canceled()
            woken.wait(seconds)
            self.raise_if_canceled()
        finally:
            self._on_cancel.remove(woken)

    def _cancel(self, reason: str) -> None:
        """For the worker. The first reason stays."""
        if self._cancel_reason is None:
            self._cancel_reason = reason
        for woken in tuple(self._on_cancel):
            woken.set()
