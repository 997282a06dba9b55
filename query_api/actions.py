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
from domain.run.events import RunCreated
from domain.run.safety import redo_safety
from domain.run.state import StepState
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

REDOABLE = (StepState.WAITING, StepState.COMPLETED)


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
    verdicts: Sequence[StepVerdict] = ()

    def retry() -> Sequence[Event]:
        nonlocal verdicts
        new, old = decide_retry(
            run,
            RetryRun(),
            RetryContext(
                by=context.by,
                run_id=run_id,
                new_run=NOBODY,
                new_number=0,
                definition=run.definition,
                workflow_version=run.workflow_version,
                latest_retry=latest_retry,
            ),
        )
        verdicts = next((e.verdicts for e in new if isinstance(e, RunCreated)), ())
        return [*new, *old]

    shape = _tried("retry", RetryRun.role, principal, retry)
    shape["verdicts"] = [one.model_dump() for one in verdicts]
    return [*found, shape]


def step_actions(
    run: Run, step: str, run_id: RunId, principal: Principal
) -> list[Shape]:
    """Approve, reject and redo, of one step; nothing of these is for one that has
    neither an open approval nor anything to redo.
    """
    state = run.steps.get(step)
    if state is None:
        return []
    context = _context(run_id, principal)
    found: list[Shape] = []
    if state.open_approval is not None:
        found.append(_action("approve", Approve(step=step), run, context, principal))
        found.append(_action("reject", Reject(step=step), run, context, principal))
    if state.state in REDOABLE:
        redo = _action("redo", RedoStep(step=step), run, context, principal)
        if redo["allowed"]:
            redo["verdicts"] = [one.model_dump() for one in redo_safety(run, step)]
        found.append(redo)
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
        elif role not in principal.actions:
            code, why = "forbidden", f"This takes the role {role}."
    except errors.RunledgerError as refusal:
        code, why = refusal.code, refusal.message
    return {
        "command": name,
        "allowed": code is None,
        "code": code,
        "why_not": why,
        "verdicts": [],
    }
