"""A job that this worker has leased."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

from runledger.worker.context import Context, Recorder
from runledger.worker.outcomes import storable

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Mapping

    from runledger.worker.context import Level, Stream
    from runledger.worker.workflow import Step, Workflow

LONGEST_MESSAGE = 1_000

Ending = Literal["", "stop", "gone", "leave"]


class Progress(NamedTuple):
    fraction: float | None
    message: str


class Line(NamedTuple):
    """One of an attempt's log."""

    at: str
    stream: Stream
    level: Level
    text: str


class Office(Protocol):
    """What a job needs of its worker. All may be called from any thread."""

    def line(self, job: Job, text: str, level: Level, stream: Stream) -> None: ...

    def progressed(self) -> None: ...

    def stopping(self) -> bool: ...


class Job(Recorder):
    """From its lease until its report is answered."""

    __slots__ = (
        "beat_at",
        "begun",
        "context",
        "dropped",
        "ended",
        "ending",
        "found",
        "lease",
        "lines",
        "lines_sent",
        "office",
        "progressed",
        "run_id",
        "slot",
        "step",
        "step_name",
        "task",
    )

    def __init__(
        self, found: Mapping[str, Any], workflow: Workflow, step: Step, office: Office
    ) -> None:
        self.found = found
        self.step = step
        self.office = office
        self.run_id: str = found["run_id"]
        self.step_name: str = found["step"]
        self.lease: str = found["lease"]
        self.slot = False
        """Takes one of the worker's slots."""
        self.ending: Ending = ""
        """Told to end: by a person (stop), since it is not ours any more (gone), or
        since the worker ends (leave)."""
        self.ended = False
        """Its function has returned."""
        self.task: asyncio.Task[Any] | None = None
        self.progressed: Progress | None = None
        """What the service has not been told yet."""
        self.begun = self.beat_at = time.monotonic()
        """When the service last heard of it."""
        self.lines: deque[Line] = deque()
        """Those of its log that wait to be sent."""
        self.lines_sent = 0
        self.dropped = 0
        self.context = Context(
            found, self, inputs=workflow.inputs, stopping=office.stopping
        )

    def __str__(self) -> str:
        found = self.found
        return (
            f"{found['workflow']}#{found['number']}, step {self.step_name} "
            f"(attempt {found['attempt']})"
        )

    def line(self, text: str, level: Level, stream: Stream) -> None:
        self.office.line(self, text, level, stream)

    def progress(self, fraction: float | None, message: str) -> None:
        self.progressed = Progress(fraction, storable(message)[:LONGEST_MESSAGE])
        self.office.progressed()

    def end(self, how: Ending, reason: str) -> None:
        """Tell its function that the work is wanted no more. In the event loop."""
        if self.ended or self.ending == "gone":
            return
        first = not self.ending
        self.ending = how
        self.context._cancel(reason)
        if self.task is not None and first:
            self.task.cancel(reason)
