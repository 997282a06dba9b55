"""What holds for every run that workers carry out, whatever happens to its jobs.

Beside what ``test_any_history`` asks of every run: jobs and attempts fit each other,
nothing that the service asks by itself is ever refused, and the rows of jobs and timers
follow from the folded run, whether they are kept up or computed from scratch.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import NotFound, NotRetriable, Refused
from domain.events import By
from domain.run.agenda import Agenda, agenda, whole_agenda
from domain.run.commands import (
    Approve,
    CancelRun,
    CompleteStep,
    ContinueRun,
    CreateRun,
    FailStep,
    PauseRun,
    RedoStep,
    Reject,
    ReleaseJob,
    RequestApproval,
    RetryRun,
    StartStep,
    StopJob,
)
from domain.run.context import Context, RetryContext
from domain.run.decisions import decide, decide_retry
from domain.run.events import StepQueued, StepRetryScheduled, StepStarted
from domain.run.evolution import fold
from domain.run.job_events import JobLeased, JobLost, StepRequeued
from domain.run.own_commands import (
    ExpireApproval,
    LeaseJob,
    LoseJob,
    OwnCommand,
    RemindApproval,
    TimeOutRun,
    TimeOutStep,
)
from domain.run.state import Run, StepRun, StepState
from domain.workflow.definition import (
    ApprovalPolicy,
    Backoff,
    OnReject,
    WorkflowDefinition,
)
from tests.domain.test_any_history import LENGTHS, SEEDS, check, check_change
from tests.domain.workflows import approval, task, workflow
from tests.support.decider import RUN_ID, START

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from domain.events import Event
    from domain.run.agenda import LeasedJob, QueuedJob
    from domain.run.decisions import AnyCommand

SOON = ApprovalPolicy(expires_s=60, remind_s=20)
WORKERS = ("w1", "w2")


@st.composite
def workflows(draw: st.DrawFn) -> WorkflowDefinition:
    """Two branches that meet; ``c`` is reported by a service, all else has jobs."""
    effects = draw(st.sampled_from(("none", "idempotent", "once")))
    on_reject = draw(st.sampled_from(("fail", "cancel", "redo")))
    return workflow(
        task("a", queue="q", timeout_s=draw(st.sampled_from((None, 30)))),
        task(
            "b",
            "a",
            queue="q",
            requires=("gpu",),
            effects=effects,
            max_attempts=draw(st.sampled_from((1, 3))),
            max_losses=draw(st.sampled_from((0, 1, 3))),
            backoff=Backoff(first_s=draw(st.sampled_from((0, 5)))),
            timeout_s=40,
        ),
        approval("ok", "b", approval=SOON, on_reject=OnReject(action=on_reject)),
        task("c", timeout_s=50, max_attempts=2),
        task("d", "ok", "c", queue="other", approval=SOON, on_reject=OnReject()),
        on_failure=draw(st.sampled_from(("drain", "continue"))),
        timeout_s=draw(st.sampled_from((None, 3_600))),
    )


@settings(max_examples=300, deadline=None)
@given(workflows(), SEEDS, LENGTHS)
def test_runs_with_jobs(definition: WorkflowDefinition, seed: int, length: int) -> None:
    story = Story(Run(definition), Random(seed))
    story.tell(CreateRun(workflow="release"))
    for _ in range(length):
        story.tell(story.next())
        if story.run.final and story.dice.random() < 0.2:
            story.retry()


@dataclass
class Story:
    run: Run
    dice: Random
    rows: Rows = field(default_factory=lambda: Rows())
    told: deque[AnyCommand] = field(default_factory=lambda: deque(maxlen=40))
    """What may be told a second time, late."""
    clock: int = 0

    def next(self) -> AnyCommand:
        if self.told and self.dice.random() < 0.15:
            return self.dice.choice(self.told)
        pool = list(
            self.steering() if self.dice.random() < 0.12 else self.what_may_happen()
        )
        return self.dice.choice(pool or [PauseRun()])

    def retry(self) -> None:
        """Go on with a retry of the run, if there is anything left to do."""
        old = self.run
        by = By("ada", START + timedelta(seconds=self.clock))
        context = RetryContext(by, RUN_ID, RUN_ID, 43, old.definition, 1)
        command = RetryRun(retry_from="failed", accept_unsafe=True)
        try:
            events, _ = decide_retry(old, command, context)
        except NotRetriable:
            return
        empty = Run(old.definition)
        self.run = fold(empty, [(event, by) for event in events])
        check(self.run)
        check_jobs(empty, self.run, events)
        for name, step in self.run.steps.items():
            carried = step.carried_from is not None
            assert carried <= (old.steps[name].state is StepState.COMPLETED)
            assert step.attempts == ()
        self.rows = Rows()
        self.rows.apply(agenda(empty, self.run, events, by), by.at)
        self.told.clear()

    def what_may_happen(self) -> Iterator[AnyCommand]:
        if self.run.held:
            yield ContinueRun()
        for step in self.run.steps.values():
            yield from self.to_its_job(step)
            match step.state:
                case StepState.QUEUED:
                    yield StartStep(step=step.name)
                case StepState.RUNNING if step.open_job is None:
                    yield CompleteStep(step=step.name, output=1)
                    yield FailStep(step=step.name)
                    yield timeout(step)
                case StepState.WAITING:
                    yield from [Approve(step=step.name)] * 3
                    yield Reject(step=step.name)
                    iteration = step.iteration
                    yield ExpireApproval(step=step.name, iteration=iteration)
                    yield RemindApproval(step=step.name, iteration=iteration, nth=1)
                case StepState.COMPLETED | StepState.FAILED | StepState.REJECTED:
                    yield RedoStep(step=step.name, accept_unsafe=True)

    def to_its_job(self, step: StepRun) -> Iterator[AnyCommand]:
        name = step.name
        for job in step.jobs[-2:]:
            if job.state == "queued":
                yield from (
                    LeaseJob(
                        step=name,
                        iteration=job.iteration,
                        attempt=job.attempt,
                        lease=UUID(int=self.dice.getrandbits(128), version=4),
                        worker=self.dice.choice(WORKERS),
                        lease_s=30,
                    )
                    for _ in range(4)
                )
            if (lease := job.lease) is None:
                continue
            number = job.attempt
            done = CompleteStep(step=name, attempt=number, lease=lease, output=number)
            yield from [done] * (8 if job.open else 1)
            yield FailStep(step=name, attempt=number, lease=lease)
            yield RequestApproval(step=name, attempt=number, lease=lease, output=2)
            yield ReleaseJob(step=name, attempt=number, lease=lease, delay_s=number)
            yield StopJob(step=name, attempt=number, lease=lease)
            yield LoseJob(step=name, lease=lease)
            yield timeout(step)

    def steering(self) -> Iterator[AnyCommand]:
        yield from [PauseRun()] * 8
        yield from [CancelRun(force=False)] * 3
        yield CancelRun(force=True)
        yield TimeOutRun()
        for step in self.run.steps.values():
            name, lease = step.name, UUID(int=7)
            yield CompleteStep(step=name)
            yield CompleteStep(step=name, attempt=1, lease=lease)
            yield StopJob(step=name, attempt=1, lease=lease)
            yield LoseJob(step=name, lease=lease)
            yield TimeOutStep(step=name, iteration=1, attempt=1)
            yield ExpireApproval(step=name, iteration=1)
        yield LoseJob(step="nowhere", lease=UUID(int=7))

    def tell(self, command: AnyCommand) -> None:
        """One command, and all that must hold after it."""
        self.clock += self.dice.choice((0, 1, 1, 30))
        at = START + timedelta(seconds=self.clock)
        by = By("ada", at)
        context = Context(by, RUN_ID, number=42, workflow_version=1)
        before = self.run
        try:
            events = decide(before, command, context)
        except (Refused, NotFound):
            assert not isinstance(command, OwnCommand), "own commands are never refused"
            return
        after = fold(before, [(event, by) for event in events])
        check(after)
        check_change(before, after, events)
        check_jobs(before, after, events)
        self.rows.apply(agenda(before, after, events, by), at)
        scratch = Rows()
        scratch.apply(whole_agenda(after, by), at)
        assert self.rows.seen_at(at) == scratch.seen_at(at)
        if isinstance(command, OwnCommand) and events:
            assert not decide(after, command, context), "told twice, it does nothing"
        self.run = after
        self.told.append(command)


def timeout(step: StepRun) -> TimeOutStep:
    number = step.attempts[-1].number if step.attempts else 1
    return TimeOutStep(step=step.name, iteration=step.iteration, attempt=number)


def check_jobs(before: Run, after: Run, events: list[Event]) -> None:
    for step in after.steps.values():
        has_queue = after.definition.by_name[step.name].queue is not None
        assert bool(step.jobs) <= has_queue
        assert not any(job.open for job in step.jobs[:-1])
        job = step.open_job
        assert (job is not None and job.state == "queued") == (
            has_queue and step.state is StepState.QUEUED
        )
        assert (job is not None and job.state == "leased") == (
            has_queue and step.current is not None
        )
        if job is not None and step.current is not None:
            assert (job.iteration, job.attempt) == (
                step.current.iteration,
                step.current.number,
            )
        names = [(job.iteration, job.attempt) for job in step.jobs]
        assert len(names) == len(set(names))
        leases = [job.lease for job in step.jobs if job.lease is not None]
        assert len(leases) == len(set(leases))
        if has_queue:
            started = [job.attempt for job in step.jobs if job.lease is not None]
            assert started == [attempt.number for attempt in step.attempts]
        completed = [(a.iteration, a.outcome) for a in step.attempts].count(
            (step.iteration, "completed")
        )
        assert completed <= 1, "no step completes twice"
    kinds = {type(event) for event in events}
    begin = {StepQueued, StepRetryScheduled, StepRequeued, StepStarted, JobLeased}
    if before.cancel_requested is not None:
        assert not kinds & begin
    if before.held and after.held:
        assert not kinds & {StepQueued, StepStarted, JobLeased}
    check_what_is_tried_again(before, after, events)


def check_what_is_tried_again(before: Run, after: Run, events: list[Event]) -> None:
    """Without a person, what may not be repeated is not after a loss."""
    lost = {event.step for event in events if isinstance(event, JobLost)}
    for event in events:
        if isinstance(event, StepRetryScheduled) and event.step in lost:
            assert after.definition.by_name[event.step].effects != "once"


@dataclass
class Rows:
    """The tables, by hand: what is put replaces what was there."""

    jobs: dict[str, tuple[QueuedJob | LeasedJob, datetime | None]] = field(
        default_factory=dict
    )
    timers: dict[tuple[str, str], tuple[int, int, datetime]] = field(
        default_factory=dict
    )

    def apply(self, change: Agenda, at: datetime) -> None:
        for name in change.dropped_jobs:
            del self.jobs[name]
        for key in change.dropped_timers:
            del self.timers[key]
        for queued in change.queued:
            due = at + timedelta(microseconds=queued.wait_us)
            self.jobs[queued.step] = queued._replace(wait_us=0), due
        for leased in change.leased:
            self.jobs[leased.step] = leased, None
        for timer in change.timers:
            due = at + timedelta(microseconds=timer.wait_us)
            self.timers[timer.kind, timer.step] = timer.iteration, timer.nth, due

    def seen_at(self, now: datetime) -> tuple[object, object]:
        """What is due already is due now."""
        jobs = {
            name: (row, due and max(due, now)) for name, (row, due) in self.jobs.items()
        }
        timers = {
            key: (iteration, nth, max(due, now))
            for key, (iteration, nth, due) in self.timers.items()
        }
        return jobs, timers
