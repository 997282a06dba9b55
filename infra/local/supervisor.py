"""Starts the members of a stack, starts those again that die, stops them all."""

from __future__ import annotations

import signal
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NoReturn, Protocol

from infra.local.errors import DiskFull, StackError, StartFailed, is_disk_full
from infra.local.home import require_room
from infra.local.processes import POLL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import FrameType

    from infra.local.child import Child
    from infra.local.home import Home, Record

READY_S = 90
LOOK_EVERY_S = 0.2
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
STEADY_S = 60.0
"""Who has run this long starts again at once, whatever happened before."""


class Member(Protocol):
    """A server or process of the stack."""

    name: str
    child: Child | None

    def prepare(self) -> None: ...
    def spawn(self) -> Child: ...
    def ready(self) -> bool: ...
    def stop(self) -> None: ...


class StopAsked(BaseException):
    """Somebody pressed Ctrl-C, or sent a signal that asks to stop."""


class Supervisor:
    """Keeps the members of one home running; the record says at any time who they are.

    All members are started by the thread that calls, which must be the main one:
    then the kernel stops them should this process be killed.
    """

    def __init__(self, home: Home, record: Record, say: Callable[[str], None]) -> None:
        self._home = home
        self._record = record
        self._say = say
        self._groups: list[Sequence[Member]] = []
        self._restarts: dict[str, _Restart] = {}
        self._recorded = True

    def start(self, *members: Member) -> None:
        """Start these at the same time and wait for none of them.

        In the end they are stopped at the same time, before those that were started
        before them.

        Raises:
            StackError: one cannot be prepared; says which and why.
        """
        for member in members:
            member.prepare()
        self._groups.append(members)
        for member in members:
            self._spawn(member)

    def wait_ready(self, *members: Member) -> None:
        """Wait until these are all ready.

        Raises:
            StartFailed: one ended, or was not ready in time; says which and why.
        """
        deadline = time.monotonic() + READY_S
        waiting = list(members)
        while waiting := [one for one in waiting if not one.ready()]:
            for member in waiting:
                child = member.child
                if child is not None and not child.running:
                    raise StartFailed(self._why(child))
            if time.monotonic() > deadline:
                child = waiting[0].child
                said = "" if child is None else f" {child.last_words()}"
                raise StartFailed(
                    f"{waiting[0].name} was not ready after {READY_S} s:{said} "
                    f"(whole log: {self._home.log(waiting[0].name)})"
                )
            time.sleep(POLL)

    def watch(self) -> NoReturn:
        """Start again whoever dies, until asked to stop.

        Raises:
            StopAsked: always, in the end.
        """
        while True:
            for group in self._groups:
                for member in group:
                    self._look_after(member)
            if not self._recorded:
                with suppress(OSError):
                    self._write_record()
            time.sleep(LOOK_EVERY_S)

    def stop(self) -> None:
        """Stop all, the last started first; the record is empty then."""
        for group in reversed(self._groups):
            for member in group:
                if member.child is not None:
                    member.child.ask_to_stop()
            for member in group:
                member.stop()
        self._groups.clear()
        self._home.forget_record()

    def _spawn(self, member: Member) -> None:
        restart = self._restarts.setdefault(member.name, _Restart())
        child = member.spawn()
        restart.began = time.monotonic()
        self._record.children[member.name] = child.identity
        self._recorded = False
        self._write_record()

    def _write_record(self) -> None:
        self._home.write_record(self._record)
        self._recorded = True

    def _look_after(self, member: Member) -> None:
        child = member.child
        if child is None or child.running:
            return
        restart = self._restarts[member.name]
        now = time.monotonic()
        if restart.due is None:
            pause = restart.put_off(now)
            self._say(f"{self._why(child)}; starting it again in {pause:g} s.")
        elif now >= restart.due:
            restart.due = None
            try:
                member.prepare()
                self._spawn(member)
            except (StackError, OSError) as error:
                # When it runs and only the record could not be written, watch()
                # writes that later.
                if member.child is child:
                    pause = restart.put_off(now)
                    self._say(
                        f"{self._reason(error)} Trying {member.name} again in "
                        f"{pause:g} s."
                    )

    def _reason(self, error: Exception) -> str:
        if isinstance(error, OSError) and is_disk_full(error):
            return f"The disk of {self._home.folder} is full: make room."
        return str(error)

    def _why(self, child: Child) -> str:
        why = child.obituary()
        try:
            require_room(self._home.folder, needed=50_000_000)
        except DiskFull as error:
            return f"{why}. {error}"
        return why


class _Restart:
    """When a member that died is started again."""

    def __init__(self) -> None:
        self.began = 0.0
        self.due: float | None = None
        self._pause = FIRST_PAUSE_S

    def put_off(self, now: float) -> float:
        """Set the moment of the next try; how many seconds from now it is."""
        if now - self.began > STEADY_S:
            self._pause = FIRST_PAUSE_S
        pause = self._pause
        self.due = now + pause
        self._pause = min(2 * pause, LONGEST_PAUSE_S)
        return pause


@contextmanager
def stoppable() -> Iterator[Callable[[], None]]:
    """Within, Ctrl-C, SIGTERM and SIGHUP raise ``StopAsked`` once, which ends here.

    After the first one, or after a call of what this gives, they do nothing: nobody
    should interrupt the stopping itself.
    """
    stopping = False

    def no_more() -> None:
        nonlocal stopping
        stopping = True

    def ask(number: int, frame: FrameType | None) -> None:
        if not stopping:
            no_more()
            raise StopAsked

    numbers = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        # Ignored, it was nohup that started us.
        numbers.append(signal.SIGHUP)
    before = {number: signal.signal(number, ask) for number in numbers}
    try:
        with suppress(StopAsked):
            yield no_more
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
