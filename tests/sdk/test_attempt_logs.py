"""Logs of attempts through the client and the command line, against real services."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click
import pytest
from runledger import Client, NotFound, Refused
from runledger.cli.log_lines import Writing, printable
from runledger.models import LogLine

from tests.support.waiting import eventually

if TYPE_CHECKING:
    from uuid import UUID

    from tests.sdk.conftest import Command
    from tests.support.service import Service


@pytest.fixture
def run(client: Client, workflow: str) -> UUID:
    """A run whose step ``extract`` has started; it may be tried twice."""
    client.register_workflow(
        {
            "name": workflow,
            "steps": [
                {"name": "extract", "max_attempts": 2},
                {"name": "load", "needs": ["extract"]},
            ],
        }
    )
    started = client.create_run(workflow)
    client.start_step(started.run_id, "extract")
    return started.run_id


def write(client: Client, run: UUID, *texts: str, first: int = 1) -> int:
    return client.append_log(run, "extract", 1, texts, first=first)


def test_what_is_written_is_read(client: Client, run: UUID) -> None:
    at = datetime(2026, 11, 1, 12, 0, 0, 123456, tzinfo=UTC)
    upcoming = client.append_log(
        run,
        "extract",
        1,
        ["begun", {"text": "oops", "at": at, "stream": "stderr", "level": "error"}],
        first=1,
    )
    assert upcoming == 3
    page = client.log(run, "extract", 1, tail=10)
    assert [line.text for line in page.lines] == ["begun", "oops"]
    assert (page.lines[1].at, page.lines[1].level) == (at, "error")
    (only,) = client.log_lines(run, "extract", 1, level="warning")
    assert (only.n, only.stream) == (2, "stderr")
    assert [one.n for one in client.log_lines(run, "extract", 1, search="BEG")] == [1]


def test_any_number_of_lines_goes_in_requests_of_their_size(
    client: Client, run: UUID
) -> None:
    lines = [f"{n} {'x' * 5_000}" for n in range(1, 601)]
    assert write(client, run, *lines) == 601
    assert write(client, run, *lines) == 601, "nothing is kept twice"
    found = [line.text for line in client.log_lines(run, "extract", 1)]
    assert found == lines
    whole = b"".join(client.download_log(run, "extract", 1))
    assert whole.decode() == "".join(f"{line}\n" for line in lines)


def test_what_a_program_prints_may_be_broken(client: Client, run: UUID) -> None:
    write(client, run, "nul \0", "half \udc80 of one", "\u4e2d\u6587")
    found = [line.text for line in client.log_lines(run, "extract", 1)]
    assert found == ["nul \ufffd", "half \ufffd of one", "\u4e2d\u6587"]


def test_a_gap_says_where_to_go_on(client: Client, run: UUID) -> None:
    with pytest.raises(Refused) as refused:
        write(client, run, "too early", first=7)
    assert refused.value.code == "lines-missing"
    assert refused.value.members["next"] == 1
    assert client.append_log(run, "extract", 1, [], first=1) == 1


def test_what_is_not_there_is_an_error(client: Client, run: UUID) -> None:
    with pytest.raises(NotFound):
        client.log(run, "extract", 9)
    with pytest.raises(NotFound):
        next(iter(client.download_log(run, "extract", 9)))
    with pytest.raises(NotFound):
        client.append_log(run, "nothing", 1, ["x"], first=1)


def test_following_ends_with_the_attempt(client: Client, run: UUID) -> None:
    write(client, run, "one", "two")
    seen: list[str] = []

    def follow() -> None:
        lines = client.log_lines(run, "extract", 1, follow=True, pause_s=0.02)
        seen.extend(line.text for line in lines)

    following = threading.Thread(target=follow)
    following.start()
    eventually(lambda: seen == [] and following.is_alive())
    write(client, run, "three", first=3)
    client.complete_step(run, "extract")
    following.join(60)
    assert seen == ["one", "two", "three"]


def shown(out: str) -> list[str]:
    """The lines without the day before them."""
    return [line for line in out.splitlines() if line[:2].isdigit()]


def test_the_end_of_a_log_is_read_at_the_shell(
    runledger: Command, client: Client, run: UUID, workflow: str
) -> None:
    at = datetime(2026, 11, 1, 12, tzinfo=UTC)
    client.append_log(
        run,
        "extract",
        1,
        [
            {"text": f"line {n}", "at": at + timedelta(milliseconds=n)}
            for n in range(1, 2_501)
        ],
        first=1,
    )
    done = runledger("logs", f"{workflow}#1", "extract")
    assert len(shown(done.out)) == 100
    assert done.out.splitlines()[-1].endswith("line 2500")
    assert done.out.splitlines()[0].endswith("2026-11-01")
    assert "2,400 lines before these" in done.err
    assert "It goes on" in done.err
    assert "attempt 1" in done.err
    more = runledger("logs", run, "extract", "-n", 2_200)
    assert len(shown(more.out)) == 2_200
    assert "line 301" in shown(more.out)[0]


def test_the_step_that_failed_is_meant_if_none_is_named(
    runledger: Command, client: Client, run: UUID
) -> None:
    write(client, run, "of the first attempt")
    client.fail_step(run, "extract", message="disk full")
    client.start_step(run, "extract")
    client.append_log(run, "extract", 2, ["of the second attempt"], first=1)
    client.fail_step(run, "extract", message="disk still full")
    done = runledger("logs", run)
    assert "of the second attempt" in done.out
    assert "attempt 2 of 2" in done.err
    assert "disk still full" in done.err
    first = runledger("logs", run, "extract", "--attempt", 1)
    assert "of the first attempt" in first.out
    assert "no attempt 3" in runledger("logs", run, "extract", "-a", 3, code=2).err


def test_a_search_shows_numbers_and_what_is_missing(
    runledger: Command, client: Client, run: UUID
) -> None:
    write(client, run, *(f"line {n}" for n in range(1, 1_001)))
    done = runledger("logs", run, "extract", "--search", "LINE 99", "-n", 3)
    assert [line.split()[0] for line in done.out.splitlines()[1:]] == [
        "997",
        "998",
        "999",
    ]
    assert "11 lines like that" in done.err
    none = runledger("logs", run, "extract", "--search", "nothing like it")
    assert none.out == ""
    assert "None of its 1,000 lines is like that." in none.err


def test_levels_stand_out_and_choose(
    runledger: Command, client: Client, run: UUID
) -> None:
    client.append_log(
        run,
        "extract",
        1,
        [
            "fine",
            {"text": "hm", "level": "warning"},
            {"text": "boom\n  at line 3", "level": "error"},
            {"text": "printed", "stream": "stderr"},
        ],
        first=1,
    )
    done = runledger("logs", run, "extract")
    said = [line[14:] for line in done.out.splitlines()[1:]]
    assert said == [
        "       fine",
        "WARN   hm",
        "ERROR  boom",
        "         at line 3",
        "stderr printed",
    ]
    worse = runledger("logs", run, "extract", "--level", "warning")
    assert "fine" not in worse.out
    assert "hm" in worse.out
    assert "boom" in worse.out
    assert "printed" in runledger("logs", run, "extract", "--stream", "stderr").out


def test_machines_get_a_line_for_each(
    runledger: Command, client: Client, run: UUID
) -> None:
    write(client, run, "one", "two")
    done = runledger("logs", run, "extract", "--json")
    assert [json.loads(line)["text"] for line in done.out.splitlines()] == [
        "one",
        "two",
    ]
    assert done.err == ""


def test_all_of_it_is_downloaded(runledger: Command, client: Client, run: UUID) -> None:
    write(client, run, *(f"line {n}" for n in range(1, 1_501)))
    done = runledger("logs", run, "extract", "--download")
    assert done.out == "".join(f"line {n}\n" for n in range(1, 1_501))
    wrong = runledger("logs", run, "extract", "--download", "--search", "x", code=2)
    assert "--download is all of the log" in wrong.err


def test_a_step_without_attempts_says_so(runledger: Command, run: UUID) -> None:
    assert "no attempt yet" in runledger("logs", run, "load").err
    assert "No lines yet." in runledger("logs", run, "extract").err


def test_following_goes_on_with_the_next_attempt(
    runledger: Command, service: Service, run: UUID
) -> None:
    def work() -> None:
        with Client(
            query_url=service.query_url,
            command_url=service.command_url,
            token=service.token,
        ) as client:
            client.append_log(run, "extract", 1, ["first try"], first=1)
            client.fail_step(run, "extract", message="no")
            client.start_step(run, "extract")
            client.append_log(run, "extract", 2, ["second try"], first=1)
            client.complete_step(run, "extract")

    working = threading.Thread(target=work)
    working.start()
    done = runledger("logs", run, "extract", "--follow")
    working.join(60)
    assert "second try" in done.out
    assert "Attempt 2 is over: completed." in done.err


def line(text: str, *, level: str = "info", n: int = 1) -> LogLine:
    at = datetime(2026, 11, 1, 12, tzinfo=UTC)
    return LogLine(n=n, at=at, stream="log", level=level, text=text, cut=False)


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07said", "said"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("10%\r50%\r100%", "100%"),
        ("windows\r\n", "windows"),
        ("a\tb", "a   b"),
        ("bell\x07", "bell\ufffd"),
        ("two\nlines", "two\nlines"),
        ("\x9b31mc1", "\ufffd31mc1"),
    ],
)
def test_no_line_steers_the_terminal(text: str, seen: str) -> None:
    assert printable(text) == seen


def test_what_was_searched_for_stands_out() -> None:
    writing = Writing(search="disk", numbers=True)
    _, said = writing(line("Disk full, (disk)", n=1_234))
    assert said.count(click.style("Disk", fg="black", bg="yellow")) == 1
    assert said.count(click.style("disk", fg="black", bg="yellow")) == 1
    assert click.unstyle(said).startswith("    1,234  ")


def test_a_new_day_is_said_once() -> None:
    writing = Writing()
    assert len(list(writing(line("a")))) == 2
    assert len(list(writing(line("b")))) == 1
