from __future__ import annotations

from copy import deepcopy
from uuid import UUID

import pytest

from domain.errors import BrokenHistory
from domain.events import TOPICS, By, Event, Recorded
from domain.ids import Namespace
from domain.run import events
from domain.run.commands import CompleteStep, StartStep
from domain.run.events import (
    ApprovalDecided,
    Failure,
    RunCompleted,
    RunContinued,
    RunCreated,
    RunQueued,
    RunRetried,
    StepAttemptFailed,
    StepCompleted,
    StepQueued,
    StepReportDiscarded,
    StepStarted,
)
from domain.run.evolution import CHANGES, evolve, fold, replay
from domain.run.state import Run
from domain.workflow.events import WorkflowVersionRegistered
from tests.domain.workflows import CHAIN, CREATE, ONE, REVIEWED
from tests.support.decider import RUN_ID, START, Story, given

BY = By("ada", START)
CREATED = RunCreated(workflow="release", workflow_version=1, number=42)
QUEUED = StepQueued(step="build", attempt=1)
STARTED = StepStarted(step="build", attempt=1)
COMPLETED = StepCompleted(step="build", attempt=1)
RETRIED = RunRetried(new_run=UUID(int=1), new_number=2, retry_from="failed")


def recorded(event: Event, version: int) -> Recorded:
    return Recorded(
        position=version + 100,
        stream_id=RUN_ID,
        version=version,
        namespace=Namespace("test"),
        event_id=UUID(int=version),
        actor="ada",
        recorded_by="ada",
        occurred_at=START,
        recorded_at=START,
        correlation_id=None,
        causation_id=None,
        trace=None,
        event=event,
    )


def test_the_run_given_stays_as_it_is() -> None:
    run = given(CHAIN, CREATE, StartStep(step="build")).run
    before = deepcopy(run)
    after = evolve(run, COMPLETED, BY)
    assert after.steps["build"] != run.steps["build"]
    assert run == before


def test_the_version_counts_the_events() -> None:
    assert fold(Run(ONE), [(CREATED, BY), (RunQueued(), BY), (QUEUED, BY)]).version == 3


def test_a_stream_is_replayed_from_its_first_event() -> None:
    stream = [CREATED, RunQueued(), QUEUED, STARTED]
    run = replay(ONE, [recorded(e, n) for n, e in enumerate(stream, 1)])
    assert run == fold(Run(ONE), [(event, BY) for event in stream])


def test_a_gap_in_a_stream_is_found() -> None:
    with pytest.raises(BrokenHistory, match=r"Event 2 of stream .* is missing"):
        replay(ONE, [recorded(CREATED, 1), recorded(QUEUED, 3)])


def test_every_event_of_a_run_has_its_change() -> None:
    assert set(CHANGES) == {
        event for topic, event in TOPICS.items() if topic.startswith("run.")
    }


OPEN = (CREATED, RunQueued(), QUEUED)


@pytest.mark.parametrize(
    ("history", "event", "saying"),
    [
        ((), QUEUED, "the run does not exist yet"),
        ((CREATED,), CREATED, "there is such a run already"),
        (OPEN, RunQueued(), "queued before"),
        (OPEN, StepQueued(step="tset"), "of step 'tset' .* has no such step"),
        (OPEN, QUEUED, "it is queued"),
        (OPEN, COMPLETED, "attempt 1 is not running"),
        ((*OPEN, STARTED), STARTED, "attempt 1 was started before"),
        ((*OPEN, STARTED), StepStarted(step="build", attempt=2), "is still running"),
        (OPEN, StepStarted(step="build", attempt=1, iteration=2), "at iteration 1"),
        (OPEN, StepCompleted(step="build"), "neither an attempt nor an approval"),
        (
            OPEN,
            ApprovalDecided(step="build", decision="approved", subject_digest=""),
            "no approval is open",
        ),
        (OPEN, RunContinued(cause="operator", state="queued"), "is not held"),
        (OPEN, RunContinued(cause="approval", state="queued"), "does not wait"),
        (OPEN, RETRIED, "the run is not over"),
        ((*OPEN, RunCompleted()), STARTED, "the run is completed for good"),
        (
            OPEN,
            StepReportDiscarded(step="build", attempt=1, outcome="failed", reason=""),
            "no attempt 1",
        ),
        (
            OPEN,
            WorkflowVersionRegistered(
                name="release", version=1, definition=ONE, digest=""
            ),
            "it is no event of a run",
        ),
    ],
)
def test_what_cannot_have_happened_breaks_the_fold(
    history: tuple[Event, ...], event: Event, saying: str
) -> None:
    run = fold(Run(ONE), [(each, BY) for each in history])
    with pytest.raises(BrokenHistory, match=saying):
        evolve(run, event, BY)


def test_attempts_of_another_step_are_not_confused() -> None:
    story: Story = given(REVIEWED, CREATE, StartStep(step="build"))
    with pytest.raises(BrokenHistory):
        evolve(story.run, StepCompleted(step="deploy", attempt=1), BY)


def test_an_error_is_kept_until_the_next_attempt() -> None:
    error = Failure(message="no")
    failed = StepAttemptFailed(step="build", attempt=1, error=error)
    run = fold(Run(ONE), [(each, BY) for each in (*OPEN, STARTED, failed)])
    assert run.steps["build"].error == error
    again = events.StepRetryScheduled(step="build", attempt=2)
    run = fold(run, [(again, BY), (StepStarted(step="build", attempt=2), BY)])
    assert run.steps["build"].error is None


def test_a_step_lasts_as_long_as_its_attempts_together() -> None:
    story = given(ONE, CREATE, StartStep(step="build"), CompleteStep(step="build"))
    assert story.run.steps["build"].duration_us == 2_000_000
