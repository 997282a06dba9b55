"""From an item of a bulk operation to the command for its run, and to its result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.bulk.commands import (
    ApproveSteps,
    CancelRuns,
    RedoSteps,
    RejectSteps,
    RetryRuns,
)
from domain.bulk.items import MOST_MESSAGE, ItemResult
from domain.errors import RunledgerError, UnknownRun
from domain.run.commands import Approve, CancelRun, RedoStep, Reject, RetryRun

if TYPE_CHECKING:
    from domain.bulk.items import BulkItem
    from domain.bulk.state import Bulk
    from domain.requests import Answer
    from domain.run.commands import RunCommand


def run_command(bulk: Bulk, item: BulkItem) -> RunCommand | None:
    """What is asked of the item's run; None where it asked nothing of people."""
    match bulk.command:
        case CancelRuns(force=force):
            return CancelRun(reason=bulk.reason, force=force)
        case RetryRuns(retry_from=retry_from, accept_unsafe=accept_unsafe):
            return RetryRun(
                retry_from=retry_from, reason=bulk.reason, accept_unsafe=accept_unsafe
            )
        case RedoSteps(step=step, accept_unsafe=accept_unsafe):
            return RedoStep(
                step=step, feedback=bulk.reason, accept_unsafe=accept_unsafe
            )
        case ApproveSteps() | RejectSteps() if item.step is None:
            return None
        case ApproveSteps(form=form):
            return Approve.model_validate({**_shown(bulk, item), "form": form})
        case RejectSteps():
            return Reject.model_validate(_shown(bulk, item))
        case None:
            raise ValueError("the operation has not started")


def _shown(bulk: Bulk, item: BulkItem) -> dict[str, object]:
    """A decision about what was previewed, and about nothing else."""
    return {
        "step": item.step,
        "iteration": item.iteration,
        "subject_digest": item.subject_digest,
        "comment": bulk.reason,
    }


NOTHING_ASKED = ItemResult(
    result="refused",
    code="wrong-state",
    message="The run asked nothing of people when the list was made.",
)


def told(answer: Answer, *, changed: bool) -> ItemResult:
    """The result of a command that the rules allowed."""
    link = answer.linked
    if link is None:
        return ItemResult(
            result="done" if changed else "nothing",
            version=answer.version,
            position=answer.position,
        )
    return ItemResult(
        result="done",
        version=link.version,
        position=max(link.position, answer.position),
        new_run=answer.run_id,
        new_number=answer.number,
    )


def refused(error: RunledgerError) -> ItemResult:
    """The result of one that came to nothing."""
    return ItemResult(
        result="not_found" if isinstance(error, UnknownRun) else "refused",
        code=error.code,
        message=error.message[:MOST_MESSAGE],
    )
