"""Creating, starting, holding and continuing a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.errors import RunExists, WrongState
from domain.run.contents import content
from domain.run.context import Context
from domain.run.events import RunContinued, RunCreated, RunPaused, RunQueued
from domain.run.forms import require_inputs
from domain.run.guards import (
    listed,
    name,
    require_not_held,
    require_open,
    when,
)
from domain.run.settling import settle
from domain.run.state_rule import open_state, state_without_hold

if TYPE_CHECKING:
    from domain.run.commands import ContinueRun, CreateRun, PauseRun, StartRun
    from domain.run.deciding import Decision


def create_run(decision: Decision, command: CreateRun) -> None:
    """The run exists, and unless told otherwise its first steps are queued.

    Raises:
        InputsInvalid: they do not fit the workflow's schema.
    """
    run = decision.run
    context = decision.context
    assert isinstance(context, Context)
    if run.version:
        raise RunExists(f"{name(run)} has that id already: take another one.")
    if not run.definition.steps:
        raise WrongState(
            f"Version {context.workflow_version} of {run.definition.name} has no "
            "steps: nothing of it can be run, its runs are only observed."
        )
    require_inputs(run.definition, command.inputs)
    decision.record(
        RunCreated(
            workflow=run.definition.name,
            workflow_version=context.workflow_version,
            number=context.number,
            inputs=content(command.inputs),
        )
    )
    if command.start:
        decision.record(RunQueued())
        settle(decision)


def start_run(decision: Decision, command: StartRun) -> None:
    """A run that was created without starting is queued; told again, nothing."""
    run = decision.run
    require_open(run)
    if run.queued_at is not None:
        return
    require_not_held(run)
    decision.record(RunQueued())
    settle(decision)


def pause_run(decision: Decision, command: PauseRun) -> None:
    """Hold the run: what runs may end, and people may decide; nothing new starts."""
    run = decision.run
    require_open(run)
    if not run.held:
        decision.record(RunPaused(cause="operator", reason=command.reason))


def continue_run(decision: Decision, command: ContinueRun) -> None:
    """End the hold; what it kept back follows at once.

    Raises:
        WrongState: nobody holds the run, it waits for people.
    """
    run = decision.run
    require_open(run)
    if run.held:
        state = open_state(state_without_hold(run))
        decision.record(
            RunContinued(cause="operator", state=state, reason=command.reason)
        )
        settle(decision)
    elif run.waiting:
        waiting = [s.name for s in run.steps.values() if s.open_approval is not None]
        raise WrongState(
            f"{name(run)} is not held: it waits for approval of {listed(waiting)} "
            f"since {when(run.changed_at)}. Approve or reject that.",
            steps=waiting,
        )
