"""What is said of a step that may be done once before it would run again."""

from __future__ import annotations

import pytest

from domain.run.commands import (
    CancelRun,
    CompleteStep,
    FailStep,
    ReleaseJob,
    RequestApproval,
    StopJob,
)
from domain.run.own_commands import LoseJob, TimeOutStep
from domain.run.safety import retry_safety
from tests.domain.leasing import LEASE, OTHER, lease
from tests.domain.workflows import CREATE, task, workflow
from tests.support.decider import RUN_ID, given

PAY = workflow(task("pay", queue="default", effects="once", timeout_s=60))
LEASED = lease("pay")
LOST = LoseJob(step="pay", lease=LEASE)
TIMED_OUT = TimeOutStep(step="pay", iteration=1, attempt=1)
COMPLETED = CompleteStep(step="pay", attempt=1, lease=LEASE)
FAILED = FailStep(step="pay", attempt=1, lease=LEASE)
ASKED = RequestApproval(step="pay", attempt=1, lease=LEASE)
GIVEN_BACK = ReleaseJob(step="pay", attempt=1, lease=LEASE)
STOPPED = StopJob(step="pay", attempt=1, lease=LEASE)
CANCEL = CancelRun()
FORCE = CancelRun(force=True)


@pytest.mark.parametrize(
    ("history", "verdict", "reason"),
    [
        ([CANCEL], "safe", "it has not started"),
        ([LEASED, FAILED], "safe", "attempt 1 ended with a failure that it reported"),
        ([LEASED, LOST], "unknown", "attempt 1 was lost"),
        ([LEASED, TIMED_OUT], "unknown", "attempt 1 took too long"),
        ([LEASED, CANCEL, STOPPED], "unknown", "attempt 1 was stopped before its end"),
        ([LEASED, CANCEL, COMPLETED], "unsafe", "attempt 1 completed"),
        ([LEASED, CANCEL, GIVEN_BACK], "safe", "attempt 1 was given back"),
        ([LEASED, GIVEN_BACK, CANCEL], "safe", "attempt 1 was given back"),
        ([LEASED, FORCE], "unknown", "attempt 1 started, and nobody told"),
        # A late report turns what was unknown into what is known.
        ([LEASED, LOST, COMPLETED], "unsafe", "attempt 1 completed"),
        ([LEASED, LOST, ASKED], "unsafe", "attempt 1 completed"),
        ([LEASED, LOST, FAILED], "safe", "attempt 1 ended with a failure"),
        ([LEASED, LOST, GIVEN_BACK], "safe", "attempt 1 was given back"),
        ([LEASED, LOST, STOPPED], "unknown", "attempt 1 was stopped before its end"),
        ([LEASED, TIMED_OUT, COMPLETED], "unsafe", "attempt 1 completed"),
        ([LEASED, FORCE, FAILED], "safe", "attempt 1 ended with a failure"),
        ([LEASED, LOST, FAILED, COMPLETED], "unsafe", "attempt 1 completed"),
        # The worst of all attempts counts.
        (
            [LEASED, GIVEN_BACK, lease("pay", 2, as_=OTHER), FORCE],
            "unknown",
            "attempt 2 started, and nobody told",
        ),
    ],
)
def test_the_verdict_follows_from_what_is_on_record(
    history: list[object], verdict: str, reason: str
) -> None:
    run = given(PAY, CREATE, *history).run  # type: ignore[arg-type]  # all commands
    assert run.final
    (found,) = retry_safety(run, RUN_ID, "start", PAY)
    assert found.verdict == verdict
    assert found.reasons[-1].startswith(reason)
