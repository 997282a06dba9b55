"""The log of an attempt: pages, tails, searches, what is gone, all of it as a file."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from domain.run.commands import CompleteStep, StartStep
from infra.logs import LATE
from query_api.answers.logs import LogLine, LogPage
from query_api.logs import MAX_LINES, DownloadQuery, LogQuery
from tests.support.logs import move_to_day, write_log

if TYPE_CHECKING:
    from collections.abc import Sequence

    from domain.ids import RunId
    from tests.query_api.serving import Api
    from tests.query_api.world import World
    from tests.support.logs import SentLine

TODAY = datetime.now(UTC).date()


class Log:
    """The log of the first attempt of a run's first step."""

    def __init__(self, world: World, api: Api, run_id: RunId) -> None:
        self.run_id = run_id
        self.path = f"runs/{run_id}/steps/build/attempts/1/log"
        self._world = world
        self._api = api

    def write(self, lines: Sequence[SentLine], **options: int) -> None:
        url = self._world.database.url("runledger_command")
        write_log(url, self.run_id, "build", lines, **options)

    def page(self, **params: Any) -> Any:
        answer = self._api.get(self.path, **params)
        LogPage.model_validate(answer)
        return answer

    def numbers(self, **params: Any) -> list[int]:
        return [line["n"] for line in self.page(**params)["lines"]]

    def texts(self, **params: Any) -> list[str]:
        return [line["text"] for line in self.page(**params)["lines"]]

    def download(self, **params: str) -> str:
        answer = self._api.client.get(
            f"/v1/default/{self.path}/download", params=params
        )
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        return answer.text


@pytest.fixture
def log(world: World, api: Api) -> Log:
    world.register()
    run_id = world.create()
    world.do(run_id, StartStep(step="build"))
    return Log(world, api, run_id)


def numbered(last: int) -> list[str]:
    return [f"line {n}" for n in range(1, last + 1)]


def test_a_line_is_told_as_it_was_sent(log: Log) -> None:
    log.write([("stderr", "warning", "disk \x1b[31malmost\x1b[0m full"), "going on"])
    page = log.page()
    assert page["lines"] == [
        {
            "n": 1,
            "at": "2026-11-01T12:00:00.001000Z",
            "stream": "stderr",
            "level": "warning",
            "text": "disk \x1b[31malmost\x1b[0m full",
            "cut": False,
        },
        {
            "n": 2,
            "at": "2026-11-01T12:00:00.002000Z",
            "stream": "log",
            "level": "info",
            "text": "going on",
            "cut": False,
        },
    ]
    assert (page["total"], page["first_kept"], page["next"]) == (2, 1, 2)
    assert page["dropped"] is page["matches"] is page["previous"] is None
    assert (page["over_limit"], page["more"]) == (0, False)


def test_an_attempt_without_lines_has_an_empty_log(log: Log) -> None:
    for params in ({}, {"tail": 10}, {"search": "x"}, {"before": 5}):
        page = log.page(**params)
        assert (page["lines"], page["total"], page["next"]) == ([], 0, 0)
        assert (page["first_kept"], page["more"], page["previous"]) == (1, False, None)
        assert page["ended"] is False
        assert page["open"] is True


def test_pages_upwards_leave_nothing_out(log: Log) -> None:
    log.write(numbered(2_345), batch=100)
    after, seen, more = 0, [], True
    while more:
        page = log.page(after=after, limit=400)
        seen += [line["n"] for line in page["lines"]]
        after, more = page["next"], page["more"]
    assert seen == list(range(1, 2_346))
    assert log.page(after=after)["lines"] == []


def test_pages_downwards_leave_nothing_out(log: Log) -> None:
    log.write(numbered(2_345), batch=100)
    page = log.page(tail=400)
    seen = [line["n"] for line in page["lines"]]
    assert (page["next"], page["more"]) == (2_345, False)
    while page["previous"] is not None:
        page = log.page(before=page["previous"], limit=400)
        seen = [line["n"] for line in page["lines"]] + seen
        assert page["more"]
    assert seen == list(range(1, 2_346))


def test_a_page_is_found_anywhere(log: Log) -> None:
    log.write(numbered(1_500), batch=7)
    assert log.numbers(after=1_000, limit=3) == [1_001, 1_002, 1_003]
    assert log.numbers(before=1_000, limit=3) == [997, 998, 999]
    assert log.numbers(tail=2) == [1_499, 1_500]
    assert log.numbers(after=1_499) == [1_500]
    assert log.numbers(after=9_999) == []
    assert log.numbers(before=9_999, limit=1) == [1_500]
    assert log.numbers(before=1) == log.numbers(before=0) == []
    page = log.page(after=1_000, limit=3)
    assert (page["previous"], page["next"], page["more"]) == (1_001, 1_003, True)


def test_a_search_finds_parts_of_lines_in_capitals_or_not(log: Log) -> None:
    log.write(
        [
            "Connection RESET by peer",
            "reset the counter",
            "unreset",
            "nothing",
            "r eset",
        ]
    )
    assert log.numbers(search="reset") == log.numbers(search="RESET") == [1, 2, 3]
    assert log.numbers(search="RESET", match_case="true") == [1]
    assert log.numbers(search="100%_") == []
    page = log.page(search="reset")
    assert page["matches"] == {"lines": 3, "at_least": False}


def test_a_search_knows_the_case_of_other_letters_too(log: Log) -> None:
    log.write(["Gr\u00f6\u00dfe", "GR\u00d6\u00dfE", "\u2713 fertig", "\u4e2d\u6587"])
    assert log.numbers(search="gr\u00d6\u00dfe") == [1, 2]
    assert log.numbers(search="\u2713 FERTIG") == [3]
    assert log.numbers(search="\u6587") == [4]
    assert log.numbers(search="Gr\u00f6\u00dfe", match_case="true") == [1]


def test_what_is_found_comes_in_pages_with_its_total(log: Log) -> None:
    log.write([f"{'hit' if n % 3 == 0 else 'miss'} {n}" for n in range(1, 3_001)])
    first = log.page(search="hit", limit=400)
    assert first["matches"] == {"lines": 1_000, "at_least": False}
    numbers = [line["n"] for line in first["lines"]]
    page = first
    while page["more"] and page["lines"]:
        page = log.page(search="hit", limit=400, after=page["next"])
        numbers += [line["n"] for line in page["lines"]]
    assert numbers == list(range(3, 3_001, 3))
    last = log.page(search="hit", tail=2)
    assert [line["n"] for line in last["lines"]] == [2_997, 3_000]
    assert log.numbers(search="hit", before=2_997, limit=1) == [2_994]


def test_a_search_that_takes_long_says_how_far_it_came(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.write([f"hit {n}" for n in range(1, 3_001)], batch=100)
    monkeypatch.setattr("query_api.log_reading.SEARCH_S", 0.0)
    monkeypatch.setattr("query_api.log_reading.COUNT_S", 0.0)
    monkeypatch.setattr("query_api.log_reading.MAX_WINDOW", 4)
    numbers, after, pages = [], 0, 0
    while True:
        page = log.page(search="hit 29", after=after)
        numbers += [line["n"] for line in page["lines"]]
        after, pages = page["next"], pages + 1
        if not page["more"]:
            break
        assert page["matches"]["at_least"]
    assert pages > 3
    assert numbers == [29, *range(290, 300), *range(2_900, 3_000)]


def test_levels_and_streams_are_filters(log: Log) -> None:
    streams, levels = ("stdout", "stderr", "log"), ("debug", "info", "warning", "error")
    kinds: list[Any] = [(s, level, "x") for s in streams for level in levels]
    log.write(kinds * 100, batch=50)
    page = log.page(level="warning", stream="stderr", limit=MAX_LINES)
    assert {(one["stream"], one["level"]) for one in page["lines"]} == {
        ("stderr", "warning"),
        ("stderr", "error"),
    }
    assert page["matches"] == {"lines": 200, "at_least": False}
    assert log.numbers(level="error", tail=2) == [1_196, 1_200]
    assert log.numbers(level="error", stream="log", search="X", limit=1) == [12]


def test_a_rare_line_is_found_past_many_others(log: Log) -> None:
    lines: list[SentLine] = list(numbered(20_000))
    lines[123] = ("log", "error", "the only one")
    log.write(lines)
    assert log.numbers(level="error", tail=10) == [124]
    assert log.numbers(level="error") == [124]
    assert log.numbers(search="only one", tail=5) == [124]


def test_a_follower_is_told_when_no_more_will_come(world: World, log: Log) -> None:
    log.write(numbered(10))
    page = log.page(after=4, limit=3)
    assert (page["more"], page["ended"], page["open"]) == (True, False, True)
    page = log.page(after=page["next"])
    assert [line["n"] for line in page["lines"]] == [8, 9, 10]
    assert (page["more"], page["ended"], page["open"]) == (False, False, True)
    # A moment ago: what is on its way is still taken.
    world.now = datetime.now(UTC)
    world.do(log.run_id, CompleteStep(step="build"))
    page = log.page(after=10)
    assert (page["more"], page["ended"], page["open"]) == (False, True, True)


def test_long_after_its_end_a_log_is_closed(world: World, log: Log) -> None:
    world.now = datetime.now(UTC) - LATE - timedelta(minutes=1)
    world.do(log.run_id, CompleteStep(step="build"))
    page = log.page()
    assert (page["ended"], page["open"]) == (True, False)


def test_dropped_days_are_said(world: World, log: Log) -> None:
    """An attempt that went on for days, the first of which are over."""
    log.write(numbered(1_500), batch=500)
    for first, days in ((1, 12), (501, 10), (1_001, 1)):
        move_to_day(world.database, first, TODAY - timedelta(days=days))
    assert log.page()["dropped"] is None
    assert log.numbers(after=499, limit=3) == [500, 501, 502]
    world.execute("SELECT logs.drop_oldest(11)")
    page = log.page()
    until = datetime.combine(TODAY - timedelta(days=11), datetime.min.time(), UTC)
    assert page["dropped"] == {
        "lines": 500,
        "until": until.isoformat().replace("+00:00", "Z"),
        "why": "lines are kept for 11 days",
    }
    assert (page["total"], page["first_kept"]) == (1_500, 501)
    assert page["lines"][0]["n"] == 501
    assert page["previous"] is None
    page = log.page(before=502)
    assert [line["n"] for line in page["lines"]] == [501]
    assert page["previous"] is None
    assert log.page(search="line 4", after=0)["lines"] == []
    text = log.download()
    assert text.startswith("[runledger: 500 lines are dropped: lines are kept for 11")
    assert text.count("\n") == 1_001


def test_a_log_that_is_dropped_as_a_whole_says_how_much_it_was(
    world: World, log: Log
) -> None:
    log.write(numbered(300))
    move_to_day(world.database, 1, TODAY - timedelta(days=5))
    world.execute("SELECT logs.drop_oldest(1)")
    for params in ({}, {"tail": 10}, {"search": "line"}, {"before": 200}):
        page = log.page(**params)
        assert page["lines"] == []
        assert (page["total"], page["first_kept"]) == (300, 301)
        assert page["dropped"]["lines"] == 300
        assert page["dropped"]["why"] == "lines are kept for 1 day"
        assert page["previous"] is None


def test_lines_over_the_limit_are_said(log: Log) -> None:
    log.write(numbered(20), batch=6, limit=10)
    page = log.page()
    assert (page["total"], page["over_limit"]) == (10, 10)
    assert log.download().endswith(
        "line 10\n[runledger: 10 more lines came, over the attempt's limit]\n"
    )


def test_a_download_has_all_lines_as_they_are(log: Log) -> None:
    log.write([*numbered(5_000), "two\nlines", "\u4e2d\u6587 \x1b[31mred"], batch=333)
    expected = [*numbered(5_000), "two\nlines", "\u4e2d\u6587 \x1b[31mred"]
    assert log.download() == "".join(f"{text}\n" for text in expected)
    first = log.download(times="true").partition("\n")[0]
    assert first == "2026-11-01T12:00:00.001000Z log    info    line 1"


def test_a_download_has_a_name(api: Api, log: Log) -> None:
    log.write(["x"])
    answer = api.client.head(f"/v1/default/{log.path}/download")
    assert answer.status_code == 200
    assert answer.content == b""
    said = answer.headers["content-disposition"]
    assert said == f"attachment; filename*=UTF-8''build-1-{log.run_id}.log"


def test_what_is_not_there_is_said(world: World, api: Api, log: Log) -> None:
    def code(path: str) -> str:
        found = api.refused(f"runs/{path}/log", 404)["type"]
        assert api.refused(f"runs/{path}/log/download", 404)["type"] == found
        return str(found).rpartition(":")[2]

    assert code(f"{uuid.uuid4()}/steps/build/attempts/1") == "unknown-run"
    assert code(f"{log.run_id}/steps/bild/attempts/1") == "unknown-step"
    assert code(f"{log.run_id}/steps/build/attempts/2") == "not-found"


def test_another_namespace_sees_nothing(world: World, api: Api, log: Log) -> None:
    log.write(["secret"])
    token = world.token(namespace="elsewhere")
    for end in ("", "/download"):
        answer = api.client.get(
            f"/v1/elsewhere/{log.path}{end}",
            headers={"Authorization": f"Bearer {token}"},
        )
        assert answer.status_code == 404
        assert answer.json()["type"].endswith("unknown-run")


@pytest.mark.parametrize(
    "params",
    [
        {"after": 1, "tail": 5},
        {"before": 1, "after": 5},
        {"tail": 0},
        {"tail": MAX_LINES + 1},
        {"limit": 0},
        {"search": ""},
        {"level": "fatal"},
        {"stream": "stdin"},
        {"after": -1},
        {"page": 1},
    ],
)
def test_what_does_not_fit_is_refused(log: Log, api: Api, params: Any) -> None:
    assert api.refused(log.path, 422, **params)["type"].endswith("invalid")


def test_every_parameter_is_written_down() -> None:
    page = Path("docs/logs.md").read_text(encoding="utf-8")
    for name in (*LogQuery.model_fields, *DownloadQuery.model_fields):
        assert f"`{name}`" in page or f"{name}=" in page, name
    for name in (*LogPage.model_fields, *LogLine.model_fields):
        assert f"`{name}`" in page, name


def test_the_statement_of_the_page_shows_the_lines(world: World, log: Log) -> None:
    log.write(numbered(1_200), batch=500)
    page = Path("docs/logs.md").read_text(encoding="utf-8")
    statement = page.partition("```sql\n")[2].partition(";")[0]
    asked = statement.replace("019a...", str(log.run_id)).replace("extract", "build")
    rows = world.execute(asked)
    assert rows == [(n, f"line {n}") for n in range(1, 1_201)]
