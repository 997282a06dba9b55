"""A worker that reports goes on with what its report has queued."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from domain.events import By, Event
from domain.run.commands import CancelRun, CompleteStep, FailStep, PauseRun
from domain.run.context import Context
from domain.run.decisions import decide_all
from domain.run.job_events import JobLeased
from domain.run.own_commands import LeaseQueued
from domain.workflow.definition import Backoff
from tests.domain.leasing import FORKED_JOBS, JOBS, LEASE, OTHER, lease
from tests.domain.workflows import CREATE, task, workflow
from tests.support.decider import RUN_ID, START, given

if TYPE_CHECKING:
    from domain.commands import Command
    from domain.run.state import Run

NEXT = UUID(int=3)
GO_ON = LeaseQueued(
    queue="default",
    workflows=frozenset({JOBS.name}),
    capabilities=frozenset(),
    leases=(NEXT, UUID(int=4)),
    worker="host-7",
    lease_s=30,
)
DONE = CompleteStep(step="build", attempt=1, lease=LEASE)


def at_once(run: Run, *commands: Command) -> list[Event]:
    """What commands of one request lead to."""
    by = By("ada", START + timedelta(hours=1))
    decided = decide_all(run, commands, Context(by, RUN_ID))  # type: ignore[arg-type]
    return [event for event, _ in decided]


def leased(events: list[Event]) -> list[tuple[str, UUID]]:
    return [(e.step, e.lease) for e in events if isinstance(e, JobLeased)]


def test_the_step_that_follows_is_leased_in_the_same_breath() -> None:
    run = given(JOBS, CREATE, lease("build")).run
    events = at_once(run, DONE, GO_ON)
    assert [event.topic.removeprefix("run.") for event in events] == [
        "job.succeeded",
        "step.completed",
        "step.queued",
        "job.leased",
        "step.started",
    ]
    assert leased(events) == [("deploy", NEXT)]


def test_what_was_queued_before_is_left_to_those_who_wait_for_it() -> None:
    run = given(FORKED_JOBS, CREATE, lease("left")).run
    done = CompleteStep(step="left", attempt=1, lease=LEASE)
    assert leased(at_once(run, done, GO_ON)) == []


def test_no_more_jobs_are_leased_than_there_are_leases() -> None:
    fan = workflow(
        task("build", queue="default"),
        *(task(f"s{n}", "build", queue="default") for n in range(4)),
    )
    run = given(fan, CREATE, lease("build")).run
    assert leased(at_once(run, DONE, GO_ON)) == [("s0", NEXT), ("s1", UUID(int=4))]


def test_an_attempt_that_waits_out_its_back_off_is_left_alone() -> None:
    again = workflow(
        task("build", queue="default", max_attempts=2, backoff=Backoff(first_s=1))
    )
    run = given(again, CREATE, lease("build")).run
    failed = FailStep(step="build", attempt=1, lease=LEASE)
    assert leased(at_once(run, failed, GO_ON)) == []
    at_once_again = workflow(task("build", queue="default", max_attempts=2))
    run = given(at_once_again, CREATE, lease("build")).run
    assert leased(at_once(run, failed, GO_ON)) == [("build", NEXT)]


@pytest.mark.parametrize(
    "other",
    [
        {"queue": "gpu"},
        {"workflows": frozenset({"another"})},
        {"leases": ()},
    ],
)
def test_only_what_the_worker_can_do_is_leased(other: dict[str, object]) -> None:
    run = given(JOBS, CREATE, lease("build")).run
    asked = GO_ON.model_copy(update=other)
    assert leased(at_once(run, DONE, asked)) == []


def test_what_a_step_requires_the_worker_must_be_capable_of() -> None:
    demanding = workflow(
        task("build", queue="default"),
        task("train", "build", queue="default", requires=("gpu",)),
    )
    run = given(demanding, CREATE, lease("build")).run
    assert leased(at_once(run, DONE, GO_ON)) == []
    able = GO_ON.model_copy(update={"capabilities": frozenset({"gpu", "ssd"})})
    assert leased(at_once(run, DONE, able)) == [("train", NEXT)]


@pytest.mark.parametrize("command", [PauseRun(), CancelRun()])
def test_nothing_is_leased_of_a_run_that_is_held_or_ending(command: Command) -> None:
    run = given(JOBS, CREATE, lease("build")).when(command).run  # type: ignore[arg-type]
    assert leased(at_once(run, DONE, GO_ON)) == []


def test_a_report_that_comes_too_late_brings_no_job() -> None:
    run = given(JOBS, CREATE, lease("build")).run
    late = CompleteStep(step="build", attempt=1, lease=LEASE)
    over = given(JOBS, CREATE, lease("build"), CancelRun(force=True)).run
    assert leased(at_once(over, late, GO_ON)) == []
    assert leased(at_once(run, GO_ON)) == []
    assert OTHER not in dict(leased(at_once(run, late, GO_ON))).values()
