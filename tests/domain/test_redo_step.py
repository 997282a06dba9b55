from __future__ import annotations

from domain.errors import RunObserved, RunOver, UnsafeToRepeat, WrongState
from domain.run.commands import (
    CancelRun,
    CompleteStep,
    ContinueRun,
    FailStep,
    ObserveRun,
    PauseRun,
    RedoStep,
    RequestApproval,
    StartStep,
)
from domain.run.events import (
    ApprovalWithdrawn,
    RunContinued,
    StepAttemptFailed,
    StepFailed,
    StepQueued,
    StepRedoRequested,
    StepReset,
    StepVerdict,
)
from domain.run.job_events import JobCanceled
from domain.run.safety import redo_safety
from domain.run.state import RunState, StepState
from tests.domain.leasing import JOBS, LEASE, OTHER, lease
from tests.domain.workflows import (
    BRANCHES,
    CHAIN,
    CREATE,
    LENIENT,
    ONE,
    REVIEWED,
    UNKNOWN_GRAPH,
    approval,
    task,
    workflow,
)
from tests.support.decider import given

BUILT = (StartStep(step="build"), CompleteStep(step="build", output="v1"))
REDO = RedoStep(step="build", feedback="blue, please")
SAFE = ("its effects are declared idempotent",)


def test_the_step_is_done_again_with_feedback() -> None:
    story = given(CHAIN, CREATE, *BUILT).when(REDO)
    verdicts = tuple(
        StepVerdict(step=step, verdict="safe", reasons=SAFE)
        for step in ("build", "deploy")
    )
    story.then(
        StepRedoRequested(
            step="build", iteration=2, feedback="blue, please", verdicts=verdicts
        ),
        StepReset(step="deploy", iteration=2, because_of="build"),
        StepQueued(step="build", iteration=2, attempt=2),
    )
    step = story.run.steps["build"]
    assert (step.iteration, step.reason, step.output) == (2, "blue, please", None)
    assert [attempt.outcome for attempt in step.attempts] == ["completed"]


def test_what_was_running_on_top_of_it_is_set_aside() -> None:
    story = given(CHAIN, CREATE, *BUILT, StartStep(step="deploy")).when(REDO)
    story.then(
        StepRedoRequested,
        StepReset(step="deploy", iteration=2, because_of="build", attempt=1),
        StepQueued(step="build", iteration=2, attempt=2),
    )
    assert story.run.steps["deploy"].attempts[0].outcome == "reset"


def test_what_was_not_started_is_left_alone() -> None:
    later = workflow(task("build"), task("test", "build"), task("deploy", "test"))
    given(later, CREATE, *BUILT).when(REDO).then(
        StepRedoRequested,
        StepReset(step="test", iteration=2, because_of="build"),
        StepQueued,
    )


def test_nobody_is_asked_any_more_about_what_is_done_again() -> None:
    story = given(REVIEWED, CREATE, *BUILT).when(REDO)
    story.then(
        StepRedoRequested,
        ApprovalWithdrawn(step="review", cause="step build is done again"),
        StepReset(step="review", iteration=2, because_of="build"),
        StepQueued,
        RunContinued(cause="approval", state="running"),
    )
    assert story.run.steps["review"].approvals[-1].state == "withdrawn"
    assert story.run.state is RunState.RUNNING


def test_on_an_approval_the_step_under_review_is_done_again() -> None:
    story = given(REVIEWED, CREATE, *BUILT).when(RedoStep(step="review", feedback="x"))
    story.then(
        StepRedoRequested, ApprovalWithdrawn, StepReset, StepQueued, RunContinued
    )
    asked = story.events[0]
    assert isinstance(asked, StepRedoRequested)
    assert (asked.step, asked.because_of, asked.feedback) == ("build", "review", "x")


def test_an_approval_of_several_steps_wants_one_named() -> None:
    both = workflow(task("a"), task("b"), approval("review", "a", "b"))
    done = [
        each
        for step in ("a", "b")
        for each in (StartStep(step=step), CompleteStep(step=step))
    ]
    given(both, CREATE, *done).when(RedoStep(step="review")).then_refused(
        WrongState, "an approval of several: 'a', 'b'. Name the step to redo"
    )


def test_before_it_is_done_again_it_is_said_whether_that_is_safe() -> None:
    paid = workflow(
        task("build"),
        task("pay", "build", effects="once"),
        approval("review", "pay"),
        task("deploy", "review"),
    )
    pay = (StartStep(step="pay"), CompleteStep(step="pay"))
    story = given(paid, CREATE, *BUILT, *pay)
    on_pay = {each.step: each.verdict for each in redo_safety(story.run, "pay")}
    assert on_pay == {"pay": "unsafe", "review": "safe"}
    assert redo_safety(story.run, "review") == redo_safety(story.run, "pay")
    on_build = {each.step: each.verdict for each in redo_safety(story.run, "build")}
    assert on_build == {"build": "safe", "pay": "unsafe", "review": "safe"}


def test_a_step_that_waits_for_approval_is_done_again() -> None:
    asked = (StartStep(step="build"), RequestApproval(step="build"))
    given(ONE, CREATE, *asked).when(REDO).then(
        StepRedoRequested, ApprovalWithdrawn, StepQueued, RunContinued
    )


def test_other_branches_are_left_alone() -> None:
    scanning = StartStep(step="scan")
    story = given(BRANCHES, CREATE, *BUILT, scanning).when(RedoStep(step="review"))
    assert story.run.steps["scan"].attempts[0].outcome == "reset"
    aside = workflow(task("build"), task("other"), task("deploy", "build"))
    story = given(aside, CREATE, *BUILT, StartStep(step="other")).when(REDO)
    assert story.run.steps["other"].state is StepState.RUNNING


def test_under_a_hold_it_is_asked_for_and_queued_later() -> None:
    held = given(CHAIN, CREATE, *BUILT, PauseRun()).when(REDO)
    held = held.then(StepRedoRequested, StepReset)
    held.when(ContinueRun()).then(
        RunContinued, StepQueued(step="build", iteration=2, attempt=2)
    )


def test_a_step_that_has_not_ended_has_nothing_to_do_again() -> None:
    given(CHAIN, CREATE).when(REDO).then_refused(WrongState, "is queued: there is")
    given(CHAIN, CREATE, StartStep(step="build")).when(REDO).then_refused(
        WrongState, "is running: there is nothing to do again yet"
    )


def test_a_failed_step_is_done_again_while_other_branches_go_on() -> None:
    running = (StartStep(step="left"), StartStep(step="right"))
    story = given(LENIENT, CREATE, *running).when(FailStep(step="left"))
    story = story.then(StepAttemptFailed, StepFailed)
    story = story.when(RedoStep(step="left")).then(
        StepRedoRequested, StepQueued(step="left", iteration=2, attempt=2)
    )
    assert story.run.steps["left"].error is None


def test_while_a_run_drains_it_is_too_late() -> None:
    drain = workflow(task("build"), task("left"), task("right"))
    running = (StartStep(step="left"), StartStep(step="right"), *BUILT)
    given(drain, CREATE, *running, FailStep(step="left")).when(REDO).then_refused(
        WrongState, "is ending, since step 'left' failed"
    )


def test_a_run_that_is_over_is_retried_instead() -> None:
    given(CHAIN, CREATE, *BUILT, CancelRun()).when(REDO).then_refused(
        RunOver, "retry it"
    )


def test_an_observed_run_is_redone_elsewhere() -> None:
    seen = ObserveRun(workflow="release", source="ci", external_id="9")
    given(UNKNOWN_GRAPH, seen, *BUILT).when(REDO).then_refused(
        RunObserved, "steer it there"
    )


BUILT_JOB = (lease("build"), CompleteStep(step="build", attempt=1, lease=LEASE))
CAUSE = "step build is done again"


def test_a_running_job_of_what_was_built_on_it_is_canceled() -> None:
    story = given(JOBS, CREATE, *BUILT_JOB, lease("deploy", as_=OTHER)).when(REDO)
    story.then(
        StepRedoRequested,
        JobCanceled(step="deploy", attempt=1, reason=CAUSE),
        StepReset(step="deploy", iteration=2, because_of="build", attempt=1),
        StepQueued(step="build", iteration=2, attempt=2),
    )
    deploy = story.run.steps["deploy"]
    assert [job.state for job in deploy.jobs] == ["canceled"]
    assert [attempt.outcome for attempt in deploy.attempts] == ["reset"]


def test_a_job_that_nobody_has_leased_is_canceled_too() -> None:
    story = given(JOBS, CREATE, *BUILT_JOB).when(REDO)
    story.then(
        StepRedoRequested,
        JobCanceled(step="deploy", attempt=1, reason=CAUSE),
        StepReset(step="deploy", iteration=2, because_of="build"),
        StepQueued,
    )


def test_a_job_canceled_before_its_start_has_used_up_no_number() -> None:
    again = CompleteStep(step="build", attempt=2, lease=OTHER)
    redone = (REDO, lease("build", 2, iteration=2, as_=OTHER))
    story = given(JOBS, CREATE, *BUILT_JOB, *redone).when(again)
    assert [(j.iteration, j.attempt) for j in story.run.steps["deploy"].jobs] == [
        (1, 1),
        (2, 1),
    ]


def test_it_is_redone_twice_with_feedback() -> None:
    again = CompleteStep(step="build", attempt=2, lease=OTHER)
    redone = (REDO, lease("build", 2, iteration=2, as_=OTHER), again)
    story = given(JOBS, CREATE, *BUILT_JOB, *redone)
    story = story.when(RedoStep(step="build", feedback="green, please"))
    story.then(StepRedoRequested, JobCanceled, StepReset, StepQueued)
    build = story.run.steps["build"]
    assert (build.iteration, build.reason) == (3, "green, please")
    assert build.jobs[-1].attempt == 3


PAID = workflow(
    task("build", queue="default"),
    task("pay", "build", queue="default", effects="once"),
)


def test_what_is_not_known_to_be_safe_must_be_accepted() -> None:
    story = given(PAID, CREATE, *BUILT_JOB, lease("pay", as_=OTHER))
    story.when(REDO).then_refused(
        UnsafeToRepeat, "This redo .* step 'pay' is unknown .*attempt 1 is running"
    )
    story = story.when(REDO.model_copy(update={"accept_unsafe": True}))
    asked = story.events[0]
    assert isinstance(asked, StepRedoRequested)
    assert asked.accepted_unsafe
    assert [each.verdict for each in asked.verdicts] == ["safe", "unknown"]


def test_what_has_not_started_is_safe() -> None:
    given(PAID, CREATE, *BUILT_JOB).when(REDO).then(
        StepRedoRequested, JobCanceled, StepReset, StepQueued
    )


def test_what_was_done_once_is_not_done_again_unasked() -> None:
    done = CompleteStep(step="pay", attempt=1, lease=OTHER)
    more = workflow(*PAID.steps, task("ship", "pay", queue="default"))
    story = given(more, CREATE, *BUILT_JOB, lease("pay", as_=OTHER), done)
    story.when(RedoStep(step="pay")).then_refused(
        UnsafeToRepeat, "'pay' is unsafe .*attempt 1 completed"
    )
