from __future__ import annotations

from uuid import UUID

import pytest

from domain.bulk import events as b
from domain.bulk.commands import CancelRuns, RunFilter
from domain.bulk.items import BulkItem, ItemResult
from domain.events import TOPICS, Event
from domain.run import events as e
from domain.run import job_events as j
from domain.run.sentences import LONGEST, SENTENCES, summary
from domain.workflow.definition import ApprovalPolicy
from domain.workflow.events import WorkflowVersionRegistered
from tests.domain.test_evolution import recorded
from tests.domain.workflows import CHAIN
from tests.support.decider import START

ERROR = e.Failure(type="TimeoutError", message="no answer")
FAILED = e.StepAttemptFailed(step="build", attempt=2, error=ERROR)
BOTH = ApprovalPolicy(approvers=("bob", "eve"), required=2)
MANY = ApprovalPolicy(approvers=tuple(f"p{n}" for n in range(7)))


def created(**more: object) -> e.RunCreated:
    told = {"workflow": "release", "workflow_version": 2, "number": 42}
    return e.RunCreated.model_validate(told | more)


TOLD: list[tuple[Event, str]] = [
    (
        WorkflowVersionRegistered(
            name="release", version=2, definition=CHAIN, digest=""
        ),
        "ada registered version 2 of release (2 steps)",
    ),
    (created(), "ada created run #42 of release, version 2"),
    (
        created(observed=True, source="ci", external_id="9"),
        "ada put 9 of ci on record as run #42 of release, version 2",
    ),
    (
        created(retry_of=UUID(int=1), retry_from="step:build", reason="disk"),
        "ada created run #42 of release, version 2, a retry from step build that "
        "carries 0 steps: disk",
    ),
    (e.RunQueued(), "The run was queued"),
    (e.RunStarted(), "The run started"),
    (e.RunPaused(cause="approval"), "The run waits for approval"),
    (e.RunPaused(cause="operator", reason="why"), "ada paused the run: why"),
    (
        e.RunContinued(cause="approval", state="running"),
        "The run goes on after approval: it is running",
    ),
    (
        e.RunContinued(cause="operator", state="waiting_for_approval"),
        "ada continued the run: it is waiting for approval",
    ),
    (e.RunCompleted(), "The run completed"),
    (
        e.RunFailed(step="build", attempt=2, error=ERROR, reason="step build failed"),
        "The run failed in step build (attempt 2): TimeoutError: no answer",
    ),
    (e.RunFailed(step=None, attempt=None), "The run failed"),
    (
        e.RunCancelRequested(reason="wrong tag", force=True),
        "ada asked to cancel the run at once: wrong tag",
    ),
    (e.RunCanceled(), "The run was canceled"),
    (
        e.RunRetried(new_run=UUID(int=1), new_number=43, retry_from="failed"),
        "ada retried the run from failed: run #43",
    ),
    (
        e.StepQueued(step="build", iteration=2, attempt=3),
        "Step build was queued for attempt 3, iteration 2",
    ),
    (e.StepStarted(step="build", attempt=1), "ada started step build (attempt 1)"),
    (e.StepCompleted(step="build", attempt=1), "Step build completed (attempt 1)"),
    (
        e.StepCompleted(step="build", approved=True),
        "Step build completed: it was approved",
    ),
    (FAILED, "Step build failed (attempt 2): TimeoutError: no answer"),
    (
        FAILED.model_copy(update={"retryable": False}),
        "Step build failed (attempt 2), not to be tried again: TimeoutError: no answer",
    ),
    (
        e.StepRetryScheduled(step="build", attempt=3),
        "Step build will be tried again: attempt 3",
    ),
    (
        e.StepFailed(step="build", attempt=2, error=ERROR),
        "Step build failed for good (attempt 2): TimeoutError: no answer",
    ),
    (
        e.StepFailed(step="build", outcome="unknown"),
        "Step build failed, its outcome unknown",
    ),
    (
        e.StepCanceled(step="build", attempt=1, outcome="unknown", reason="stop"),
        "Step build was canceled (attempt 1), its outcome unknown: stop",
    ),
    (e.StepRejected(step="build", reason="blue"), "Step build was rejected: blue"),
    (
        e.StepRedoRequested(
            step="build", iteration=2, because_of="review", feedback="blue"
        ),
        "ada asked to redo step build (iteration 2) after review in review: blue",
    ),
    (
        e.StepReset(step="deploy", iteration=2, because_of="build", attempt=1),
        "Step deploy was reset, since build is redone; attempt 1 is set aside",
    ),
    (
        e.StepReportDiscarded(
            step="build", attempt=1, outcome="approval_requested", reason="too late"
        ),
        "A late report of step build (attempt 1), approval requested, was discarded: "
        "too late",
    ),
    (e.StepNoted(step="build", transition="suspend"), "Step build: suspend"),
    (
        created(retry_of=UUID(int=1), retry_from="start", other_inputs=True),
        "ada created run #42 of release, version 2, a retry from start that carries "
        "0 steps, with other inputs",
    ),
    (e.RunTimedOut(timeout_s=5400), "The run took longer than 1 h 30 min"),
    (
        e.StepTimedOut(step="build", attempt=2, timeout_s=1.5),
        "Step build took longer than 1.5 s (attempt 2)",
    ),
    (
        e.StepRetryScheduled(step="build", attempt=3, available_at=START),
        "Step build will be tried again: attempt 3, not before 2026-03-01 08:00:00 UTC",
    ),
    (
        j.StepRequeued(step="build", attempt=3, available_at=START, reason="restart"),
        "Step build was queued again for attempt 3, not before 2026-03-01 08:00:00 "
        "UTC: restart",
    ),
    (
        j.StepAttemptLost(step="build", attempt=2),
        "How attempt 2 of step build ended is unknown: its worker was lost",
    ),
    (
        j.JobLeased(
            step="build", attempt=2, lease=UUID(int=1), worker="w-1", lease_s=5
        ),
        "Worker w-1 (ada) leased the job of step build (attempt 2)",
    ),
    (
        j.JobSucceeded(step="build", attempt=2),
        "The job of step build (attempt 2) succeeded",
    ),
    (j.JobFailed(step="build", attempt=2), "The job of step build (attempt 2) failed"),
    (
        j.JobLost(step="build", attempt=2),
        "The job of step build (attempt 2) was lost: its worker was not heard of in "
        "time",
    ),
    (
        j.JobCanceled(step="build", attempt=2, reason="wrong tag"),
        "The job of step build (attempt 2) was canceled: wrong tag",
    ),
    (
        j.JobReleased(step="build", attempt=2, reason="restart"),
        "ada gave back the job of step build (attempt 2): restart",
    ),
    (
        e.StepReportDiscarded(
            step="build", attempt=1, outcome="released", reason="too late"
        ),
        "A late report of step build (attempt 1), released, was discarded: too late",
    ),
    (
        e.ApprovalRequested(
            step="build", policy=BOTH, subject_digest="", summary="look"
        ),
        "Approval of step build was asked of bob, eve, 2 of them: look",
    ),
    (
        e.ApprovalRequested(step="build", policy=MANY, subject_digest=""),
        "Approval of step build was asked of p0, p1, p2, p3, p4 and 2 more",
    ),
    (
        e.ApprovalDecided(
            step="review", decision="approved", comment="looks fine", subject_digest=""
        ),
        "ada approved step review: looks fine",
    ),
    (
        e.ApprovalWithdrawn(step="review", cause="step build is done again"),
        "The approval of step review was withdrawn: step build is done again",
    ),
    (
        e.ApprovalRequested(
            step="build",
            policy=ApprovalPolicy(approvers=("bob",), groups=("ops",)),
            subject_digest="",
        ),
        "Approval of step build was asked of bob, the group ops",
    ),
    (
        e.ApprovalDecided(
            step="review", decision="rejected", subject_digest="", on_behalf_of="bob"
        ),
        "ada rejected step review in the place of bob",
    ),
    (
        e.ApprovalDelegated(step="review", to="eve", comment="on holiday"),
        "ada has eve decide about step review in their place: on holiday",
    ),
    (
        e.ApprovalReminded(step="review", nth=2),
        "Step review still waits for approval (reminder 2)",
    ),
    (
        e.ApprovalExpired(step="review", counts_as="approve"),
        "The approval of step review expired, and so it counts as approved",
    ),
    (
        b.BulkStarted(
            command=CancelRuns(type="cancel"),
            filter=RunFilter(workflow="release"),
            total=1_200,
            digest="",
            reason="bad deploy",
        ),
        "ada started a bulk cancel of 1,200 items: bad deploy",
    ),
    (
        b.BulkListed(first=501, items=(BulkItem(run_id=UUID(int=1)),) * 3),
        "The bulk operation is about these runs: 501 to 503",
    ),
    (
        b.BulkItemsDone(
            first=1,
            results=(ItemResult(result="done"), ItemResult(result="refused")),
        ),
        "Of the bulk operation's items were 1 done, 1 refused",
    ),
    (
        b.BulkStopRequested(reason="the wrong ones"),
        "ada asked to stop the bulk operation: the wrong ones",
    ),
    (
        b.BulkEnded(outcome="stopped", done=3, nothing=1, left=8),
        "The bulk operation stopped: 3 done, 1 with nothing to do, 8 left alone",
    ),
]


@pytest.mark.parametrize(("event", "sentence"), TOLD)
def test_each_event_is_one_sentence(event: Event, sentence: str) -> None:
    assert summary(recorded(event, 1)) == sentence


def test_no_event_is_left_out() -> None:
    assert set(SENTENCES) == set(TOPICS.values()) == {type(event) for event, _ in TOLD}


def test_what_people_write_is_one_short_line() -> None:
    told = e.RunCanceled(reason="first\nsecond\n" + "x" * 500)
    sentence = summary(recorded(told, 1))
    assert sentence.startswith("The run was canceled: first second xxx")
    assert len(sentence) < LONGEST + 30
