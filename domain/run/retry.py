"""A retry: a new run that takes over what is done, linked to the finished one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.errors import NotRetriable, RetryOpen, RunNotOver
from domain.run.carrying import carried_steps
from domain.run.contents import content, same_content
from domain.run.deciding import Decision
from domain.run.events import RunCreated, RunQueued, RunRetried
from domain.run.forms import require_inputs
from domain.run.guards import name, observed_only, when
from domain.run.safety import all_safe, require_accepted, retry_safety
from domain.run.settling import settle
from domain.run.state import Run, RunState

if TYPE_CHECKING:
    from domain.events import Event
    from domain.run.commands import RetryRun
    from domain.run.context import RetryContext


def decide_retry(
    old: Run, command: RetryRun, context: RetryContext
) -> tuple[list[Event], list[Event]]:
    """The events of the new run, which is queued at once, and those of the old one.

    Raises:
        RunNotOver: the old run still goes on.
        RetryOpen: a retry of it still goes on.
        NotRetriable: nothing is left to run.
        UnsafeToRepeat: a step would run again that is not known to be safe to, and
            the caller has not accepted that.
        InputsInvalid: the new run's inputs do not fit its version's schema.
        UnknownStep: there is no such step to retry from.
        RunObserved: it ran elsewhere.
    """
    _require_retriable(old, command, context)
    retry_from = command.retry_from
    definition = context.definition
    # Given at all they are others, also where they say that there is nothing.
    other_inputs = "inputs" in command.model_fields_set
    _require_inputs(old, command, context, others=other_inputs)
    differ = other_inputs and not same_content(content(command.inputs), old.inputs)
    carried = carried_steps(
        old, context.run_id, retry_from, definition, other_inputs=differ
    )
    if len(carried) == len(definition.steps):
        raise NotRetriable(
            f"Version {context.workflow_version} of {definition.name} has no step "
            f"left to run after {name(old, 'run')}. Retry from start, or from a step."
        )
    verdicts = retry_safety(
        old, context.run_id, retry_from, definition, other_inputs=differ
    )
    require_accepted(verdicts, command, "retry")
    new = Decision(Run(definition), context, context.by)
    new.record(
        RunCreated(
            workflow=definition.name,
            workflow_version=context.workflow_version,
            number=context.new_number,
            inputs=content(command.inputs) if other_inputs else old.inputs,
            retry_of=context.run_id,
            root_run=old.root_run or context.run_id,
            retry_from=retry_from,
            reason=command.reason,
            carried=carried,
            verdicts=verdicts,
            accepted_unsafe=not all_safe(verdicts),
            other_inputs=other_inputs,
        )
    )
    new.record(RunQueued())
    settle(new)
    link = RunRetried(
        new_run=context.new_run,
        new_number=context.new_number,
        retry_from=retry_from,
        reason=command.reason,
    )
    return new.events, [link]


def _require_inputs(
    old: Run, command: RetryRun, context: RetryContext, *, others: bool
) -> None:
    """Those that are taken over were checked, unless the version is another one; where
    they lie apart nobody can look at them here."""
    if others:
        require_inputs(context.definition, command.inputs)
    elif context.workflow_version != old.workflow_version:
        inputs = old.inputs
        if inputs is None or inputs.digest is None:
            require_inputs(context.definition, None if inputs is None else inputs.value)


def _require_retriable(old: Run, command: RetryRun, context: RetryContext) -> None:
    if old.observed:
        raise observed_only(old)
    if not old.final:
        raise RunNotOver(
            f"{name(old)} is not over, it is {old.state.value.replace('_', ' ')}: "
            "cancel it first, or redo one of its steps."
        )
    if context.latest_retry is not None:
        run_id, retry = context.latest_retry
        if not retry.final:
            raise RetryOpen(
                f"{name(retry)} is a retry of {name(old, 'run')} by "
                f"{retry.created_by} since {when(retry.created_at)}, and still "
                f"{retry.state.value.replace('_', ' ')}. Let it end, or cancel it.",
                run_id=str(run_id),
                number=retry.number,
            )
    if command.retry_from == "failed" and old.state is RunState.COMPLETED:
        raise NotRetriable(
            f"{name(old)} completed: nothing in it failed. To run it again, retry "
            "from start, or from a step."
        )
