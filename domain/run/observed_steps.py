"""Reports about the steps of runs that ran elsewhere: facts, as their source tells.

What is told may come in any order and leave out anything. Nothing is refused but
what cannot be placed: a step that the graph does not have, a report after the end.
Nothing is made up either: no start, no end, no duration.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.errors import WrongState
from domain.run.cancel import cancel_step, withdraw
from domain.run.contents import content
from domain.run.events import (
    ApprovalDecided,
    ApprovalRequested,
    StepAttemptFailed,
    StepCompleted,
    StepFailed,
    StepNoted,
    StepQueued,
    StepRejected,
    StepReportDiscarded,
    StepStarted,
)
from domain.run.guards import find_step, require_open
from domain.run.late_reports import WHAT_HAPPENED, discard, says_it_again
from domain.run.state import StepRun, StepState
from domain.run.state_rule import say_state
from domain.run.subjects import subject_digest
from domain.workflow.policy import ApprovalPolicy

if TYPE_CHECKING:
    from domain.run.commands import (
        CancelStep,
        CompleteStep,
        FailStep,
        NoteStep,
        QueueStep,
        Reject,
        RequestApproval,
        StartStep,
    )
    from domain.run.deciding import Decision
    from domain.run.late_reports import Ending
    from domain.run.state import Attempt


def queue_step(decision: Decision, command: QueueStep) -> None:
    """The source has planned the step. Once it is planned or runs, that is noted."""
    step = told_step(decision, command.step)
    if step.state is StepState.QUEUED:
        _note_again(decision, step, "queued", "it was queued before")
        return
    if (running := step.current) is not None:
        note = f"while attempt {running.number} was running"
        decision.record(StepNoted(step=step.name, transition="queued", note=note))
        return
    withdraw_open(decision, step, "the source planned the step again")
    decision.record(StepQueued(step=step.name))
    say_state(decision)


def start_step(decision: Decision, command: StartStep) -> None:
    """An attempt begins; one that was running is closed, its outcome unknown."""
    step = told_step(decision, command.step)
    running = step.current
    if running is not None and _is_its_start(decision, running, command):
        return
    number = _next(step) if command.attempt is None else command.attempt
    if (known := _attempt(step, number)) is not None:
        if "started" not in known.late and known.started_at is None:
            decision.record(
                StepReportDiscarded(
                    step=step.name,
                    attempt=number,
                    outcome="started",
                    reason=f"attempt {number} {WHAT_HAPPENED[known.outcome]}",
                )
            )
        return
    _require_order(step, number)
    withdraw_open(decision, step, "the source started the step again")
    decision.record(StepStarted(step=step.name, attempt=number))
    say_state(decision)


def complete_step(decision: Decision, command: CompleteStep) -> None:
    """The attempt, or where none was running one without a start, has succeeded."""
    step = told_step(decision, command.step)
    if step.open_approval is not None and command.attempt in (None, last_number(step)):
        decision.record(
            StepCompleted(
                step=step.name,
                attempt=step.approvals[-1].attempt,
                output=content(command.output),
                approved=True,
            )
        )
        say_state(decision)
        return
    number = _attempt_to_end(decision, step, command)
    if number is None:
        return
    withdraw_open(decision, step, "the source completed another attempt")
    decision.record(
        StepCompleted(
            step=step.name,
            attempt=number,
            output=content(command.output),
            duration_us=command.duration_us,
        )
    )
    say_state(decision)


def fail_step(decision: Decision, command: FailStep) -> None:
    """The attempt failed. Whether it is tried again the source will tell."""
    step = told_step(decision, command.step)
    number = _attempt_to_end(decision, step, command)
    if number is None:
        return
    withdraw_open(decision, step, "the step failed")
    decision.record(
        StepAttemptFailed(
            step=step.name,
            attempt=number,
            error=command.error,
            retryable=command.retryable,
            duration_us=command.duration_us,
        )
    )
    decision.record(StepFailed(step=step.name, attempt=number, error=command.error))
    say_state(decision)


def request_approval(decision: Decision, command: RequestApproval) -> None:
    """The step waits for people. An attempt ends by that where one was running, or
    where its output is told.
    """
    step = told_step(decision, command.step)
    number: int | None = None
    if step.current is not None or _tells_an_end(command):
        number = _attempt_to_end(decision, step, command)
        if number is None:
            return
    elif step.open_approval is not None:
        return
    withdraw_open(decision, step, "the source asked again")
    definition = decision.run.definition.by_name.get(step.name)
    policy = None if definition is None else definition.approval
    subject = content(command.output) or step.output
    decision.record(
        ApprovalRequested(
            step=step.name,
            attempt=number,
            policy=command.policy or policy or ApprovalPolicy(),
            subject=subject,
            summary=command.summary,
            subject_digest=subject_digest(subject, command.summary, 1),
            duration_us=command.duration_us,
        )
    )
    say_state(decision)


def reject(decision: Decision, command: Reject) -> None:
    """Somebody there rejected the step, whatever state it was in."""
    step = told_step(decision, command.step)
    if step.state is StepState.REJECTED and step.reason == command.comment:
        return
    approval = step.open_approval
    if approval is not None and all(
        each.actor != decision.by.actor for each in approval.decisions
    ):
        decision.record(
            ApprovalDecided(
                step=step.name,
                decision="rejected",
                comment=command.comment,
                subject_digest=approval.subject_digest,
                seen_version=command.seen_version,
            )
        )
    decision.record(
        StepRejected(
            step=step.name,
            attempt=last_number(step) or None,
            reason=command.comment,
        )
    )
    say_state(decision)


def cancel_step_there(decision: Decision, command: CancelStep) -> None:
    """The source gave the step up, or left it out."""
    step = told_step(decision, command.step)
    if step.state is StepState.CANCELED:
        _note_again(decision, step, "canceled", command.reason)
        return
    cancel_step(decision, step, command.reason)
    say_state(decision)


def note_step(decision: Decision, command: NoteStep) -> None:
    """Something that changes no state."""
    step = told_step(decision, command.step)
    decision.record(
        StepNoted(step=step.name, transition=command.transition, note=command.note)
    )


def _note_again(decision: Decision, step: StepRun, transition: str, note: str) -> None:
    """What the source told twice is on record twice: its log is accounted for.

    Of the same moment it is the same report.
    """
    if step.changed_at != decision.by.at:
        decision.record(StepNoted(step=step.name, transition=transition, note=note))


def told_step(decision: Decision, step: str) -> StepRun:
    """The step, which an unknown graph has as soon as it is told of."""
    run = decision.run
    require_open(run)
    if step in run.steps or run.definition.steps:
        return find_step(run, step)
    return StepRun(step)


def _attempt_to_end(decision: Decision, step: StepRun, report: Ending) -> int | None:
    """The number of the attempt that the report ends; None where that is on record."""
    running = step.current
    if running is not None and report.attempt in (None, running.number):
        return running.number
    if report.attempt is None:
        last = step.attempts[-1] if step.attempts else None
        if last is not None and _told_twice(step, last, report):
            return None
        return _next(step)
    known = _attempt(step, report.attempt)
    if known is None:
        _require_order(step, report.attempt)
        return report.attempt
    if not says_it_again(step, known, report):
        discard(decision, step, known, report)
    return None


def _require_order(step: StepRun, number: int) -> None:
    if number < last_number(step):
        raise WrongState(
            f"Attempt {number} of step {step.name!r} was never told of, and attempt "
            f"{last_number(step)} was: attempts are told in their order.",
            step=step.name,
        )


def _told_twice(step: StepRun, last: Attempt, report: Ending) -> bool:
    """Only where the source tells the time can a report be known as the same."""
    return (
        report.occurred_at is not None
        and report.occurred_at == last.ended_at
        and says_it_again(step, last, report)
    )


def _tells_an_end(command: RequestApproval) -> bool:
    return command.output is not None or command.duration_us is not None


def _is_its_start(decision: Decision, running: Attempt, command: StartStep) -> bool:
    if command.attempt is not None:
        return command.attempt == running.number
    return (
        command.occurred_at is not None
        and command.occurred_at == running.started_at
        and decision.by.actor == running.actor
    )


def withdraw_open(decision: Decision, step: StepRun, cause: str) -> None:
    if step.open_approval is not None:
        withdraw(decision, step, cause)


def _attempt(step: StepRun, number: int) -> Attempt | None:
    return next((a for a in step.attempts if a.number == number), None)


def last_number(step: StepRun) -> int:
    return step.attempts[-1].number if step.attempts else 0


def _next(step: StepRun) -> int:
    return last_number(step) + 1
