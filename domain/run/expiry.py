"""What time does to an open question. Asked for by timers, which may be late."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.run.approvals import complete, turn_down
from domain.run.events import ApprovalExpired, ApprovalReminded
from domain.run.times import in_words

if TYPE_CHECKING:
    from domain.run.deciding import Decision
    from domain.run.own_commands import ExpireApproval, RemindApproval
    from domain.run.state import Approval, Run


def expire_approval(decision: Decision, command: ExpireApproval) -> None:
    """Too few have decided in time: it counts as the policy says.

    Under a hold too, and then what follows waits, as after a person's decision.
    """
    approval = _open(decision.run, command.step, command.iteration)
    if approval is None or (seconds := approval.policy.expires_s) is None:
        return
    policy = approval.policy
    decision.record(
        ApprovalExpired(
            step=command.step, iteration=command.iteration, counts_as=policy.on_expiry
        )
    )
    step = decision.run.steps[command.step]
    if policy.on_expiry == "approve":
        complete(decision, step)
    else:
        who = "too few" if approval.decisions else "nobody"
        turn_down(decision, step, f"{who} decided within {in_words(seconds)}")


def remind_approval(decision: Decision, command: RemindApproval) -> None:
    """It is on record that people have not answered yet; nothing else changes."""
    approval = _open(decision.run, command.step, command.iteration)
    if approval is not None and command.nth == approval.reminders + 1:
        decision.record(
            ApprovalReminded(
                step=command.step, iteration=command.iteration, nth=command.nth
            )
        )


def _open(run: Run, step: str, iteration: int) -> Approval | None:
    """The question that is meant, if it still is one."""
    found = run.steps.get(step)
    if found is None or run.final or run.observed:
        return None
    approval = found.open_approval
    return approval if approval and approval.iteration == iteration else None
