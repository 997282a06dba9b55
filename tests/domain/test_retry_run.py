from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from domain.errors import (
    InputsInvalid,
    NotRetriable,
    RetryOpen,
    RunledgerError,
    RunNotOver,
    RunObserved,
    UnknownStep,
    UnsafeToRepeat,
)
from domain.events import By, Event
from domain.ids import RunId
from domain.run.commands import (
    Approve,
    CancelRun,
    CompleteStep,
    CreateRun,
    EndRun,
    FailStep,
    ObserveRun,
    RedoStep,
    RetryRun,
    RunCommand,
    StartStep,
)
from domain.run.context import RetryContext
from domain.run.decisions import decide_retry
from domain.run.events import (
    ApprovalRequested,
    CarriedStep,
    Content,
    RunCreated,
    RunQueued,
    RunRetried,
    StepQueued,
    StepVerdict,
)
from domain.run.evolution import fold
from domain.run.state import Run, RunState, StepState
from tests.domain.workflows import (
    CHAIN,
    CREATE,
    REVIEWED,
    UNKNOWN_GRAPH,
    approval,
    task,
    workflow,
)
from tests.support.decider import RUN_ID, START, Story, given

if TYPE_CHECKING:
    from domain.workflow.definition import WorkflowDefinition

NEW = RunId(UUID("01900000-0000-7000-8000-000000000043"))
FAILED = RetryRun(reason="disk was full")
ACCEPTED = RetryRun(accept_unsafe=True)
BY = By("bob", START)


def done(step: str, output: object = None) -> tuple[RunCommand, RunCommand]:
    return StartStep(step=step), CompleteStep.model_validate(
        {"step": step, "output": output}
    )


def fails(step: str) -> tuple[RunCommand, RunCommand]:
    return StartStep(step=step), FailStep(step=step)


def retry(
    old: Story,
    command: RetryRun = FAILED,
    definition: WorkflowDefinition | None = None,
    latest: Run | None = None,
    run_id: RunId = RUN_ID,
) -> tuple[Run, list[Event], list[Event]]:
    definition = definition or old.run.definition
    context = RetryContext(
        by=BY,
        run_id=run_id,
        new_run=NEW,
        new_number=43,
        definition=definition,
        workflow_version=2,
        latest_retry=None if latest is None else (NEW, latest),
    )
    new, link = decide_retry(old.run, command, context)
    return fold(Run(definition), [(event, BY) for event in new]), new, link


def retried(old: Story, command: RetryRun = FAILED) -> Run:
    """The new run alone."""
    return retry(old, command)[0]


def refused(
    error: type[RunledgerError],
    saying: str,
    old: Story,
    command: RetryRun = FAILED,
    latest: Run | None = None,
) -> None:
    with pytest.raises(error, match=saying):
        retry(old, command, latest=latest)


def verdict(run: Run, step: str) -> str:
    return run.verdicts[step].verdict


CHAIN_FAILED = (*done("build", "v1"), *fails("deploy"))


def test_a_new_run_takes_over_what_is_done() -> None:
    run, events, link = retry(given(CHAIN, CREATE, *CHAIN_FAILED))
    assert events == [
        RunCreated(
            workflow="release",
            workflow_version=2,
            number=43,
            retry_of=RUN_ID,
            root_run=RUN_ID,
            retry_from="failed",
            reason="disk was full",
            carried=(
                CarriedStep(
                    step="build", from_run=RUN_ID, attempt=1, output=Content(value="v1")
                ),
            ),
            verdicts=(
                StepVerdict(
                    step="deploy",
                    verdict="safe",
                    reasons=("its effects are declared idempotent",),
                ),
            ),
        ),
        RunQueued(),
        StepQueued(step="deploy", attempt=1),
    ]
    assert link == [
        RunRetried(
            new_run=NEW, new_number=43, retry_from="failed", reason="disk was full"
        )
    ]
    build = run.steps["build"]
    assert (build.state, build.carried_from) == (StepState.COMPLETED, RUN_ID)
    assert (build.output, build.attempts) == (Content(value="v1"), ())


def test_the_finished_run_keeps_its_state() -> None:
    old = given(CHAIN, CREATE, *CHAIN_FAILED)
    _, _, link = retry(old)
    after = fold(old.run, [(event, BY) for event in link])
    assert (after.state, after.retries) == (RunState.FAILED, (NEW,))
    assert after.steps == old.run.steps


def test_from_the_start_nothing_is_carried() -> None:
    old = given(CHAIN, CREATE, *CHAIN_FAILED)
    run, _, _ = retry(old, RetryRun(retry_from="start"))
    assert run.steps["build"].state is StepState.QUEUED


def test_from_a_step_everything_built_on_it_runs_again() -> None:
    three = workflow(task("build"), task("test", "build"), task("deploy", "test"))
    old = given(three, CREATE, *done("build"), *done("test"), *done("deploy"))
    run, _, _ = retry(old, RetryRun(retry_from="step:test"))
    states = [step.state for step in run.steps.values()]
    assert states == [StepState.COMPLETED, StepState.QUEUED, StepState.NOT_STARTED]


def test_a_canceled_run_starts_from_its_canceled_steps() -> None:
    old = given(CHAIN, CREATE, *done("build"), StartStep(step="deploy"), CancelRun())
    run, _, _ = retry(old)
    assert run.steps["deploy"].state is StepState.QUEUED
    assert run.steps["build"].carried_from == RUN_ID


def test_its_inputs_are_those_of_the_old_one() -> None:
    create = CreateRun(workflow="release", inputs={"tag": "v1"})
    run, _, _ = retry(given(CHAIN, create, *CHAIN_FAILED))
    assert run.inputs == Content(value={"tag": "v1"})


def test_the_first_run_of_a_chain_is_remembered() -> None:
    first = given(CHAIN, CREATE, *CHAIN_FAILED)
    run, _, _ = retry(first)
    again = Story(run, [])
    for command in fails("deploy"):
        again = again.when(command)
    third, _, _ = retry(again, run_id=NEW)
    assert (third.retry_of, third.root_run) == (NEW, RUN_ID)
    assert third.steps["build"].carried_from == RUN_ID


def test_on_another_version_only_what_is_defined_the_same_is_carried() -> None:
    old = given(CHAIN, CREATE, *CHAIN_FAILED)
    changed = workflow(task("build", effects="none"), task("deploy", "build"))
    assert retry(old, definition=changed)[0].steps["build"].state is StepState.QUEUED
    told = workflow(task("build", description="the same"), task("deploy", "build"))
    assert retry(old, definition=told)[0].steps["build"].carried_from == RUN_ID


def test_an_approval_is_carried_with_what_it_was_about() -> None:
    approved = (*done("build", "v1"), Approve(step="review"), *fails("deploy"))
    run, _, _ = retry(given(REVIEWED, CREATE, *approved))
    assert run.steps["review"].carried_from == RUN_ID
    redone = (
        *done("build", "v1"),
        RedoStep(step="build"),
        *done("build", "v2"),
        Approve(step="review"),
        *fails("deploy"),
    )
    run, _, _ = retry(given(REVIEWED, CREATE, *redone))
    assert run.steps["review"].carried_from == RUN_ID


def test_an_approval_of_something_else_is_not_carried() -> None:
    approved = (*done("build", "v1"), Approve(step="review"), *fails("deploy"))
    old = given(REVIEWED, CREATE, *approved)
    review = old.run.steps["review"]
    other = replace(review.approvals[0], subject_digest="of something else")
    steps = old.run.steps | {"review": replace(review, approvals=(other,))}
    run, _, _ = retry(Story(replace(old.run, steps=steps), []))
    assert run.steps["review"].state is StepState.WAITING


def test_an_approval_is_asked_again_when_what_it_is_about_runs_again() -> None:
    gate_last = workflow(task("build"), approval("review", "build"))
    old = given(gate_last, CREATE, *done("build"), Approve(step="review"))
    run, _, _ = retry(old, RetryRun(retry_from="step:review"))
    assert run.state is RunState.WAITING
    _, events, _ = retry(old, RetryRun(retry_from="step:review"))
    assert type(events[2]) is ApprovalRequested


def test_one_retry_at_a_time() -> None:
    old = given(CHAIN, CREATE, *CHAIN_FAILED)
    first, _, _ = retry(old)
    refused(
        RetryOpen,
        "Run #43 of release is a retry of run #42 of release by bob .* still queued",
        old,
        latest=first,
    )
    over = Story(first, []).when(CancelRun())
    assert retry(old, latest=over.run)[0].number == 43


def test_only_what_is_over_is_retried() -> None:
    refused(RunNotOver, "is not over, it is queued", given(CHAIN, CREATE))


def test_where_nothing_failed_it_must_be_said_from_where() -> None:
    old = given(CHAIN, CREATE, *done("build"), *done("deploy"))
    refused(NotRetriable, "nothing in it failed", old)


def test_a_version_without_the_failed_step_has_nothing_to_run() -> None:
    old = given(CHAIN, CREATE, *CHAIN_FAILED)
    with pytest.raises(NotRetriable, match="Version 2 of release has no step left"):
        retry(old, definition=workflow(task("build")))


def test_the_step_to_retry_from_must_exist() -> None:
    old = given(CHAIN, CREATE, *CHAIN_FAILED)
    refused(UnknownStep, "no step 'tset'", old, RetryRun(retry_from="step:tset"))


def test_an_observed_run_is_retried_elsewhere() -> None:
    seen = ObserveRun(workflow="release", source="ci", external_id="9")
    old = given(UNKNOWN_GRAPH, seen, EndRun(outcome="failed"))
    refused(RunObserved, "steer it there", old)


ONCE = workflow(task("build"), task("pay", "build", effects="once"))


def test_once_and_it_reported_a_failure_is_safe() -> None:
    run, _, _ = retry(given(ONCE, CREATE, *done("build"), *fails("pay")))
    assert run.verdicts["pay"] == StepVerdict(
        step="pay",
        verdict="safe",
        reasons=(
            "its effects are declared once",
            "attempt 1 ended with a failure that it reported",
        ),
    )


def test_once_and_it_never_started_is_safe() -> None:
    run, _, _ = retry(given(ONCE, CREATE, *fails("build")))
    assert run.verdicts["pay"].reasons == ("it has not started",)


def test_once_and_nobody_knows_how_it_ended_is_unknown() -> None:
    lost = (*done("build"), StartStep(step="pay"), CancelRun(force=True))
    run = retried(given(ONCE, CREATE, *lost), ACCEPTED)
    assert verdict(run, "pay") == "unknown"


def test_a_late_report_makes_the_outcome_known() -> None:
    lost = (*done("build"), StartStep(step="pay"), CancelRun(force=True))
    failed = FailStep(step="pay", attempt=1)
    assert verdict(retried(given(ONCE, CREATE, *lost, failed)), "pay") == "safe"
    paid = CompleteStep(step="pay", attempt=1)
    again = retried(given(ONCE, CREATE, *lost, paid), ACCEPTED)
    assert verdict(again, "pay") == "unsafe"


def test_what_is_not_known_to_be_safe_must_be_accepted() -> None:
    lost = (*done("build"), StartStep(step="pay"), CancelRun(force=True))
    old = given(ONCE, CREATE, *lost)
    with pytest.raises(UnsafeToRepeat, match=r"'pay' is unknown .*declared once") as it:
        retry(old)
    assert it.value.details["verdicts"] == [
        {
            "step": "pay",
            "verdict": "unknown",
            "reasons": [
                "its effects are declared once",
                "attempt 1 started, and nobody told how it ended",
            ],
        }
    ]
    _, new, _ = retry(old, ACCEPTED)
    assert created(new).accepted_unsafe
    assert [each.verdict for each in created(new).verdicts] == ["unknown"]


def test_where_all_is_safe_there_was_nothing_to_accept() -> None:
    _, new, _ = retry(given(CHAIN, CREATE, *fails("build")), ACCEPTED)
    assert not created(new).accepted_unsafe


def test_other_inputs_are_those_of_the_new_run() -> None:
    old = given(CHAIN, CREATE.model_copy(update={"inputs": 1}), *fails("build"))
    run, new, _ = retry(old, RetryRun.model_validate({"inputs": {"tag": 2}}))
    assert run.inputs == Content(value={"tag": 2})
    assert (run.other_inputs, created(new).other_inputs) == (True, True)
    run = retried(old, RetryRun.model_validate({"inputs": None}))
    assert (run.inputs, run.other_inputs) == (None, True)
    run = retried(old)
    assert (run.inputs, run.other_inputs) == (Content(value=1), False)


def created(events: list[Event]) -> RunCreated:
    first = events[0]
    assert isinstance(first, RunCreated)
    return first


def test_once_and_it_completed_is_unsafe() -> None:
    old = given(ONCE, CREATE, *done("build"), *done("pay"))
    run = retried(old, RetryRun(retry_from="start", accept_unsafe=True))
    assert verdict(run, "pay") == "unsafe"
    assert verdict(run, "build") == "safe"


def test_what_was_unknown_before_a_retry_stays_unknown_after_it() -> None:
    lost = (*done("build"), StartStep(step="pay"), CancelRun(force=True))
    run = retried(given(ONCE, CREATE, *lost), ACCEPTED)
    canceled = Story(run, []).when(CancelRun())
    again = retried(canceled, ACCEPTED)
    assert verdict(again, "pay") == "unknown"


def test_what_was_carried_and_runs_again_is_unsafe() -> None:
    more = workflow(task("pay", effects="once"), task("deploy", "pay"))
    run, _, _ = retry(given(more, CREATE, *done("pay"), *fails("deploy")))
    over = Story(run, []).when(CancelRun())
    again = retried(over, RetryRun(retry_from="start", accept_unsafe=True))
    assert again.verdicts["pay"].reasons[-1] == "it completed in an earlier run"


def test_inputs_of_a_retry_are_held_against_the_schema_of_its_version() -> None:
    day = {"type": "object", "required": ["day"]}
    strict = CHAIN.model_copy(update={"input_schema": day})
    old = given(strict, CreateRun(workflow="release", inputs={"day": 1}))
    old = old.when(CancelRun())
    other = RetryRun(inputs={})
    refused(InputsInvalid, "'day' is a required property", old, other)
    run, *_ = retry(old, RetryRun(inputs={"day": 2}))
    assert run.inputs == Content(value={"day": 2})
    # Those that are taken over are looked at again by another version.
    before = given(CHAIN, CREATE, CancelRun())
    with pytest.raises(InputsInvalid):
        retry(before, definition=strict)


def test_with_other_inputs_people_are_asked_again() -> None:
    """What they approved they did with the old ones before them."""
    old = given(REVIEWED, CREATE, *done("build"), Approve(step="review"))
    old = old.when(StartStep(step="deploy")).when(FailStep(step="deploy"))
    run, *_ = retry(old, RetryRun(inputs={"day": 2}))
    assert run.steps["build"].state is StepState.COMPLETED
    assert run.steps["review"].open_approval is not None
    for same in (RetryRun(inputs=None), RetryRun()):
        run, *_ = retry(old, same)
        assert run.steps["review"].carried_from == RUN_ID
