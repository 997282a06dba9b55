"""Reports about the steps of a managed run: started, completed, failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.errors import WrongState
from domain.run.contents import content
from domain.run.events import StepAttemptFailed, StepCompleted, StepStarted
from domain.run.guards import (
    find_step,
    listed,
    name,
    require_not_held,
    require_open,
    require_task,
    when,
    words,
)
from domain.run.late_reports import attempt_to_end
from domain.run.settling import settle
from domain.run.state import StepState
from domain.run.state_rule import say_state
from domain.run.tries import end_attempt, tries

if TYPE_CHECKING:
    from domain.run.commands import CompleteStep, FailStep, StartStep
    from domain.run.deciding import Decision
    from domain.run.state import Run, StepRun


def start_step(decision: Decision, command: StartStep) -> None:
    """An attempt begins. Told again by the same reporter, nothing.

    Raises:
        WrongState: an attempt is running, or the step is not queued, or not to be
            tried again yet; or workers carry it out.
        RunHeld: nothing starts while an operator holds the run.
    """
    run = decision.run
    step = find_step(run, command.step)
    require_open(run)
    if (queue := require_task(run, step.name).queue) is not None:
        raise WrongState(
            f"Step {step.name!r} is carried out by workers: one that takes from the "
            f"queue {queue!r} leases its job, and that starts it.",
            step=step.name,
            queue=queue,
        )
    running = step.current
    if running is not None:
        if command.attempt == running.number and running.actor == decision.by.actor:
            return
        raise WrongState(
            f"Attempt {running.number} of step {step.name!r} is running since "
            f"{when(running.started_at)}, started by {running.actor}. Only one runs "
            "at a time: let it end.",
            step=step.name,
            attempt=running.number,
        )
    require_not_held(run)
    if step.state is not StepState.QUEUED:
        raise WrongState(_why_not_queued(run, step), step=step.name)
    number = step.attempts[-1].number + 1 if step.attempts else 1
    if command.attempt not in (None, number):
        raise WrongState(
            f"The next attempt of step {step.name!r} is {number}, not "
            f"{command.attempt}: read the run again before starting it.",
            step=step.name,
            attempt=number,
        )
    if step.available_at is not None and decision.by.at < step.available_at:
        raise WrongState(
            f"Step {step.name!r} failed before, and is not tried again before "
            f"{when(step.available_at)}: start it then.",
            step=step.name,
            available_at=step.available_at.isoformat(),
        )
    decision.record(
        StepStarted(step=step.name, iteration=step.iteration, attempt=number)
    )
    say_state(decision)


def complete_step(decision: Decision, command: CompleteStep) -> None:
    """The attempt succeeded and the step is done; what it makes ready follows."""
    run = decision.run
    step = find_step(run, command.step)
    require_task(run, step.name)
    attempt = attempt_to_end(decision, step, command)
    if attempt is None:
        return
    decision.record(
        StepCompleted(
            step=step.name,
            iteration=step.iteration,
            attempt=attempt.number,
            output=content(command.output),
        )
    )
    settle(decision)


def fail_step(decision: Decision, command: FailStep) -> None:
    """The attempt failed: the step is queued again while it has attempts left.

    A reported failure is a known outcome, so also a step with effects ``once`` is
    tried again. Each iteration has its own budget.
    """
    run = decision.run
    step = find_step(run, command.step)
    definition = require_task(run, step.name)
    attempt = attempt_to_end(decision, step, command)
    if attempt is None:
        return
    tried = tries(step)
    end_attempt(
        decision,
        step,
        StepAttemptFailed(
            step=step.name,
            iteration=step.iteration,
            attempt=attempt.number,
            error=command.error,
            retryable=command.retryable,
        ),
        again=command.retryable and tried < definition.max_attempts,
        delay_s=definition.backoff.delay_s(tried),
    )


def _why_not_queued(run: Run, step: StepRun) -> str:
    what = f"Step {step.name!r} of {name(run, 'run')} is {words(step.state)}"
    if run.queued_at is None:
        return f"{what}: the run has not been started. Start the run first."
    if step.state is StepState.NOT_STARTED:
        needs = run.definition.by_name[step.name].needs
        missing = [n for n in needs if run.steps[n].state is not StepState.COMPLETED]
        return f"{what}: it needs {listed(missing)} to complete first."
    return f"{what}: only a queued step is started. To do it again, redo it."
