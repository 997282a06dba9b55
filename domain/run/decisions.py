"""What the rules make of a command: events, or a refusal. Pure.

Each command's rules are in the module named for their theme; this one finds them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.commands import Report
from domain.errors import NotYourJob, UnknownRun, WrongState
from domain.run import (
    approvals,
    cancel,
    commands,
    delegation,
    expiry,
    jobs,
    lifecycle,
    observed_runs,
    observed_steps,
    own_commands,
    redo,
    steps,
    timeouts,
)
from domain.run.context import told_by
from domain.run.deciding import Decision
from domain.run.guards import name, observed_only
from domain.run.retry import decide_retry

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from domain.commands import Command
    from domain.events import By, Event
    from domain.run.commands import RunCommand
    from domain.run.context import Context
    from domain.run.own_commands import OwnCommand
    from domain.run.state import Run

    Rules = Mapping[type[Command], Callable[[Decision, Any], None]]
    AnyCommand = RunCommand | OwnCommand

__all__ = ["decide", "decide_all", "decide_retry", "outcome"]

OPENING: Rules = {
    commands.CreateRun: lifecycle.create_run,
    commands.ObserveRun: observed_runs.observe_run,
}

MANAGED: Rules = {
    commands.StartRun: lifecycle.start_run,
    commands.PauseRun: lifecycle.pause_run,
    commands.ContinueRun: lifecycle.continue_run,
    commands.CancelRun: cancel.cancel_run,
    commands.StartStep: steps.start_step,
    commands.CompleteStep: steps.complete_step,
    commands.FailStep: steps.fail_step,
    commands.RequestApproval: approvals.request_approval,
    commands.Approve: approvals.approve,
    commands.Reject: approvals.reject,
    commands.DelegateApproval: delegation.delegate_approval,
    commands.RedoStep: redo.redo_step,
    commands.ReleaseJob: jobs.release_job,
    commands.StopJob: jobs.stop_job,
}

OWN: Rules = {
    own_commands.LeaseJob: jobs.lease_job,
    own_commands.LeaseQueued: jobs.lease_queued,
    own_commands.LoseJob: jobs.lose_job,
    own_commands.TimeOutStep: timeouts.time_out_step,
    own_commands.TimeOutRun: timeouts.time_out_run,
    own_commands.ExpireApproval: expiry.expire_approval,
    own_commands.RemindApproval: expiry.remind_approval,
}
"""Never refused: what they name is there, or they do nothing."""

OBSERVED: Rules = {
    commands.QueueStep: observed_steps.queue_step,
    commands.StartStep: observed_steps.start_step,
    commands.CompleteStep: observed_steps.complete_step,
    commands.FailStep: observed_steps.fail_step,
    commands.RequestApproval: observed_steps.request_approval,
    commands.Reject: observed_steps.reject,
    commands.CancelStep: observed_steps.cancel_step_there,
    commands.NoteStep: observed_steps.note_step,
    commands.EndRun: observed_runs.end_run,
}


def decide(run: Run, command: AnyCommand, context: Context) -> list[Event]:
    """The events that the command leads to; none where all is as it asks for already.

    A run that is to be opened comes as ``Run(definition)``, version 0. All events of
    one decision share the envelope ``told_by(command, context.by)``.

    Raises:
        Refused: the rules do not allow it.
        NotFound: there is no such run or step.
    """
    return _decide(run, command, context).events


def decide_all(
    run: Run, commands: Sequence[AnyCommand], context: Context
) -> list[tuple[Event, By]]:
    """One decision after the other, each on top of the one before; all or nothing.

    An ``ObserveRun`` with a digest that brings nothing new stands for all that
    follows it: the same import again is recognised as a whole.

    Raises: as ``decide``.
    """
    return outcome(run, commands, context)[0]


def outcome(
    run: Run, commands: Sequence[AnyCommand], context: Context
) -> tuple[list[tuple[Event, By]], Run]:
    """``decide_all``, and the run as those events leave it: their fold, for nothing.

    Raises: as ``decide``.
    """
    found: list[tuple[Event, By]] = []
    for command in commands:
        decision = _decide(run, command, context)
        if not decision.events and getattr(command, "source_digest", None) is not None:
            break
        found += ((event, decision.by) for event in decision.events)
        run = decision.run
    return found, run


def _decide(run: Run, command: AnyCommand, context: Context) -> Decision:
    decision = Decision(run, context, told_by(command, context.by))
    rule = OPENING.get(type(command)) or _rule(run, command)
    rule(decision, command)
    return decision


def _rule(run: Run, command: AnyCommand) -> Callable[[Decision, Any], None]:
    if isinstance(command, commands.RetryRun):
        raise TypeError("A retry writes to two runs: decide_retry.")
    if not run.version:
        raise UnknownRun("There is no such run.")
    if (rule := OWN.get(type(command))) is not None:
        return rule
    if run.observed:
        if (rule := OBSERVED.get(type(command))) is None:
            raise observed_only(run)
        if getattr(command, "lease", None) is not None:
            raise NotYourJob(
                f"{name(run)} runs elsewhere and is only observed here: it has no "
                "jobs. Leave out the lease."
            )
        return rule
    if (rule := MANAGED.get(type(command))) is None:
        raise WrongState(
            f"{name(run)} is run by our own rules: only an observed run takes "
            f"{getattr(command, 'type', type(command).__name__)!r}."
        )
    if isinstance(command, Report) and command.occurred_at is not None:
        raise WrongState(
            f"{name(run)} is run by our own rules, and its times are those at which "
            "reports arrive: leave out occurred_at."
        )
    return rule
