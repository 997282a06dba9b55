"""Real worker processes at a real service."""

from __future__ import annotations

import signal
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

from tests.sdk.lossy import LossyLine
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from tests.sdk.stage import Stage


def test_every_kind_of_function_carries_out_its_step(stage: Stage) -> None:
    stage.worker("chain")
    run = stage.start("chain", {"name": "Ada"})
    found = stage.ended(run)
    assert found.state == "completed"
    assert stage.output(run, "greet") == "Hello, Ada"
    assert stage.output(run, "shout") == "HELLO, ADA"
    assert stage.output(run, "count") == {"letters": 10}
    first, second = stage.step(run, "shout").attempts
    assert (first.outcome, second.outcome) == ("failed", "completed")
    assert first.error is not None
    assert first.error.type == "ConnectionError"
    assert 'raise ConnectionError("nobody hears it")' in first.error.traceback
    assert "runledger" not in first.error.traceback


def test_the_job_succeeds_and_the_run_waits_for_people(stage: Stage) -> None:
    stage.worker("letter")
    run = stage.start("letter")
    stage.waits(run, "write")
    stage.client.reject(run, "write", comment="warmer")
    eventually(lambda: len(stage.step(run, "write").attempts) == 2)
    stage.waits(run, "write")
    before: dict[str, object] = {"text": "Dear reader", "told": [None, []]}
    asked = stage.step(run, "write").approvals[-1]
    assert asked.subject is not None
    assert asked.subject.value == {"text": "Dear reader", "told": ["warmer", [before]]}
    assert asked.summary == "Send it?"
    stage.client.approve(run, "write")
    assert stage.ended(run).state == "completed"
    assert stage.lines("sent") == ["Dear reader"]


def test_what_cannot_go_well_fails_its_step_and_nothing_else(stage: Stage) -> None:
    worker = stage.worker("odd")
    run = stage.start("odd")
    assert stage.ended(run).state == "failed"
    errors = {}
    for step in ("give_up", "too_large", "no_json", "no_text", "leaves"):
        found = stage.step(run, step)
        assert found.state == "failed", step
        assert found.error is not None
        errors[step] = found.error.type, len(found.attempts)
    assert errors == {
        "give_up": ("Permanent", 1),
        "too_large": ("OutputRefused", 1),
        "no_json": ("OutputNotJson", 1),
        "no_text": ("OutputRefused", 1),
        "leaves": ("SystemExit", 3),
    }
    assert stage.output(run, "fine") == "fine"
    assert worker.running


def test_a_cancel_reaches_async_and_sync_functions(stage: Stage) -> None:
    stage.worker("gentle", "slow", lease=5)
    runs = stage.start("gentle"), stage.start("slow")
    stage.began(2)
    for run in runs:
        stage.client.cancel_run(run, reason="not needed")
    for run in runs:
        found = stage.ended(run)
        assert found.state == "canceled"
        (step,) = [one for one in found.steps if one.step in ("dream", "wait")]
        assert step.state == "canceled"
    assert len(stage.lines("woken")) == 1


def test_a_function_that_ignores_the_cancel_has_completed(stage: Stage) -> None:
    stage.worker("stubborn", lease=5)
    run = stage.start("stubborn")
    stage.began(1)
    stage.client.cancel_run(run)
    assert stage.client.run(run).state == "running", "the cancel waits for the job"
    stage.leave("go")
    assert stage.ended(run).state == "canceled"
    assert stage.step(run, "ignore").state == "completed"


def test_sigterm_lets_what_runs_finish_and_starts_nothing(stage: Stage) -> None:
    worker = stage.worker("slow", slots=1)
    first, second = stage.start("slow"), stage.start("slow")
    stage.began(1)
    worker.ask_to_stop()
    eventually(lambda: "Stopping" in worker.log.read_text())
    stage.leave("go")
    eventually(lambda: not worker.running)
    assert worker.exit_code == 0
    assert [stage.step(run, "wait").state for run in (first, second)] == [
        "completed",
        "queued",
    ]
    stage.worker("slow")
    assert stage.ended(first).state == stage.ended(second).state == "completed"
    assert len(stage.lines("begun")) == 2


def test_what_does_not_finish_within_the_grace_is_given_back(stage: Stage) -> None:
    worker = stage.worker("slow", "gentle", grace=0.2)
    runs = stage.start("slow"), stage.start("gentle")
    stage.began(2)
    worker.ask_to_stop()
    eventually(lambda: not worker.running)
    assert worker.exit_code == 0
    for run, step in zip(runs, ("wait", "dream"), strict=True):
        eventually(partial(stage.outcomes, run, step, "released"))
    stage.leave("go")
    stage.worker("slow")
    assert stage.ended(runs[0]).state == "completed"


def test_what_may_be_done_once_is_not_given_back_half_done(stage: Stage) -> None:
    worker = stage.worker("once", grace=0.2)
    run = stage.start("once")
    stage.began(1)
    worker.ask_to_stop()
    eventually(lambda: not worker.running)
    assert stage.step(run, "pay").state == "running", "its lease runs out"


def test_a_second_signal_ends_it_at_once(stage: Stage) -> None:
    worker = stage.worker("stubborn")
    stage.start("stubborn")
    stage.began(1)
    worker.ask_to_stop()
    eventually(lambda: "Stopping" in worker.log.read_text())
    worker.ask_to_stop()
    eventually(lambda: not worker.running, seconds=15)
    assert worker.exit_code == 128 + signal.SIGTERM


def test_reports_whose_answers_are_lost_are_told_again(stage: Stage) -> None:
    with LossyLine(stage.service.command_url) as line:
        # One slot: while its function runs nothing else is asked of the service.
        stage.worker("once", slots=1, command_url=line.url)
        run = stage.start("once")
        stage.began(1)
        line.lose_answers = 2
        stage.leave("go")
        eventually(lambda: line.lost == 2)
        assert stage.ended(run).state == "completed"
        assert stage.outcomes(run, "pay", "completed")


def test_a_job_whose_answer_is_lost_is_handed_out_again(stage: Stage) -> None:
    with LossyLine(stage.service.command_url) as line:
        stage.worker("once", slots=1, command_url=line.url)
        name = f"{stage.name}-once"
        eventually(
            lambda: any(name in w.workflows for w in stage.client.workers().items)
        )
        line.lose_answers = 1
        run = stage.start("once")
        stage.began(1)
        stage.leave("go")
        assert line.lost == 1
        assert stage.ended(run).state == "completed"
        assert stage.outcomes(run, "pay", "completed")


def test_a_worker_goes_on_when_the_command_api_is_back(stage: Stage) -> None:
    worker = stage.worker("slow", lease=5)
    run = stage.start("slow")
    stage.began(1)
    stage.service.kill("command")
    stage.leave("go")
    eventually(lambda: "does not answer" in worker.log.read_text())
    stage.service.start("command")
    stage.service.wait_ready("command")
    assert stage.ended(run).state == "completed"
    assert "answers again" in worker.log.read_text()


def test_many_workers_carry_out_each_step_once(stage: Stage) -> None:
    workers = [stage.worker("many", slots=3) for _ in range(3)]
    runs = [stage.start("many") for _ in range(20)]
    for run in runs:
        assert stage.ended(run).state == "completed"
    assert set(Counter(stage.lines("done")).values()) == {1}
    assert len(stage.lines("done")) == 20 * 5
    assert all(worker.running for worker in workers)


def test_a_token_that_does_not_count_ends_the_worker_with_a_sentence(
    stage: Stage,
) -> None:
    worker = stage.worker("many", token="no such token", wait=False)
    eventually(lambda: not worker.running)
    assert worker.exit_code == 1
    assert "Error:" in worker.last_words()
    assert "Traceback" not in worker.log.read_text()


def test_a_token_without_the_role_says_which_one_it_lacks(stage: Stage) -> None:
    token = stage.service.make_token("viewer", "viewer")
    worker = stage.worker("many", token=token, wait=False)
    eventually(lambda: not worker.running)
    assert worker.exit_code == 1
    assert "worker" in worker.last_words()


def test_a_step_that_only_another_version_has_is_given_back(stage: Stage) -> None:
    definition = {
        "name": f"{stage.name}-many",
        "steps": [{"name": "of old", "queue": stage.name}],
    }
    stage.client.register_workflow(definition)
    run = stage.client.create_run(f"{stage.name}-many").run_id
    worker = stage.worker("many")
    eventually(lambda: "is given back" in worker.log.read_text())
    eventually(lambda: stage.outcomes(run, "of old", "released"))
