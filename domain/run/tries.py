"""What follows when an attempt ended and the step is not done: again, or for good."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from domain.run.events import StepCanceled, StepFailed, StepRetryScheduled
from domain.run.settling import drained_by, settle

if TYPE_CHECKING:
    from datetime import datetime

    from domain.run.deciding import Decision
    from domain.run.events import StepAttemptFailed, StepTimedOut
    from domain.run.job_events import StepAttemptLost
    from domain.run.state import StepRun
    from domain.workflow.definition import StepDefinition

    Ended = StepAttemptFailed | StepAttemptLost | StepTimedOut


def end_attempt(
    decision: Decision, step: StepRun, event: Ended, *, again: bool, delay_s: float = 0
) -> None:
    """The event, then another try if ``again`` and the run goes on; and what follows.

    While the run is being canceled the step is canceled with it.
    """
    run = decision.run
    ending = drained_by(run) is not None
    decision.record(event)
    last = run.steps[step.name].attempts[-1]
    known = last.outcome != "unknown"
    if run.cancel_requested is not None:
        decision.record(
            StepCanceled(
                step=step.name,
                iteration=step.iteration,
                reason=run.cancel_requested.reason,
                outcome="canceled" if known else "unknown",
            )
        )
    elif again and not ending:
        decision.record(
            StepRetryScheduled(
                step=step.name,
                iteration=step.iteration,
                attempt=last.number + 1,
                available_at=available_after(decision, delay_s),
            )
        )
    else:
        decision.record(
            StepFailed(
                step=step.name,
                iteration=step.iteration,
                attempt=last.number,
                error=last.error,
                outcome="failed" if known else "unknown",
            )
        )
    settle(decision)


def tries(step: StepRun) -> int:
    """Attempts of this iteration that count against the step's ``max_attempts``, the
    one that is running with them. Neither a loss nor a release costs one."""
    return sum(
        attempt.iteration == step.iteration
        and attempt.outcome != "released"
        and not attempt.lost
        for attempt in step.attempts
    )


def losses(step: StepRun) -> int:
    """Attempts of this iteration that were lost."""
    return sum(a.lost and a.iteration == step.iteration for a in step.attempts)


def repeatable(definition: StepDefinition) -> bool:
    """It may be tried again by itself though nobody knows what became of an attempt."""
    return definition.effects != "once"


def available_after(decision: Decision, delay_s: float) -> datetime | None:
    """None: at once."""
    return decision.by.at + timedelta(seconds=delay_s) if delay_s else None
