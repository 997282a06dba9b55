"""Workers that die, hang or come back too late; steps that take too long."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

from tests.support.waiting import eventually

if TYPE_CHECKING:
    from tests.sdk.stage import Stage

SHORT = 5
"""The shortest lease there is."""


def test_the_work_of_a_killed_worker_is_done_by_another(stage: Stage) -> None:
    first = stage.worker("slow", lease=SHORT)
    run = stage.start("slow")
    stage.began(1)
    stage.worker("slow", lease=SHORT)
    first.kill()
    stage.leave("go")
    assert stage.ended(run).state == "completed"
    lost, done = stage.step(run, "wait").attempts
    assert (lost.outcome, done.outcome) == ("unknown", "completed")
    assert lost.error is not None
    assert lost.error.type == "Lost"
    assert [attempt for _, _, attempt in stage.began(2)] == ["1", "2"]


def test_what_may_be_done_once_is_not_done_again_by_itself(stage: Stage) -> None:
    first = stage.worker("once", lease=SHORT)
    run = stage.start("once")
    stage.began(1)
    stage.worker("once", lease=SHORT)
    first.kill()
    found = stage.ended(run)
    assert found.state == "failed"
    (attempt,) = stage.step(run, "pay").attempts
    assert attempt.outcome == "unknown"
    assert len(stage.lines("begun")) == 1


def test_a_worker_that_was_stopped_too_long_changes_nothing(stage: Stage) -> None:
    # One slot, so that it has no poll under way that the next attempt could go to.
    first = stage.worker("stubborn", lease=SHORT, slots=1)
    run = stage.start("stubborn")
    stage.began(1)
    os.kill(first.pid, signal.SIGSTOP)
    try:
        eventually(lambda: stage.outcomes(run, "ignore", "unknown"))
        stage.worker("stubborn", lease=SHORT)
        stage.began(2)
    finally:
        os.kill(first.pid, signal.SIGCONT)
    eventually(lambda: "is not ours any more" in first.log.read_text())
    stage.leave("go")
    assert stage.ended(run).state == "completed"
    eventually(lambda: "had been given up" in first.log.read_text())
    # What it had to tell is on record.
    eventually(lambda: stage.step(run, "ignore").attempts[0].late == ["completed"])
    late, done = stage.step(run, "ignore").attempts
    assert (late.outcome, done.outcome) == ("unknown", "completed")


def test_a_function_that_takes_too_long_is_told_soon(stage: Stage) -> None:
    stage.worker("hurried", lease=60)
    run = stage.start("hurried")
    assert stage.ended(run).state == "failed"
    (attempt,) = stage.step(run, "linger").attempts
    assert attempt.outcome == "unknown"
    assert attempt.error is not None
    assert attempt.error.type == "TimedOut"
    # Its next heartbeat would come 20 s later.
    eventually(lambda: len(stage.lines("woken")) == 1, seconds=15)
