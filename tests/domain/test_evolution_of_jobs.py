"""Histories of jobs that cannot have happened break the fold."""

from __future__ import annotations

from uuid import UUID

import pytest

from domain.errors import BrokenHistory
from domain.events import By, Event
from domain.run.events import (
    RunCreated,
    RunQueued,
    StepQueued,
    StepRetryScheduled,
    StepStarted,
    StepTimedOut,
)
from domain.run.evolution import evolve, fold
from domain.run.job_events import (
    JobCanceled,
    JobLeased,
    JobLost,
    JobReleased,
    JobSucceeded,
    StepAttemptLost,
    StepRequeued,
)
from domain.run.state import Run
from tests.domain.leasing import ONE_JOB
from tests.support.decider import START

BY = By("ada", START)

LEASED = JobLeased(step="build", attempt=1, lease=UUID(int=1), worker="w", lease_s=30)
CREATED = (
    RunCreated(workflow="release", workflow_version=1, number=42),
    RunQueued(),
)
QUEUED = (*CREATED, StepQueued(step="build", attempt=1))
RUNNING = (*QUEUED, LEASED, StepStarted(step="build", attempt=1))
DONE = JobSucceeded(step="build", attempt=1)


@pytest.mark.parametrize(
    ("history", "event", "saying"),
    [
        (CREATED, LEASED, "no job for attempt 1 is queued or leased"),
        (CREATED, StepQueued(step="build"), "does not say for which attempt"),
        ((*QUEUED, LEASED), LEASED, "the job is leased"),
        (QUEUED, LEASED.model_copy(update={"attempt": 2}), "no job for attempt 2"),
        (QUEUED, LEASED.model_copy(update={"iteration": 2}), "is at iteration 1"),
        (QUEUED, StepStarted(step="build", attempt=1), "its job is queued, not leased"),
        (QUEUED, DONE, "the job is queued"),
        (QUEUED, JobLost(step="build", attempt=1), "the job is queued"),
        (QUEUED, JobReleased(step="build", attempt=1), "the job is queued"),
        ((*RUNNING, DONE), DONE, "no job for attempt 1 is queued or leased"),
        ((*RUNNING, DONE), JobCanceled(step="build", attempt=1), "no job for attempt"),
        (QUEUED, StepRequeued(step="build", attempt=2), "no attempt is running"),
        (QUEUED, StepAttemptLost(step="build", attempt=1), "attempt 1 is not running"),
        (RUNNING, StepAttemptLost(step="build", attempt=2), "attempt 2 is not running"),
        (
            QUEUED,
            StepTimedOut(step="build", attempt=1, timeout_s=1),
            "attempt 1 is not running",
        ),
        (
            (*RUNNING, StepAttemptLost(step="build", attempt=1)),
            StepRetryScheduled(step="build", attempt=2),
            "it has a job that is leased",
        ),
    ],
)
def test_what_cannot_have_happened_to_a_job_breaks_the_fold(
    history: tuple[Event, ...], event: Event, saying: str
) -> None:
    run = fold(Run(ONE_JOB), [(each, BY) for each in history])
    with pytest.raises(BrokenHistory, match=saying):
        evolve(run, event, BY)
