"""May a step run again without harm? Said before a retry or a redo, and recorded.

*safe*: it does no harm, or has not run. *unsafe*: what it does may be done once, and
was done. *unknown*: it started, and nobody told how that ended.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.run.carrying import carried_steps
from domain.run.events import StepVerdict
from domain.run.state import StepState

if TYPE_CHECKING:
    from typing import Literal

    from domain.ids import RunId
    from domain.run.state import Attempt, Run, StepRun
    from domain.workflow.definition import StepDefinition, WorkflowDefinition

    Verdict = Literal["safe", "unsafe", "unknown"]

GRAVITY: dict[Verdict, int] = {"safe": 0, "unknown": 1, "unsafe": 2}


def retry_safety(
    old: Run, run_id: RunId, retry_from: str, definition: WorkflowDefinition
) -> tuple[StepVerdict, ...]:
    """One verdict for each step that a retry would run, in definition order.

    Raises:
        UnknownStep: it is to be from a step that the definition does not have.
    """
    carried = carried_steps(old, run_id, retry_from, definition)
    kept = {each.step for each in carried}
    return tuple(
        _verdict(step, old.steps.get(step.name), old.verdicts.get(step.name))
        for step in definition.steps
        if step.name not in kept
    )


def redo_safety(run: Run, step: str) -> tuple[StepVerdict, ...]:
    """One verdict for each step that a redo of ``step`` would run again.

    Nothing is said of an approval of several steps, since one must be named, nor of
    observed runs, which are redone elsewhere.
    """
    target = None if run.observed else run.definition.under_review(step)
    if target is None:
        return ()
    return tuple(
        _verdict(run.definition.by_name[name], run.steps[name], run.verdicts.get(name))
        for name in (target, *run.definition.downstream(target))
        if name == target or run.steps[name].state is not StepState.NOT_STARTED
    )


def _verdict(
    definition: StepDefinition, step: StepRun | None, before: StepVerdict | None
) -> StepVerdict:
    if definition.kind == "approval":
        return _of(definition, "safe", "people are asked again")
    if definition.effects != "once":
        return _of(definition, "safe", f"its effects are declared {definition.effects}")
    found = [_carried(step), *(_told(attempt) for attempt in _attempts(step))]
    if before is not None and before.verdict != "safe":
        found.append((before.verdict, "; ".join(before.reasons)))
    known = [each for each in found if each is not None]
    if not known:
        return _of(definition, "safe", "it has not started")
    worst = max((verdict for verdict, _ in known), key=GRAVITY.__getitem__)
    reasons = [reason for verdict, reason in known if verdict == worst]
    declared = "its effects are declared once"
    return _of(definition, worst, *dict.fromkeys((declared, *reasons)))


def _told(attempt: Attempt) -> tuple[Verdict, str]:
    """What an attempt's end, or a late report of it, tells about its effects."""
    which = f"attempt {attempt.number}"
    if attempt.outcome == "completed" or not DONE.isdisjoint(attempt.late):
        return "unsafe", f"{which} completed"
    if attempt.outcome == "failed" or "failed" in attempt.late:
        return "safe", f"{which} ended with a failure that it reported"
    return "unknown", f"{which} started, and nobody told how it ended"


DONE = frozenset({"completed", "approval_requested"})


def _carried(step: StepRun | None) -> tuple[Verdict, str] | None:
    if step is None or step.carried_from is None:
        return None
    return "unsafe", "it completed in an earlier run"


def _attempts(step: StepRun | None) -> tuple[Attempt, ...]:
    return () if step is None else step.attempts


def _of(definition: StepDefinition, verdict: Verdict, *reasons: str) -> StepVerdict:
    return StepVerdict(step=definition.name, verdict=verdict, reasons=reasons)
