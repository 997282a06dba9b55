"""What may be done now, by this caller, and otherwise why not.

The rules themselves are asked: each command is decided on the folded run, and its
refusal is the reason. Nothing of a decision is kept.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from domain import errors
from domain.events import By
from domain.ids import RunId
from domain.run.commands import (
    Approve,
    CancelRun,
    ContinueRun,
    PauseRun,
    RedoStep,
    Reject,
    RetryRun,
    StartRun,
)
from domain.run.context import Context, RetryContext
from domain.run.decisions import decide, decide_retry
from domain.run.redo import REDOABLE as REDOABLE_BY_RULE
from domain.run.safety import all_safe, redo_safety, retry_safety
from query_api.history import Unfoldable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from domain.events import Event
    from domain.run.commands import RunCommand
    from domain.run.events import StepVerdict
    from domain.run.state import Run
    from infra.access import Principal
    from query_api.history import History

Shape = dict[str, Any]

NOBODY = RunId(UUID(int=0))
"""Stands for the run that a retry would make."""

REDOABLE = frozenset(REDOABLE_BY_RULE)


def run_actions(
    run: Run,
    run_id: RunId,
    principal: Principal,
    latest_retry: tuple[RunId, Run] | None,
) -> list[Shape]:
    """Start, pause, continue, cancel and retry."""
    context = _context(run_id, principal)
    found = [
        _action("start", StartRun(), run, context, principal),
        _action("pause", PauseRun(), run, context, principal),
        _action("continue", ContinueRun(), run, context, principal),
        _action("cancel", CancelRun(), run, context, principal),
    ]
    retry = RetryContext(
        by=context.by,
        run_id=run_id,
        new_run=NOBODY,
        new_number=0,
        definition=run.definition,
        workflow_version=run.workflow_version,
        latest_retry=latest_retry,
    )
    return [*found, retry_action(run, "failed", retry, principal)]


def retry_action(
    run: Run, retry_from: str, context: RetryContext, principal: Principal
) -> Shape:
    """A retry by somebody who accepts what is not safe; with the verdicts, if it is
    allowed."""
    command = RetryRun(retry_from=retry_from, accept_unsafe=True)

    def retry() -> Sequence[Event]:
        new, old = decide_retry(run, command, context)
        return [*new, *old]

    shape = _tried("retry", RetryRun.role, principal, retry)
    if shape["allowed"]:
        _judge(shape, retry_safety(run, context.run_id, retry_from, context.definition))
    return shape


def redo_action(run: Run, step: str, run_id: RunId, principal: Principal) -> Shape:
    """The same of a redo."""
    command = RedoStep(step=step, accept_unsafe=True)
    shape = _action("redo", command, run, _context(run_id, principal), principal)
    if shape["allowed"]:
        _judge(shape, redo_safety(run, step))
    return shape


def step_actions(
    run: Run, step: str, run_id: RunId, principal: Principal
) -> list[Shape]:
    """Approve, reject, delegate and redo, of one step; nothing of these is for one that
    has neither an open approval nor anything to redo.
    """
    state = run.steps.get(step)
    if state is None:
        return []
    context = _context(run_id, principal)
    found: list[Shape] = []
    if (asked := state.open_approval) is not None:
        shown: Shape = {
            "step": step,
            "iteration": asked.iteration,
            "subject_digest": asked.subject_digest,
        }
        found.append(_action("approve", Approve(**shown), run, context, principal))
        found.append(_action("reject", Reject(**shown), run, context, principal))
        # Whoever may decide may have somebody else do it.
        found.append({**found[0], "command": "delegate"})
    if state.state in REDOABLE:
        found.append(redo_action(run, step, run_id, principal))
    return found


async def latest_retry(
    history: History, namespace: str, run: Run
) -> tuple[RunId, Run] | None:
    """The last retry of a run, which decides whether there may be another one."""
    if not run.retries:
        return None
    newest = RunId(run.retries[-1])
    try:
        return newest, (await history.present(namespace, newest)).run
    except Unfoldable:
        return None


def _context(run_id: RunId, principal: Principal) -> Context:
    return Context(
        by=By(principal.name, datetime.now(UTC)),
        run_id=run_id,
        recorded_by=principal.name,
        groups=principal.groups,
    )


def _action(
    name: str, command: RunCommand, run: Run, context: Context, principal: Principal
) -> Shape:
    return _tried(name, command.role, principal, lambda: decide(run, command, context))


def _tried(
    name: str, role: str, principal: Principal, attempt: Callable[[], Sequence[Event]]
) -> Shape:
    code, why = None, None
    try:
        if not attempt():
            code, why = "nothing-to-do", "It is so already."
    except errors.FormInvalid:
        pass  # looked at last: all that is missing is what the person will fill in
    except errors.RunledgerError as refusal:
        code, why = refusal.code, refusal.message
    if code is None and role not in principal.actions:
        code, why = "forbidden", f"This takes the role {role}."
    return {
        "command": name,
        "allowed": code is None,
        "code": code,
        "why_not": why,
        "verdicts": [],
        "must_accept": False,
    }


def _judge(shape: Shape, verdicts: Sequence[StepVerdict]) -> None:
    shape["verdicts"] = [one.model_dump() for one in verdicts]
    shape["must_accept"] = not all_safe(verdicts)
