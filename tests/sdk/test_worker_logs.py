"""What step functions say, on its way to the log of their attempts."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from runledger.connection import Connection
from runledger.worker import Context, Workflow
from runledger.worker.http import CommandApi
from runledger.worker.job import Job
from runledger.worker.log_lines import MOST_WAITING, LogLines

from tests.sdk.lossy import LossyLine
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from runledger.models import LogLine
    from runledger.worker.context import Level, Stream

    from tests.sdk.stage import Stage


def log(stage: Stage, run: UUID) -> list[LogLine]:
    """All lines of the attempt, once it has ended and they are all there."""

    def whole() -> list[LogLine]:
        found: list[LogLine] = []
        after = 0
        while True:
            page = stage.client.log(run, "talk", 1, after=after, limit=1_000)
            found += page.lines
            if len(found) == page.total:
                return found if found[-1:] and len(found[-1].text) > 3_000 else []
            after = found[-1].n

    assert stage.ended(run).state == "completed"
    return eventually(whole)


def said(lines: list[LogLine]) -> list[tuple[str, str, str]]:
    return [(line.stream, line.level, line.text) for line in lines]


def test_lines_arrive_in_order_with_stream_and_level(stage: Stage) -> None:
    stage.worker("chatty")
    stage.leave("go")
    found = said(log(stage, stage.start("chatty")))
    assert [text for _, _, text in found[:3_000]] == [
        f"line {number}" for number in range(3_000)
    ]
    assert {level for _, level, _ in found[:3_000]} == {"debug", "info"}
    assert found[3_000:-2] == [
        ("stdout", "info", "printed, in two parts"),
        ("stdout", "info", "and a second line"),
        ("log", "error", "two"),
        ("log", "error", "lines"),
        ("log", "info", "\x1b[31mred\x1b[0m ? \ufffd"),
    ]
    assert [len(text) for _, _, text in found[-2:]] == [16_384, 20_000 - 16_384]


def test_lines_whose_answers_are_lost_are_there_once(stage: Stage) -> None:
    with LossyLine(stage.service.command_url) as line:
        stage.worker("chatty", slots=1, command_url=line.url)
        run = stage.start("chatty")
        stage.began(1)
        line.lose_answers = 3
        stage.leave("go")
        found = said(log(stage, run))
    assert len(found) == 3_007
    assert len({text for _, _, text in found[:3_000]}) == 3_000


class Office:
    """Where a job belongs that has no worker."""

    def __init__(self, lines: LogLines) -> None:
        self.lines = lines

    def line(self, job: Job, text: str, level: Level, stream: Stream) -> None:
        self.lines.add(job, text, level, stream)

    def progressed(self) -> None: ...

    def stopping(self) -> bool:
        return False


def with_lines(check: Callable[[LogLines, Job], object]) -> None:
    """At a service that does not answer."""
    workflow = Workflow("w")

    @workflow.step
    def talk(context: Context) -> None: ...

    found: dict[str, Any] = {"run_id": "r", "step": "talk", "lease": "l", "attempt": 1}

    async def run() -> None:
        nowhere = "http://127.0.0.1:1"
        async with CommandApi(
            Connection(query_url=nowhere, command_url=nowhere)
        ) as api:
            lines = LogLines(api)
            check(lines, Job(found, workflow, workflow.steps["talk"], Office(lines)))

    asyncio.run(run())


def test_more_than_can_be_sent_is_dropped_and_the_log_says_how_much() -> None:
    def check(lines: LogLines, job: Job) -> None:
        count = MOST_WAITING // 1_000
        for _ in range(count):
            job.context.log("x" * 1_000)
        kept = len(job.lines)
        assert kept < count
        lines._take()
        job.context.log("there is room again")
        dropped, after = list(job.lines)[-2:]
        lost = count - kept
        assert dropped.text.startswith(f"[{lost} lines dropped here: more was logged")
        assert dropped.level == "warning"
        assert after.text == "there is room again"

    with_lines(check)


def test_what_is_dropped_at_the_end_is_told_as_well() -> None:
    def check(lines: LogLines, job: Job) -> None:
        for _ in range(MOST_WAITING // 1_000):
            job.context.log("x" * 1_000)
        lines.close(job)
        assert "dropped here" in job.lines[-1].text

    with_lines(check)


@pytest.mark.parametrize("letter", ["x", "\x1b", "\U0001f600"])
def test_a_request_stays_below_its_limit_of_bytes(letter: str) -> None:
    import json

    def check(lines: LogLines, job: Job) -> None:
        for _ in range(2_000):
            job.context.log(letter * 500)
        (batch,) = lines._take()
        body = json.dumps({"batches": [batch.members()]}, ensure_ascii=False).encode()
        assert batch.first == 1
        # Nothing but control characters is no text: such a request is cut in half.
        assert len(body) < (2 if letter == "\x1b" else 1) * 1024 * 1024

    with_lines(check)
