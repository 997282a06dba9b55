"""Standard output, error and logging of step functions, as lines of their logs.

Each thread and task has its own stream: what two functions print at the same time does
not mix. What is printed outside of step functions goes where it went before.
"""

from __future__ import annotations

import logging
import sys
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Literal, TextIO

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import TracebackType

    from runledger.worker.context import Level, Recorder

LONGEST_LINE = 16_384


class Speaking:
    """What a function has printed of lines that have no end yet."""

    __slots__ = ("recorder", "rest")

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self.rest = {"stdout": "", "stderr": ""}


_CURRENT: ContextVar[Speaking | None] = ContextVar("runledger_step", default=None)
_capturing = 0


class speaking:
    """While a function is called: what it prints is said by this recorder, if output is
    captured at all. A class, since a generator costs more than all the rest."""

    __slots__ = ("_recorder", "_token")

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    def __enter__(self) -> None:
        self._token = _CURRENT.set(Speaking(self._recorder)) if _capturing else None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._token is None:
            return
        found = _CURRENT.get()
        _CURRENT.reset(self._token)
        if found is not None:
            _finish(found)


class Printed:
    """Stands for sys.stdout or sys.stderr; what it does not know, they do."""

    def __init__(self, stream: Literal["stdout", "stderr"], before: TextIO) -> None:
        self._stream = stream
        self._before = before

    def __getattr__(self, name: str) -> Any:
        return getattr(self._before, name)

    def write(self, text: str, /) -> int:
        found = _CURRENT.get()
        if found is None:
            return self._before.write(text)
        *whole, rest = (found.rest[self._stream] + text).split("\n")
        while len(rest) > LONGEST_LINE:
            whole.append(rest[:LONGEST_LINE])
            rest = rest[LONGEST_LINE:]
        found.rest[self._stream] = rest
        for line in whole:
            _say(found, self._stream, line)
        return len(text)

    def writelines(self, lines: Iterable[str], /) -> None:
        for line in lines:
            self.write(line)

    def isatty(self) -> bool:
        return _CURRENT.get() is None and self._before.isatty()


class Logged(logging.Handler):
    """What step functions log with Python's logging, beside wherever else it goes."""

    def emit(self, record: logging.LogRecord) -> None:
        found = _CURRENT.get()
        if found is None:
            return
        try:
            found.recorder.line(self.format(record), _level(record.levelno), "log")
        except Exception:
            self.handleError(record)


def _level(number: int) -> Level:
    if number >= logging.ERROR:
        return "error"
    if number >= logging.WARNING:
        return "warning"
    return "info" if number >= logging.INFO else "debug"


@contextmanager
def captured(wanted: bool) -> Iterator[None]:
    """Within, what step functions print goes to their logs, if it is wanted."""
    global _capturing
    if not wanted:
        yield
        return
    before = sys.stdout, sys.stderr
    ours: tuple[Any, Any] = Printed("stdout", before[0]), Printed("stderr", before[1])
    sys.stdout, sys.stderr = ours
    logged = Logged()
    logging.getLogger().addHandler(logged)
    _capturing += 1
    try:
        yield
    finally:
        _capturing -= 1
        logging.getLogger().removeHandler(logged)
        # Somebody may have put another one in front meanwhile: that is theirs.
        if sys.stdout is ours[0]:
            sys.stdout = before[0]
        if sys.stderr is ours[1]:
            sys.stderr = before[1]


def _say(found: Speaking, stream: Literal["stdout", "stderr"], line: str) -> None:
    level: Level = "info" if stream == "stdout" else "warning"
    # A bar of progress repaints its line: what stood there last is what is meant.
    shown = line.removesuffix("\r").rpartition("\r")[2]
    found.recorder.line(shown, level, stream)


def _finish(found: Speaking) -> None:
    if rest := found.rest["stdout"]:
        _say(found, "stdout", rest)
    if rest := found.rest["stderr"]:
        _say(found, "stderr", rest)
