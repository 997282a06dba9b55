"""The test harness of the SDK: users' functions here, the service's rules beside."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from pydantic import BaseModel
from runledger import Invalid, NotConfigured, Refused
from runledger.testing import context, rehearse
from runledger.testing.rules import Rules
from runledger.worker import Context, Permanent, Policy, Workflow, ask_approval

if TYPE_CHECKING:
    from collections.abc import Iterator


class Notes(BaseModel):
    title: str


pages = Workflow("pages", inputs=Notes)


@pages.step(effects="none")
def fetch(context: Context) -> list[str]:
    context.log(f"looking for {context.inputs.title}")
    return ["a", "b"]


@pages.step(needs=[fetch], max_attempts=2, backoff_s=60)
async def check(context: Context) -> int:
    if context.attempt == 1:
        raise ConnectionError("no answer")
    await asyncio.sleep(0)
    return len(context.outputs["fetch"])


@pages.step(needs=[check, fetch])
def render(context: Context) -> dict[str, object]:
    print("rendering")
    context.progress(0.5, "half of it")
    return {"of": context.outputs["fetch"], "feedback": context.feedback}


pages.approval(
    "review",
    needs=[render],
    policy=Policy(approvers=["ada", "bob"], groups=["editors"], expires_s=3600),
    on_reject="redo:render",
)


@pages.step(needs=["review"], effects="once")
def publish(context: Context) -> str:
    people = [each["actor"] for each in context.approvals.get("review", ())]
    return f"by leave of {', '.join(people) or 'the run before'}"


NOTES = {"title": "Notes"}


def test_a_run_goes_from_its_start_to_its_end() -> None:
    with rehearse(pages, inputs=NOTES) as run:
        run.work().assert_waiting("review").assert_state("waiting_for_approval")
        run.assert_step("check", "completed", attempts=2)
        assert run.seconds == 60, "the wait before the second attempt passed at once"
        asked = run.step("review").approval
        assert asked is not None
        assert asked.subject["render"] == {"of": ["a", "b"], "feedback": None}
        run.approve("review", by="ada", comment="fine").work()
        run.assert_completed().assert_output("publish", "by leave of ada")
        run.assert_event("ada approved step review: fine")


def test_logs_output_and_progress_are_kept() -> None:
    with rehearse(pages, inputs=Notes(title="Letters")) as run:
        run.work()
        assert run.log("fetch") == ["looking for Letters"]
        assert run.log("render") == ["rendering"]
        assert run.lines[-1].stream == "stdout"
        assert run.progress("render") == (0.5, "half of it")


def test_a_rejection_sends_the_work_back_with_its_reason() -> None:
    with rehearse(pages, inputs=NOTES) as run:
        run.work().reject("review", by="bob", comment="larger letters").work()
        run.assert_step("render", "completed", iteration=2)
        assert run.output("render")["feedback"] == "larger letters"
        run.assert_waiting("review")


def test_only_those_may_decide_whom_the_policy_names() -> None:
    with rehearse(pages, inputs=NOTES) as run:
        run.work()
        with pytest.raises(Refused) as refused:
            run.approve("review", by="eve")
        assert refused.value.code == "not-an-approver"
        run.approve("review", by="eve", groups=["editors"])
        run.assert_step("review", "completed")


def test_an_approval_expires_when_its_time_has_passed() -> None:
    with rehearse(pages, inputs=NOTES) as run:
        run.work()
        before = run.seconds
        run.expire("review")
        assert run.seconds == before + 3600
        run.assert_event("expired")


def test_time_passes_only_when_it_is_told_to() -> None:
    with rehearse(pages, inputs=NOTES) as run:
        run.work(skip_waits=False).assert_step("check", "queued", attempts=1)
        run.pass_time(59).work(skip_waits=False).assert_step("check", "queued")
        run.pass_time(1).work(skip_waits=False).assert_waiting("review")


def test_a_lost_job_is_done_again_unless_it_may_be_done_only_once() -> None:
    with rehearse(pages, inputs=NOTES) as run:
        run.lose("fetch").assert_step("fetch", "queued", attempts=1)
        run.work().approve("review").lose("publish").work()
        run.assert_failed(step="publish", error="Lost")
        assert run.step("publish").attempts[-1].outcome == "unknown"
        again = run.retry(accept_unsafe=True, reason="it was not done")
        again.work().assert_completed()
        again.assert_output("publish", "by leave of the run before")
        assert again.number == 2
        run.assert_event("retried the run")


def test_functions_that_a_test_must_not_call_are_replaced() -> None:
    def broken(context: Context) -> None:
        raise Permanent("the disk is full")

    with rehearse(pages, inputs=NOTES, instead={"fetch": broken}) as run:
        run.work().assert_failed(step="fetch", error="the disk is full")
        run.assert_step("render", "not_started")
        run.assert_event("(attempt 1), not to be tried again: Permanent: the disk")


def test_a_cancel_reaches_a_function_that_is_at_work() -> None:
    with rehearse(pages, inputs=NOTES) as run:
        told: list[bool] = []

        def ask(context: Context) -> None:
            run.cancel(reason="not needed")
            told.append(context.canceled)
            context.raise_if_canceled()

        run._stage.steps["render"] = type(run._stage.steps["render"])(
            run._stage.steps["render"].definition, ask
        )
        run.work().assert_canceled().assert_step("render", "canceled")
        assert told == [True]


def test_a_cancel_reaches_an_async_function_too() -> None:
    with rehearse(pages, inputs=NOTES) as run:
        run.before("check", lambda context: run.cancel(reason="not needed"))
        run.work().assert_canceled().assert_step("check", "canceled")


def test_a_redo_takes_the_job_of_what_is_built_on_it() -> None:
    with rehearse(pages, inputs=NOTES) as run:
        once: Iterator[None] = iter([None])

        def redo(context: Context) -> None:
            if next(once, True) is None:
                run.redo("fetch", feedback="one is missing")

        run.before("render", redo).work().assert_waiting("review")
        run.assert_step("fetch", "completed", iteration=2)
        run.assert_event("was discarded")


def test_asking_for_approval_of_an_output_works_in_a_loop_of_the_tests_own() -> None:
    letters = Workflow("letters")

    @letters.step(approval=Policy(required=2))
    async def write(context: Context) -> object:
        return ask_approval("Dear reader", summary="Send it?")

    async def test() -> None:
        with rehearse(letters) as run:
            run.work().assert_waiting("write")
            run.approve("write", by="ada").assert_waiting("write")
            run.approve("write", by="bob").assert_completed()
            run.assert_output("write", "Dear reader")

    asyncio.run(test())


def test_a_claim_that_does_not_hold_tells_what_has_happened() -> None:
    with rehearse(pages, inputs=NOTES) as run:
        run.work()
        with pytest.raises(AssertionError) as wrong:
            run.assert_completed()
    said = str(wrong.value).splitlines()
    assert said[0] == "The run is waiting_for_approval, not completed."
    assert "author created run #1 of pages, version 1" in str(wrong.value)
    assert said[-1] == "  publish: not started"


def test_what_does_not_fit_is_told_at_once() -> None:
    circle = Workflow("circle")
    circle.step(name="a", needs=["b"])(lambda context: None)
    circle.step(name="b", needs=["a"])(lambda context: None)
    with pytest.raises(Invalid, match="need each other in a circle"), rehearse(circle):
        pass
    with (
        pytest.raises(Refused, match="title"),
        rehearse(pages, inputs={"name": "Notes"}),
    ):
        pass


def test_without_the_service_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(NotConfigured, match="pip install runledger-server"):
        Rules().ask("begin", definition={})


def test_rules_that_die_are_told_and_started_again() -> None:
    rules = Rules()
    definition = {"name": "w", "steps": [{"name": "a"}]}
    try:
        rules.ask("begin", definition=definition)
        assert rules._process is not None
        rules._process.kill()
        rules._process.wait()
        with pytest.raises(Exception, match="rules ended"):
            rules.ask("begin", definition=definition)
        assert rules.ask("begin", definition=definition) == {"rehearsal": 1}
    finally:
        rules.close()


def test_one_function_is_tested_with_a_context_made_for_it() -> None:
    made = context(inputs=NOTES, inputs_model=Notes, outputs={"fetch": ["a"]})
    assert fetch(made) == ["a", "b"]
    assert made.lines == [("info", "looking for Notes")]
    assert render(made)["of"] == ["a"]
    assert made.progress_made == [(0.5, "half of it")]
    made.cancel("enough")
    assert (made.canceled, made.cancel_reason) == (True, "enough")
