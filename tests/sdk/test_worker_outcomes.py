"""How a step function ends, what it prints, and what becomes of both."""

from __future__ import annotations

import json
import logging
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import BaseModel, TypeAdapter
from runledger.worker import Canceled, Context, Permanent, Policy, Release, ask_approval
from runledger.worker.capture import captured, speaking
from runledger.worker.context import Recorder
from runledger.worker.outcomes import (
    encoded,
    report_of_error,
    report_of_output,
)

from domain.run.commands import RunCommand

if TYPE_CHECKING:
    from runledger.worker.context import Level, Stream

WHERE = {
    "step": "render",
    "attempt": 1,
    "lease": "7f2c1c1e-7f55-4f0e-9a6c-1f1d3a0c5a11",
}
COMMAND: TypeAdapter[Any] = TypeAdapter(RunCommand)


def sent(report: dict[str, Any]) -> Any:
    """The command that a report is, as the service reads it."""
    item = json.loads(encoded("run", {**report, **WHERE}))
    assert item["run_id"] == "run"
    return COMMAND.validate_python(item["report"])


def raised(error: BaseException) -> dict[str, Any]:
    try:
        raise error
    except BaseException as caught:
        return report_of_error(caught)


def test_what_is_returned_is_the_output() -> None:
    found = sent(report_of_output({"pages": [1, 2]}))
    assert found.type == "complete_step"
    assert found.output == {"pages": [1, 2]}
    assert str(found.lease) == WHERE["lease"]


class Page(BaseModel):
    at: datetime


@dataclass
class Book:
    pages: list[Page]


def test_models_and_dataclasses_are_outputs_too() -> None:
    book = Book([Page(at=datetime(2026, 3, 1, tzinfo=UTC))])
    found = sent(report_of_output(book))
    assert found.output == {"pages": [{"at": "2026-03-01T00:00:00Z"}]}


def test_asking_for_approval_is_a_success_with_a_question() -> None:
    policy = Policy(groups=["editors"], required=2)
    found = sent(report_of_output(ask_approval(12, summary="Print?", policy=policy)))
    assert found.type == "request_approval"
    assert (found.output, found.summary) == (12, "Print?")
    assert found.policy.groups == ("editors",)
    assert found.policy.required == 2


def test_an_error_is_told_with_its_kind_and_where_it_was_raised() -> None:
    found = sent(raised(json.JSONDecodeError("no", "x", 0)))
    assert found.type == "fail_step"
    assert found.error.type == "json.decoder.JSONDecodeError"
    assert "raise error" in found.error.traceback
    assert found.retryable


def test_a_permanent_failure_is_not_tried_again() -> None:
    class NoSuchPage(Permanent):
        pass

    found = sent(raised(NoSuchPage("page 12")))
    assert not found.retryable
    assert found.error.message == "page 12"


def test_a_job_can_be_given_back() -> None:
    found = sent(raised(Release("no licence is free", delay_s=5)))
    assert found.type == "release_job"
    assert (found.delay_s, found.reason) == (5, "no licence is free")


@pytest.mark.parametrize("output", [object(), float("nan"), {1j: 2}])
def test_an_output_that_is_no_json_fails_the_step_for_good(output: object) -> None:
    found = sent(report_of_output({"value": output}))
    assert found.type == "fail_step"
    assert found.error.type == "OutputNotJson"
    assert not found.retryable


def test_a_value_that_contains_itself_fails_the_step_too() -> None:
    circle: list[Any] = []
    circle.append(circle)
    assert sent(report_of_output(circle)).error.type == "OutputNotJson"


def test_a_long_traceback_keeps_its_beginning_and_its_end() -> None:
    def deeper(depth: int) -> None:
        if depth:
            deeper(depth - 1)
        raise ValueError("x" * 200_000 + "\0")

    with pytest.raises(ValueError, match="xxx") as caught:
        deeper(5)
    found = sent(report_of_error(caught.value))
    assert "[...]" in found.error.traceback
    assert len(found.error.traceback) < 70_000
    assert len(found.error.message) == 16_384


class Kept(Recorder):
    def __init__(self) -> None:
        self.lines: list[tuple[str, str, str]] = []

    def line(self, text: str, level: Level, stream: Stream) -> None:
        self.lines.append((stream, level, text))


def test_what_functions_print_goes_to_their_own_logs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    kept = [Kept() for _ in range(4)]
    together = threading.Barrier(len(kept))

    def work(number: int) -> None:
        with speaking(kept[number]):
            for line in range(20):
                together.wait(10)
                print("I am", number, end=f" and print {line}\n")
            print("no end", end="")

    with captured(True):
        threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)
        print("from outside")
    for number, recorder in enumerate(kept):
        said = [text for _, _, text in recorder.lines]
        assert said[:-1] == [f"I am {number} and print {line}" for line in range(20)]
        assert said[-1] == "no end"
    assert capsys.readouterr().out == "from outside\n"


def test_standard_error_is_a_warning_and_a_repainted_line_its_last_state() -> None:
    import sys

    kept = Kept()
    with captured(True), speaking(kept):
        print("10 %\r50 %\r100 %\r", file=sys.stderr)
    assert kept.lines == [("stderr", "warning", "100 %")]


def test_nothing_is_captured_unless_it_is_wanted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    kept = Kept()
    with captured(False), speaking(kept):
        print("plain")
    assert kept.lines == []
    assert capsys.readouterr().out == "plain\n"


def test_what_functions_log_with_pythons_logging_is_in_their_logs() -> None:
    kept = Kept()
    logger = logging.getLogger("a.library")
    with captured(True):
        logger.warning("from outside")
        with speaking(kept):
            logger.error("it %s", "broke")
            logger.warning("mind")
    logger.warning("afterwards")
    assert kept.lines == [("log", "error", "it broke"), ("log", "warning", "mind")]


JOB = {
    "run_id": "01900000-0000-7000-8000-000000000042",
    "workflow": "w",
    "workflow_version": 3,
    "number": 42,
    "step": "render",
    "iteration": 2,
    "attempt": 5,
    "inputs": {"at": "2026-03-01T00:00:00Z"},
    "outputs": {"fetch": [1]},
    "feedback": "larger",
    "earlier": [{"iteration": 1, "output": 7, "summary": "Fine?", "decisions": []}],
}


def test_a_context_says_where_its_function_is() -> None:
    context = Context(JOB, Recorder(), inputs=Page)
    assert context.run.number == 42
    assert context.run.version == 3
    assert (context.step, context.iteration, context.attempt) == ("render", 2, 5)
    assert context.inputs == Page(at=datetime(2026, 3, 1, tzinfo=UTC))
    assert context.outputs["fetch"] == [1]
    assert context.feedback == "larger"
    assert context.earlier[0].output == 7
    assert not context.canceled
    with pytest.raises(ValueError, match="from 0 to 1"):
        context.progress(1.5)


def test_a_sleeping_function_wakes_when_its_work_is_wanted_no_more() -> None:
    context = Context(JOB, Recorder())
    told: list[str] = []

    def work() -> None:
        try:
            context.sleep(60)
        except Canceled as canceled:
            told.append(str(canceled))

    thread = threading.Thread(target=work)
    thread.start()
    context._cancel("the run is canceled")
    thread.join(10)
    assert told == ["the run is canceled"]
    with pytest.raises(Canceled):
        context.sleep(60)
