"""What holds for every run, whatever is asked of it and in whatever order."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import NotFound, Refused
from domain.events import By, Event
from domain.run.commands import (
    Approve,
    CancelRun,
    CancelStep,
    CompleteStep,
    ContinueRun,
    CreateRun,
    EndRun,
    FailStep,
    NoteStep,
    ObserveRun,
    PauseRun,
    QueueStep,
    RedoStep,
    Reject,
    RequestApproval,
    RunCommand,
    StartRun,
    StartStep,
)
from domain.run.context import Context, told_by
from domain.run.decisions import decide, outcome
from domain.run.events import StepQueued, StepReportDiscarded
from domain.run.evolution import evolve, fold
from domain.run.state import Run, RunState, StepState
from domain.workflow.definition import ApprovalPolicy, OnReject, WorkflowDefinition
from tests.domain.workflows import approval, task, workflow
from tests.support.decider import RUN_ID, START

if TYPE_CHECKING:
    from collections.abc import Iterator

STEPS = ("a", "b", "c", "d", "ok")
TWO = ApprovalPolicy(approvers=("ada", "bob"), required=2)
SEEDS = st.integers(0, 2**32)
LENGTHS = st.integers(1, 80)
"""Commands are picked evenly by a seed (drawn one by one, most stories are short and
repeat themselves); a failing story shrinks to its shortest beginning that fails."""


@st.composite
def workflows(draw: st.DrawFn) -> WorkflowDefinition:
    """Two branches that meet; what failing and rejecting mean is drawn."""
    on_reject = draw(
        st.sampled_from(
            [OnReject(action="fail"), OnReject(action="cancel")]
            + [OnReject(action="redo", step=name) for name in (None, "a", "b")]
        )
    )
    tries = draw(st.sampled_from((1, 2)))
    policy = draw(st.sampled_from((None, TWO)))
    return workflow(
        task("a"),
        task("b", "a", max_attempts=tries, on_reject=OnReject(action="redo")),
        approval("ok", "b", on_reject=on_reject, approval=policy),
        task("c", *draw(st.sampled_from(((), ("a",)))), on_reject=OnReject()),
        task("d", "ok", "c"),
        on_failure=draw(st.sampled_from(("drain", "continue"))),
    )


@settings(max_examples=300, deadline=None)
@given(workflows(), SEEDS, LENGTHS)
def test_managed_runs(definition: WorkflowDefinition, seed: int, length: int) -> None:
    dice = Random(seed)
    create = CreateRun(workflow="release", start=dice.random() < 0.8)
    run = live(Run(definition), create)
    for _ in range(length):
        pool = list(sensible(run) if dice.random() < 0.8 else steering(run))
        run = live(run, dice.choice(pool)) if pool else run


@settings(max_examples=300, deadline=None)
@given(st.none() | workflows(), SEEDS, LENGTHS)
def test_observed_runs(
    definition: WorkflowDefinition | None, seed: int, length: int
) -> None:
    dice = Random(seed)
    seen = ObserveRun(workflow="release", source="ci", external_id="9")
    run = live(Run(definition or workflow()), seen)
    for _ in range(length):
        pool = list(reports() if dice.random() < 0.95 else ends())
        run = live(run, dice.choice(pool))


def sensible(run: Run) -> Iterator[RunCommand]:
    """What moves a run on; a story of refusals would test nothing."""
    if run.state is RunState.CREATED:
        yield StartRun()
    if run.held:
        yield ContinueRun()
    for name, step in run.steps.items():
        match step.state:
            case StepState.QUEUED:
                yield from [StartStep(step=name)] * 4
            case StepState.RUNNING:
                yield from [CompleteStep(step=name, output=1)] * 5
                yield FailStep(step=name)
                yield RequestApproval(step=name, output=1)
            case StepState.WAITING:
                yield from [Approve(step=name), Approve(step=name, actor="bob")] * 2
                yield Reject(step=name)
            case StepState.COMPLETED | StepState.FAILED | StepState.REJECTED:
                yield RedoStep(step=name)


def steering(run: Run) -> Iterator[RunCommand]:
    for _ in range(20):
        yield PauseRun()
    yield ContinueRun()
    yield CreateRun(workflow="release")
    yield CancelRun(force=run.version % 2 == 0)
    yield EndRun(outcome="failed")
    for name in STEPS:
        yield RedoStep(step=name)
        yield Approve(step=name, iteration=1)
        yield from reports_of(name)


def reports() -> Iterator[RunCommand]:
    for name in STEPS:
        yield from reports_of(name)
        yield QueueStep(step=name)
        yield CancelStep(step=name)
        yield NoteStep(step=name, transition="seen")


def ends() -> Iterator[RunCommand]:
    yield EndRun(outcome="completed")
    yield EndRun(outcome="canceled", reason="superseded")
    for name in (None, "a", "z"):
        yield EndRun(outcome="failed", step=name)


def reports_of(name: str) -> Iterator[RunCommand]:
    for attempt in (None, 1, 2, 3):
        yield StartStep(step=name, attempt=attempt, actor="bob" if attempt else None)
        yield CompleteStep(step=name, attempt=attempt)
        yield FailStep(step=name, attempt=attempt)
        yield RequestApproval(step=name, attempt=attempt, output=1)
    yield RequestApproval(step=name)
    yield Reject(step=name, comment="no", actor="bob")


def live(run: Run, command: RunCommand) -> Run:
    """The run after the command, and all that must hold of it."""
    at = START + timedelta(seconds=run.version)
    context = Context(By("ada", at), RUN_ID, number=42, workflow_version=1)
    try:
        events = decide(run, command, context)
    except (Refused, NotFound):
        return run
    assert decide(run, command, context) == events
    by = told_by(command, context.by)
    before = replace(run, steps={n: replace(s) for n, s in run.steps.items()})
    after = fold(run, [(event, by) for event in events])
    assert run == before
    assert outcome(run, [command], context) == ([(each, by) for each in events], after)
    one_by_one = run
    for event in events:
        one_by_one = evolve(one_by_one, event, by)
    assert one_by_one == after
    check(after)
    check_change(run, after, events)
    return after


def check(run: Run) -> None:
    assert run.state is by_the_rule(run)
    assert run.waiting == (run.state is RunState.WAITING) or run.held
    for step in run.steps.values():
        numbers = [attempt.number for attempt in step.attempts]
        assert numbers == sorted(set(numbers))
        running = [a.number for a in step.attempts if a.outcome == "running"]
        assert running == numbers[-1:] * (step.state is StepState.RUNNING)
        assert (step.open_approval is not None) == (step.state is StepState.WAITING)
        assert all(a.state != "open" for a in step.approvals[:-1])
    going_on = {StepState.RUNNING, StepState.QUEUED, StepState.WAITING}
    states = {step.state for step in run.steps.values()}
    if run.state in (RunState.COMPLETED, RunState.FAILED, RunState.CANCELED):
        assert not states & going_on
    elif not (run.observed or run.held or run.state is RunState.CREATED):
        assert states & going_on, "nothing would ever happen to this run again"
    if run.state is RunState.COMPLETED and not run.observed:
        assert states == {StepState.COMPLETED}


def by_the_rule(run: Run) -> RunState:
    """The design's words, apart from the code that they rule."""
    states = [step.state for step in run.steps.values()]
    started = run.started_at is not None
    if run.ended_at is not None:
        return run.state
    if run.held:
        return RunState.PAUSED
    if started and ("running" in states or "queued" in states):
        return RunState.RUNNING
    if "waiting_for_approval" in states:
        return RunState.WAITING
    if started and run.observed:
        return RunState.RUNNING
    return RunState.CREATED if run.queued_at is None else RunState.QUEUED


def check_change(before: Run, after: Run, events: list[Event]) -> None:
    assert after.version == before.version + len(events)
    for name, step in before.steps.items():
        told = [attempt.number for attempt in step.attempts]
        kept = [attempt.number for attempt in after.steps[name].attempts]
        assert kept[: len(told)] == told
        assert after.steps[name].iteration >= step.iteration
    if before.final:
        assert all(type(event) is StepReportDiscarded for event in events)
        assert after.state is before.state
        for name, step in before.steps.items():
            assert after.steps[name].state is step.state
    if before.held and after.held:
        assert not any(type(event) is StepQueued for event in events)
    if not events:
        assert after == before
