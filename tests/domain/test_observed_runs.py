from __future__ import annotations

from datetime import timedelta

from domain.errors import RunExists, RunOver, UnknownStep
from domain.events import By
from domain.run.commands import (
    CompleteStep,
    EndRun,
    FailStep,
    ObserveRun,
    QueueStep,
    Reject,
    RequestApproval,
    RunCommand,
    StartStep,
)
from domain.run.context import Context
from domain.run.decisions import decide_all
from domain.run.events import (
    ApprovalWithdrawn,
    Failure,
    RunCanceled,
    RunCompleted,
    RunCreated,
    RunFailed,
    StepAttemptFailed,
    StepCanceled,
    StepFailed,
)
from domain.run.evolution import fold
from domain.run.state import Run, RunState, StepState
from tests.domain.workflows import CHAIN, CREATE, UNKNOWN_GRAPH
from tests.support.decider import RUN_ID, START, given

SEEN = ObserveRun(
    workflow="release", source="ci", external_id="run-9", source_digest="d1"
)
START_BUILD = StartStep(step="build")
ERROR = Failure(type="OOM", message="killed")


def test_it_is_on_record_with_its_source() -> None:
    story = given(UNKNOWN_GRAPH).when(SEEN)
    story.then(
        RunCreated(
            workflow="release",
            workflow_version=1,
            number=42,
            observed=True,
            source="ci",
            external_id="run-9",
            source_digest="d1",
        )
    )
    assert story.run.state is RunState.CREATED


def test_the_same_import_again_records_nothing() -> None:
    given(UNKNOWN_GRAPH, SEEN).when(SEEN).then_nothing()


def test_other_content_under_the_same_id_is_refused() -> None:
    other = SEEN.model_copy(update={"source_digest": "d2"})
    given(UNKNOWN_GRAPH, SEEN).when(other).then_refused(
        RunExists, "on record under that id already, as run-9 of ci"
    )
    given(CHAIN, CREATE).when(SEEN).then_refused(RunExists, "as a run of our own")


def test_its_times_and_people_are_those_of_the_source() -> None:
    told = ObserveRun(
        workflow="release", source="ci", external_id="9", occurred_at=START, actor="eve"
    )
    run = given(UNKNOWN_GRAPH, told).run
    assert (run.created_at, run.created_by) == (START, "eve")


def test_an_import_told_as_a_whole_is_recognised_as_a_whole() -> None:
    commands: list[RunCommand] = [SEEN, START_BUILD, CompleteStep(step="build"), END]
    context = Context(By("ada", START), RUN_ID, number=42, workflow_version=1)
    run = Run(UNKNOWN_GRAPH)
    found = decide_all(run, commands, context)
    run = fold(run, found)
    assert run.state is RunState.COMPLETED
    assert decide_all(run, commands, context) == []


def test_a_live_report_that_opens_its_run_again_is_still_taken() -> None:
    opening = SEEN.model_copy(update={"source_digest": None})
    context = Context(By("ada", START), RUN_ID, number=42, workflow_version=1)
    run = fold(
        Run(UNKNOWN_GRAPH),
        decide_all(Run(UNKNOWN_GRAPH), [opening, QueueStep(step="a")], context),
    )
    found = decide_all(run, [opening, StartStep(step="a")], context)
    assert fold(run, found).state is RunState.RUNNING


END = EndRun(outcome="completed")


def test_its_end_is_as_told() -> None:
    end = EndRun(outcome="completed", duration_us=5)
    story = given(UNKNOWN_GRAPH, SEEN, START_BUILD, CompleteStep(step="build"))
    story = story.when(end).then(RunCompleted(duration_us=5))
    assert (story.run.state, story.run.duration_us) == (RunState.COMPLETED, 5)


def test_its_end_closes_what_is_open_as_canceled_and_makes_up_no_end() -> None:
    history = (START_BUILD, QueueStep(step="test"), RequestApproval(step="gate"))
    story = given(UNKNOWN_GRAPH, SEEN, *history)
    story = story.when(EndRun(outcome="canceled", reason="superseded"))
    story.then(
        StepCanceled(step="build", attempt=1, reason="superseded", outcome="unknown"),
        StepCanceled(step="test", reason="superseded"),
        ApprovalWithdrawn(step="gate", cause="superseded"),
        StepCanceled(step="gate", reason="superseded"),
        RunCanceled(reason="superseded"),
    )
    attempt = story.run.steps["build"].attempts[0]
    assert (attempt.outcome, attempt.ended_at) == ("unknown", None)


def test_the_step_that_failed_it_is_named() -> None:
    failed = (START_BUILD, FailStep(step="build", error=ERROR))
    story = given(UNKNOWN_GRAPH, SEEN, *failed)
    story.when(EndRun(outcome="failed", step="build", reason="gave up")).then(
        RunFailed(step="build", attempt=1, error=ERROR, reason="gave up")
    )


def test_the_step_that_failed_it_is_failed_if_it_was_open() -> None:
    story = given(UNKNOWN_GRAPH, SEEN, START_BUILD, QueueStep(step="test"))
    story = story.when(EndRun(outcome="failed", step="build", error=ERROR))
    story.then(
        StepAttemptFailed(step="build", attempt=1, error=ERROR),
        StepFailed(step="build", attempt=1, error=ERROR),
        StepCanceled,
        RunFailed(step="build", attempt=1, error=ERROR),
    )
    unsaid = given(UNKNOWN_GRAPH, SEEN, START_BUILD).when(
        EndRun(outcome="failed", step="build")
    )
    unsaid.then(StepFailed(step="build", attempt=1, outcome="unknown"), RunFailed)


def test_a_rejection_may_have_failed_it() -> None:
    done = (START_BUILD, CompleteStep(step="build"))
    rejected = Reject(step="build", comment="declined")
    story = given(UNKNOWN_GRAPH, SEEN, *done, rejected)
    story = story.when(EndRun(outcome="failed", step="build"))
    story.then(RunFailed(step="build", attempt=1, reason="declined"))
    assert story.run.steps["build"].state is StepState.REJECTED


def test_the_same_end_told_twice_records_nothing() -> None:
    given(UNKNOWN_GRAPH, SEEN, END).when(END).then_nothing()


def test_after_its_end_nothing_is_taken() -> None:
    over = given(UNKNOWN_GRAPH, SEEN, END)
    over.when(START_BUILD).then_refused(RunOver, "Reports after its end are not taken")
    over.when(EndRun(outcome="failed")).then_refused(RunOver, "is over: completed")


def test_a_graph_that_is_known_is_held_to() -> None:
    given(CHAIN, SEEN).when(StartStep(step="smoke")).then_refused(
        UnknownStep, "no step 'smoke'. It has: 'build', 'deploy'"
    )
    given(CHAIN, SEEN).when(EndRun(outcome="failed", step="smoke")).then_refused(
        UnknownStep, "no step 'smoke'"
    )


def test_its_end_leaves_alone_what_was_never_told_of() -> None:
    run = given(CHAIN, SEEN, START_BUILD, CompleteStep(step="build"), END).run
    assert run.steps["deploy"].state is StepState.NOT_STARTED


def test_clocks_that_disagree_make_no_negative_duration() -> None:
    early = CompleteStep(step="build", occurred_at=START - timedelta(hours=1))
    end = EndRun(outcome="completed", occurred_at=START - timedelta(hours=1))
    run = given(UNKNOWN_GRAPH, SEEN, START_BUILD, early, end).run
    assert (run.steps["build"].duration_us, run.duration_us) == (0, 0)
