"""May a step run again without harm? Said before a retry or a redo, and recorded.

*safe*: it does no harm, or has not run. *unsafe*: what it does may be done once, and
was done. *unknown*: it started, and nobody told how that ended.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.errors import UnsafeToRepeat
from domain.run.carrying import carried_steps
from domain.run.events import StepVerdict
from domain.run.guards import LISTED
from domain.run.state import StepState

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Literal

    from domain.ids import RunId
    from domain.run.commands import RedoStep, RetryRun
    from domain.run.state import Attempt, Job, Run, StepRun
    from domain.workflow.definition import StepDefinition, WorkflowDefinition

    Verdict = Literal["safe", "unsafe", "unknown"]

GRAVITY: dict[Verdict, int] = {"safe": 0, "unknown": 1, "unsafe": 2}


def retry_safety(
    old: Run,
    run_id: RunId,
    retry_from: str,
    definition: WorkflowDefinition,
    *,
    other_inputs: bool = False,
) -> tuple[StepVerdict, ...]:
    """One verdict for each step that a retry would run, in definition order.

    Raises:
        UnknownStep: it is to be from a step that the definition does not have.
    """
    carried = carried_steps(
        old, run_id, retry_from, definition, other_inputs=other_inputs
    )
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


def all_safe(verdicts: Iterable[StepVerdict]) -> bool:
    return all(each.verdict == "safe" for each in verdicts)


def require_accepted(
    verdicts: Iterable[StepVerdict], command: RetryRun | RedoStep, what: str
) -> None:
    """Whoever asks for it knows what may be done twice.

    Raises:
        UnsafeToRepeat: they have not said so.
    """
    doubtful = [each for each in verdicts if each.verdict != "safe"]
    if not doubtful or command.accept_unsafe:
        return
    found = "; ".join(
        f"step {each.step!r} is {each.verdict} ({', '.join(each.reasons)})"
        for each in doubtful[:LISTED]
    )
    more = len(doubtful) - LISTED
    found += f"; and {more} more" if more > 0 else ""
    raise UnsafeToRepeat(
        f"This {what} would run again what is not known to be safe to: {found}. Look "
        f"at what they did, then {what} with accept_unsafe.",
        verdicts=[each.model_dump(mode="json") for each in doubtful],
    )


def _verdict(
    definition: StepDefinition, step: StepRun | None, before: StepVerdict | None
) -> StepVerdict:
    if definition.kind == "approval":
        return _of(definition, "safe", "people are asked again")
    if definition.effects != "once":
        return _of(definition, "safe", f"its effects are declared {definition.effects}")
    found = [_carried(step), *_told_of(step)]
    if before is not None and before.verdict != "safe":
        found.append((before.verdict, "; ".join(before.reasons)))
    known = [each for each in found if each is not None]
    if not known:
        return _of(definition, "safe", "it has not started")
    worst = max((verdict for verdict, _ in known), key=GRAVITY.__getitem__)
    reasons = [reason for verdict, reason in known if verdict == worst]
    declared = "its effects are declared once"
    return _of(definition, worst, *dict.fromkeys((declared, *reasons)))


def _told_of(step: StepRun | None) -> list[tuple[Verdict, str]]:
    """What each attempt's end, or a late report of it, tells about its effects."""
    if step is None:
        return []
    jobs = {job.attempt: job for job in step.jobs if job.lease is not None}
    return [_told(attempt, jobs.get(attempt.number)) for attempt in step.attempts]


def _told(attempt: Attempt, job: Job | None) -> tuple[Verdict, str]:
    which = f"attempt {attempt.number}"
    if attempt.outcome == "completed" or not DONE.isdisjoint(attempt.late):
        return "unsafe", f"{which} completed"
    if attempt.outcome == "failed" or "failed" in attempt.late:
        return "safe", f"{which} ended with a failure that it reported"
    given_back = job is not None and job.state == "released"
    if given_back or "released" in attempt.late:
        return "safe", f"{which} was given back by its worker, unfinished"
    if attempt.outcome == "running":
        return "unknown", f"{which} is running"
    if "stopped" in attempt.late or (job is not None and attempt.outcome == "canceled"):
        return "unknown", f"{which} was stopped before its end"
    if attempt.lost:
        return "unknown", f"{which} was lost: its worker was not heard of in time"
    if attempt.given_up is not None:
        return "unknown", f"{which} took too long, and nobody told how it ended"
    return "unknown", f"{which} started, and nobody told how it ended"


DONE = frozenset({"completed", "approval_requested"})


def _carried(step: StepRun | None) -> tuple[Verdict, str] | None:
    if step is None or step.carried_from is None:
        return None
    return "unsafe", "it completed in an earlier run"


def _of(definition: StepDefinition, verdict: Verdict, *reasons: str) -> StepVerdict:
    return StepVerdict(step=definition.name, verdict=verdict, reasons=reasons)
