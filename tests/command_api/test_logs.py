"""Log lines over HTTP: who may write them, and what becomes of each batch."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import orjson
import pytest

from command_api import log_authors
from domain.requests import Request
from domain.run.commands import FailStep
from domain.run.own_commands import LoseJob
from infra.logs.lines import MAX_TEXT
from infra.postgres_async import connect
from tests.command_api.conftest import NS, code
from tests.support.commanding import process

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx2

    from tests.command_api.conftest import Api
    from tests.support.database import Database

pytestmark = pytest.mark.anyio

LOGS = f"{NS}/logs"


def batch(run: UUID, first: int = 1, *texts: str, **more: object) -> dict[str, Any]:
    lines = [{"text": text} for text in texts]
    return {
        "run_id": str(run),
        "step": "extract",
        "attempt": 1,
        "first": first,
        "lines": lines,
        **more,
    }


async def send(api: Api, *batches: dict[str, Any], **options: Any) -> list[Any]:
    """What became of each batch."""
    answer = await api.post(LOGS, {"batches": batches}, **options)
    assert answer.status_code == 200, answer.text
    items: list[Any] = answer.json()["items"]
    return items


async def started(api: Api) -> UUID:
    run = await api.run()
    await api.step(run, "extract", "start")
    return run


async def texts(api: Api) -> list[str]:
    rows = await api.rows("SELECT body FROM logs.chunks ORDER BY attempt_id, first")
    return [text for (body,) in rows for text in body.split("\x1e")]


def problem(item: dict[str, Any]) -> str:
    assert item["problem"]["status"] == item["status"] >= 400
    return str(item["problem"]["type"].removeprefix("urn:runledger:problem:"))


async def test_lines_are_kept_and_the_answer_says_where_to_go_on(api: Api) -> None:
    run = await started(api)
    lines = [
        {
            "at": "2026-11-01T12:00:00.123456+01:00",
            "stream": "stderr",
            "level": "warning",
            "text": "disk almost full",
        },
        {"text": "going on"},
    ]
    (item,) = await send(api, batch(run, lines=lines))
    assert item == {"status": 200, "next": 3, "over_limit": 0}
    ((began, marks, body),) = await api.rows(
        "SELECT began, marks, body FROM logs.chunks"
    )
    at = datetime(2026, 11, 1, 11, 0, 0, 123456, tzinfo=UTC)
    assert datetime.fromtimestamp(began / 1e6, UTC) == at
    assert list(marks) == [6, 9]
    assert body == "disk almost full\x1egoing on"


async def test_no_line_is_an_event(api: Api) -> None:
    run = await started(api)
    before = await api.head()
    await send(api, batch(run, 1, "one", "two"))
    assert await api.head() == before


async def test_a_batch_sent_again_is_kept_once(api: Api) -> None:
    run = await started(api)
    for _ in range(2):
        (item,) = await send(api, batch(run, 1, "one", "two"))
        assert item["next"] == 3
    (item,) = await send(api, batch(run, 2, "two", "three"))
    assert item["next"] == 4
    assert await texts(api) == ["one", "two", "three"]


async def test_lines_that_come_too_early_are_told_where_to_go_on(api: Api) -> None:
    run = await started(api)
    (item,) = await send(api, batch(run, 3, "three"))
    assert problem(item) == "lines-missing"
    assert item["status"] == 409
    assert item["next"] == item["problem"]["next"] == 1
    both = await send(api, batch(run, 1, "one", "two"), batch(run, 3, "three"))
    assert [one["next"] for one in both] == [3, 4]
    assert await texts(api) == ["one", "two", "three"]


async def test_one_refused_batch_does_not_keep_the_others(api: Api) -> None:
    run, other = await started(api), await started(api)
    items = await send(
        api,
        batch(run, 1, "one"),
        batch(uuid4(), 1, "of no run"),
        batch(run, 1, "of no step", step="nothing"),
        batch(run, 1, "of no attempt", attempt=2),
        batch(other, 1, "two"),
    )
    assert [item["status"] for item in items] == [200, 404, 404, 404, 200]
    assert [problem(item) for item in items[1:4]] == [
        "unknown-run",
        "unknown-step",
        "not-found",
    ]
    assert await texts(api) == ["one", "two"]


async def test_only_whoever_started_the_attempt_writes_its_log(api: Api) -> None:
    run = await started(api)
    await send(api, batch(run, 1, "mine"))
    eve = await api.token("worker", name="eve")
    (item,) = await send(api, batch(run, 2, "not mine"), token=eve)
    assert item["status"] == 409
    assert "'ada'" in item["problem"]["detail"]
    assert await texts(api) == ["mine"]


async def test_another_namespace_has_no_such_run(api: Api) -> None:
    run = await started(api)
    elsewhere = await api.token("worker", namespace="elsewhere")
    answer = await api.post(
        "/v1/elsewhere/logs", {"batches": [batch(run, 1, "x")]}, token=elsewhere
    )
    assert problem(answer.json()["items"][0]) == "unknown-run"
    assert await texts(api) == []


async def test_it_takes_the_role_of_a_worker(api: Api) -> None:
    run = await started(api)
    viewer = await api.token("viewer", "operator", "approver")
    answer = await api.post(LOGS, {"batches": [batch(run, 1, "x")]}, token=viewer)
    assert code(answer) == "forbidden"


async def leased(api: Api, token: str) -> dict[str, Any]:
    """The job of a run's step ``extract``."""
    asked = {"worker": "w1", "workflows": ["queued"], "max_jobs": 1, "wait_s": 0}
    answer = await api.post(f"{NS}/jobs/lease", asked, token=token)
    (job,) = answer.json()["jobs"]
    found: dict[str, Any] = job
    return found


async def queued_run(api: Api) -> UUID:
    step = {"name": "extract", "queue": "default", "effects": "idempotent"}
    await api.workflow({"name": "queued", "steps": [step]})
    answer = await api.post(f"{NS}/runs", {"workflow": "queued"})
    return UUID(answer.json()["run_id"])


async def lose(api: Api, run: UUID, lease: str) -> None:
    """As the timers do when a lease has run out."""
    command = LoseJob(step="extract", lease=UUID(lease))
    await api.parts.handler.carry_out(
        Request("main", run, (command,), "timers", "timers", None, b"")
    )


async def test_a_job_is_logged_by_the_worker_that_has_it(api: Api) -> None:
    run = await queued_run(api)
    bob = await api.token("worker", name="bob")
    (item,) = await send(api, batch(run, 1, "not yet"), token=bob)
    assert problem(item) == "not-found"
    job = await leased(api, bob)
    mine = batch(run, 1, "mine", attempt=job["attempt"], lease=job["lease"])
    assert (await send(api, mine, token=bob))[0]["next"] == 2
    (item,) = await send(api, mine)
    assert problem(item) == "not-your-job"
    other = {**mine, "lease": str(uuid4())}
    (item,) = await send(api, other, token=bob)
    assert problem(item) == "not-your-job"
    assert await texts(api) == ["mine"]


async def test_a_lost_attempt_is_still_told_of_and_only_that_one(api: Api) -> None:
    run = await queued_run(api)
    bob = await api.token("worker", name="bob")
    job = await leased(api, bob)
    await lose(api, run, job["lease"])
    evidence = batch(run, 1, "I was only slow", lease=job["lease"])
    assert (await send(api, evidence, token=bob))[0]["next"] == 2
    again = await leased(api, bob)
    assert again["attempt"] == 2
    yesterdays = batch(run, 1, "into the next one", lease=job["lease"], attempt=2)
    (item,) = await send(api, yesterdays, token=bob)
    assert problem(item) == "not-your-job"
    assert await texts(api) == ["I was only slow"]


async def test_another_lease_is_not_taken(api: Api) -> None:
    run = await started(api)
    (item,) = await send(api, batch(run, 1, "x", lease=str(uuid4())))
    assert item["status"] == 409
    assert "lease" in item["problem"]["detail"]


async def test_a_report_of_an_observed_run_is_logged_by_its_reporter(api: Api) -> None:
    await api.workflow()
    reporter = await api.token("worker", name="importer")
    answer = await api.post(
        f"{NS}/observed-runs",
        {"workflow": "nightly", "source": "cron", "external_id": "7"},
        token=reporter,
    )
    run = UUID(answer.json()["run_id"])
    answer = await api.post(
        f"{NS}/runs/{run}/steps/extract/start",
        {"actor": "host-1", "occurred_at": "2020-01-01T00:00:00Z"},
        token=reporter,
    )
    assert answer.status_code == 200, answer.text
    (item,) = await send(api, batch(run, 1, "long ago"), token=reporter)
    assert item["status"] == 200
    eve = await api.token("worker", name="eve")
    (item,) = await send(api, batch(run, 2, "no"), token=eve)
    assert item["status"] == 409


async def test_what_was_still_on_its_way_is_taken_after_the_end(api: Api) -> None:
    run = await started(api)
    await send(api, batch(run, 1, "one"))
    await api.step(run, "extract", "fail")
    (item,) = await send(api, batch(run, 2, "and the last words"))
    assert item == {"status": 200, "next": 3, "over_limit": 0}


async def test_long_after_the_end_no_line_is_taken(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = await started(api)
    await api.step(run, "extract", "fail")
    monkeypatch.setattr(log_authors, "LATE", timedelta(0))
    (item,) = await send(api, batch(run, 1, "too late"))
    assert problem(item) == "log-closed"
    assert await texts(api) == []


async def test_an_end_in_another_process_closes_the_log_as_well(
    api: Api, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = await started(api)
    await send(api, batch(run, 1, "one"))
    async with process(database) as another:
        await another.do(run, FailStep(step="extract"), namespace="main")
    monkeypatch.setattr(log_authors, "LATE", timedelta(0))
    # As if half a minute had passed: until then the answer of before is good.
    trusted = api.parts.log_authors._trusted
    trusted.update(dict.fromkeys(trusted, 0.0))
    (item,) = await send(api, batch(run, 2, "two"))
    assert problem(item) == "log-closed"


async def test_text_that_no_store_takes_is_mended(api: Api) -> None:
    run = await started(api)
    body = json.dumps({"batches": [batch(run, 1, "nul \0 here", "half \ud83d of one")]})
    answer = await api.post(LOGS, content=body.encode())
    assert answer.json()["items"][0]["next"] == 3, answer.text
    raw = orjson.dumps({"batches": [batch(run, 3, "BROKEN")]})
    answer = await api.post(LOGS, content=raw.replace(b"BROKEN", b"latin \xe9\xff"))
    assert answer.json()["items"][0]["next"] == 4, answer.text
    assert await texts(api) == [
        "nul \ufffd here",
        "half \ufffd of one",
        "latin \ufffd\ufffd",
    ]


async def test_a_long_line_is_cut_with_a_mark(api: Api) -> None:
    run = await started(api)
    await send(api, batch(run, 1, "x" * (MAX_TEXT + 10)))
    (text,) = await texts(api)
    assert text == "x" * MAX_TEXT + " [cut: 10 more characters]"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "#/batches"),
        (b"[]", "#"),
        (b'{"batches": []}', "#/batches"),
        (b'{"batches": [{"run_id": "no"}]}', "#/batches/0/run_id"),
    ],
)
async def test_a_body_that_does_not_fit_is_refused(
    api: Api, body: bytes, said: str
) -> None:
    answer = await api.post(LOGS, content=body)
    assert code(answer) == "invalid"
    assert said in {error["pointer"] for error in answer.json()["errors"]}


@pytest.mark.parametrize("body", [b"{", b'{"batches": NaN}', b"\xff\xfe", b"[" * 5_000])
async def test_what_is_no_json_is_refused(api: Api, body: bytes) -> None:
    answer = await api.post(LOGS, content=body)
    assert code(answer) == "malformed"


@pytest.mark.parametrize(
    "line",
    [
        {},
        {"text": 7},
        {"text": "x", "level": "fatal"},
        {"text": "x", "stream": "stdin"},
        {"text": "x", "at": "yesterday"},
        {"text": "x", "at": "2026-11-01T12:00:00"},
        {"text": "x", "more": 1},
    ],
)
async def test_a_line_that_does_not_fit_is_named(
    api: Api, line: dict[str, object]
) -> None:
    run = await started(api)
    body = {"batches": [batch(run, lines=[{"text": "fits"}, line])]}
    answer = await api.post(LOGS, body)
    assert code(answer) == "invalid"
    pointers = [error["pointer"] for error in answer.json()["errors"]]
    assert all(one.startswith("#/batches/0/lines/1") for one in pointers), pointers
    assert await texts(api) == []


async def test_fifty_megabytes_are_refused_before_they_are_read(api: Api) -> None:
    sent = 0

    async def parts() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(800):
            sent += 65_536
            yield b"x" * 65_536

    head = {"Authorization": f"Bearer {api.secret}"}
    answer: httpx2.Response = await api.client.post(LOGS, content=parts(), headers=head)
    assert answer.status_code == 413
    assert code(answer) == "too-large"
    assert answer.json()["limit"] == 1024 * 1024
    assert await texts(api) == []


async def test_a_store_that_is_away_is_a_503_and_the_same_request_is_safe(
    api: Api, database: Database
) -> None:
    run, other = await started(api), await started(api)
    await send(api, batch(run, 1, "one"), batch(other, 1, "one"))
    api.parts.log_writer._patience = 0.3
    body = {"batches": [batch(run, 2, "two"), batch(other, 2, "two")]}
    async with await connect(database.url(), name="tests") as owner:
        await owner.execute("LOCK logs.attempts IN ACCESS EXCLUSIVE MODE")
        assert code(await api.post(LOGS, body)) == "unavailable"
        await owner.rollback()
    answer = await api.post(LOGS, body)
    assert [item["next"] for item in answer.json()["items"]] == [3, 3]
    assert await texts(api) == ["one", "two", "one", "two"]


async def test_what_comes_over_the_limit_is_counted(api: Api) -> None:
    run = await started(api)
    limits = api.parts.log_writer._limits._replace(lines=2)
    api.parts.log_writer._limits = limits
    (item,) = await send(api, batch(run, 1, "one", "two", "three"))
    assert item == {"status": 200, "next": 4, "over_limit": 1}
    (item,) = await send(api, batch(run, 4, "four"))
    assert item == {"status": 200, "next": 5, "over_limit": 2}
    assert await texts(api) == ["one", "two"]
