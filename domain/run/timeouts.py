"""What takes too long. Asked for by timers; late or twice, it does nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.run.cancel import cancel_all, cancel_job
from domain.run.events import RunFailed, RunTimedOut, StepTimedOut
from domain.run.times import in_words
from domain.run.tries import end_attempt, repeatable, tries

if TYPE_CHECKING:
    from domain.run.deciding import Decision
    from domain.run.own_commands import TimeOutRun, TimeOutStep


def time_out_step(decision: Decision, command: TimeOutStep) -> None:
    """The attempt is given up; a worker that has its job is told by its heartbeat.

    It may have done its work, or still be at it: the step is tried again by itself
    only where that can do no harm, and while it has attempts left.
    """
    run = decision.run
    step = run.steps.get(command.step)
    running = None if step is None else step.current
    if step is None or running is None:
        return
    if (running.iteration, running.number) != (command.iteration, command.attempt):
        return
    definition = run.definition.by_name[step.name]
    if definition.timeout_s is None:
        return
    limit = in_words(definition.timeout_s)
    cancel_job(decision, step, f"it took longer than {limit}")
    tried = tries(step)
    end_attempt(
        decision,
        step,
        StepTimedOut(
            step=step.name,
            iteration=step.iteration,
            attempt=running.number,
            timeout_s=definition.timeout_s,
        ),
        again=repeatable(definition) and tried < definition.max_attempts,
        delay_s=definition.backoff.delay_s(tried),
    )


def time_out_run(decision: Decision, command: TimeOutRun) -> None:
    """The run fails, held or not; of what is running nobody knows the end."""
    run = decision.run
    limit = run.definition.timeout_s
    if run.final or run.queued_at is None or limit is None:
        return
    reason = f"the run took longer than {in_words(limit)}"
    decision.record(RunTimedOut(timeout_s=limit))
    cancel_all(decision, reason, "unknown")
    decision.record(RunFailed(step=None, attempt=None, reason=reason))
