"""Services that send commands while things break, and remember every answer."""

from __future__ import annotations

import random
import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.service import Service

WORKFLOW = {
    "name": "crash",
    "steps": [
        {"name": "fetch"},
        {"name": "check", "needs": ["fetch"]},
        {"name": "publish", "needs": ["check"], "max_attempts": 2},
    ],
}


@dataclass
class Sent:
    """A command, what it must leave in the log, and its answer if there was one."""

    run_id: UUID
    key: str
    before: int
    """Version of the run before it."""
    topics: Counter[str]
    answer: dict[str, Any] | None = None
    repeats: int = 0


@dataclass
class Traffic:
    """Threads that drive runs to their ends. ``acknowledged`` grows as they go."""

    service: Service
    seed: int
    threads: int = 6
    sent: list[Sent] = field(default_factory=list)
    surprises: list[str] = field(default_factory=list)
    acknowledged: int = 0

    def __post_init__(self) -> None:
        self._changed = threading.Condition()
        self._stopping = threading.Event()
        self._running = [
            threading.Thread(target=self._drive, args=(random.Random(self.seed + n),))
            for n in range(self.threads)
        ]

    def start(self) -> None:
        for thread in self._running:
            thread.start()

    def stop(self) -> None:
        """Let every thread finish the run it drives."""
        self._stopping.set()
        for thread in self._running:
            thread.join(120)
            assert not thread.is_alive(), "a service got no answer for two minutes"

    def wait_for(self, more: int, seconds: float = 120) -> None:
        """Return when so many more commands have been acknowledged."""
        with self._changed:
            goal = self.acknowledged + more
            assert self._changed.wait_for(
                lambda: self.acknowledged >= goal or self.surprises, seconds
            ), f"only {self.acknowledged} of {goal} acknowledged"
        assert not self.surprises, self.surprises

    def _drive(self, chance: random.Random) -> None:
        while not self._stopping.is_set():
            run_id = uuid4()
            version = 0
            for path, body, topics in _script(run_id, chance):
                answer = self._send(run_id, version, path, body, topics, chance)
                if answer is None:
                    break
                version = answer["version"]

    def _send(
        self,
        run_id: UUID,
        version: int,
        path: str,
        body: dict[str, Any],
        topics: list[str],
        chance: random.Random,
    ) -> dict[str, Any] | None:
        """The answer; None where the service gave up on an unacknowledged command."""
        sent = Sent(run_id, str(uuid4()), version, Counter(topics))
        self.sent.append(sent)
        while True:
            try:
                status, answer = self.service.post(
                    f"/v1/default/{path}", body, **{"idempotency-key": sent.key}
                )
            except (OSError, EOFError, ValueError):
                status, answer = 503, None
            except Exception as error:  # http.client's own tree
                status, answer = 503, repr(error)
            if status in {200, 201}:
                sent.answer = answer
                with self._changed:
                    self.acknowledged += 1
                    self._changed.notify_all()
                return sent.answer
            if status != 503:
                with self._changed:
                    self.surprises.append(f"{path}: {status} {answer}")
                    self._changed.notify_all()
                return None
            if chance.random() < 0.02:
                return None
            sent.repeats += 1
            self._stopping.wait(0.05)


def _script(
    run_id: UUID, chance: random.Random
) -> Iterator[tuple[str, dict[str, Any], list[str]]]:
    """The commands of one run: path, body and the topics that each must leave."""
    run = f"runs/{run_id}"
    step, decided = "run.step", "run.approval.decided"
    yield (
        "runs",
        {"workflow": "crash", "run_id": str(run_id)},
        ["run.created", "run.queued", f"{step}.queued"],
    )
    yield f"{run}/steps/fetch/start", {}, [f"{step}.started", "run.started"]
    yield (
        f"{run}/steps/fetch/complete",
        {"output": {"rows": chance.randrange(1000)}},
        [f"{step}.completed", f"{step}.queued"],
    )
    yield f"{run}/steps/check/start", {}, [f"{step}.started"]
    yield (
        f"{run}/steps/check/request-approval",
        {"output": "ok", "summary": "looks right"},
        ["run.approval.requested", "run.paused"],
    )
    if chance.random() < 0.2:
        yield (
            f"{run}/steps/check/reject",
            {"comment": "no"},
            [decided, f"{step}.rejected", "run.failed"],
        )
        return
    yield (
        f"{run}/steps/check/approve",
        {},
        [decided, f"{step}.completed", "run.continued", f"{step}.queued"],
    )
    yield f"{run}/steps/publish/start", {}, [f"{step}.started"]
    if chance.random() < 0.3:
        yield (
            f"{run}/steps/publish/fail",
            {"error": {"type": "Timeout", "message": "no answer"}},
            [f"{step}.attempt_failed", f"{step}.retry_scheduled"],
        )
        yield f"{run}/steps/publish/start", {}, [f"{step}.started"]
    if chance.random() < 0.3:
        yield (
            f"{run}/cancel",
            {"reason": "not needed"},
            ["run.cancel_requested", f"{step}.canceled", "run.canceled"],
        )
        return
    yield (
        f"{run}/steps/publish/complete",
        {"output": "done"},
        [f"{step}.completed", "run.completed"],
    )
