"""What most commands ask first, and the refusals that answer them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.errors import RunHeld, RunObserved, RunOver, UnknownStep, WrongState

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from domain.run.state import Run, StepRun, StepState
    from domain.workflow.definition import StepDefinition

LISTED = 10


def observed_only(run: Run) -> RunObserved:
    return RunObserved(
        f"{name(run)} runs in {run.source or 'another system'} and is only observed "
        "here: steer it there, and report here what happened."
    )


def require_open(run: Run) -> None:
    if run.final:
        raise RunOver(
            f"{name(run)} is over: {run.state} since {when(run.ended_at)}. "
            + (
                "Reports after its end are not taken."
                if run.observed
                else "To run it again, retry it: that makes a new run, linked to it."
            ),
            state=run.state.value,
        )


def require_not_held(run: Run) -> None:
    if run.held:
        cause = run.cause
        who = "An operator" if cause is None else cause.actor
        why = f" ({cause.reason})" if cause is not None and cause.reason else ""
        raise RunHeld(
            f"{who} holds {name(run, 'run')} since {when(run.changed_at)}{why}. "
            "Nothing new starts until the run is continued."
        )


def find_step(run: Run, step: str) -> StepRun:
    found = run.steps.get(step)
    if found is None:
        raise UnknownStep(
            f"{name(run)} has no step {step!r}. It has: {listed(run.steps)}."
        )
    return found


def require_task(run: Run, step: str) -> StepDefinition:
    """Approval steps are decided by people, never run."""
    definition = run.definition.by_name[step]
    if definition.kind == "approval":
        raise WrongState(
            f"Step {step!r} is an approval: people approve or reject it, nothing "
            "runs it.",
            step=step,
        )
    return definition


def name(run: Run, noun: str = "Run") -> str:
    return f"{noun} #{run.number} of {run.workflow}"


def when(moment: datetime | None) -> str:
    return "an unknown time" if moment is None else f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def listed(names: Iterable[str]) -> str:
    every = list(names)
    shown = ", ".join(repr(each) for each in every[:LISTED]) or "none yet"
    more = len(every) - LISTED
    return f"{shown} and {more} more" if more > 0 else shown


def words(state: StepState) -> str:
    """A step's state as people say it."""
    return state.value.replace("_", " ")
