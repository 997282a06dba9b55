"""The dashboard in Chromium: a wide matrix, many runs, a first visit, a busy run."""

from __future__ import annotations

import gzip
import http.client
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import orjson

from tests.bench import browsing
from tests.bench.browsing import median
from tests.bench.figures import Figure, at_most
from tests.support import wide

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

    from tests.bench.stack import Stack

STEPS, RUNS = 500, 1_000
VISITS = 5
LOG = Path(__file__).parents[3] / "shared/data/xes/bpic2012.xes.gz"
EVENTS_A_MINUTE = 2_000
BUSY_S = 20.0


def measure(stack: Stack) -> Iterator[Figure]:
    assert stack.post("/v1/default/workflows", wide.definition("wide", STEPS))[0] == 201
    wide.fill(stack, "default", "wide", STEPS, RUNS)
    yield from _answer(stack)
    with browsing.chromium() as browser:
        yield from _first_visit(browser, stack)
        yield from _matrix(browser, stack)
        yield from _busy(browser, stack)
        if LOG.exists():
            _import(stack)
            yield from _many_runs(browser, stack)


def _answer(stack: Stack) -> Iterator[Figure]:
    path = f"/v1/default/workflows/wide/matrix?runs={RUNS}&detail=cells"
    answers = [_fetch(stack, path) for _ in range(20)]
    name = f"matrix {STEPS} × {RUNS:,}"
    yield at_most(
        f"{name} over HTTP, p50", median([one[0] for one in answers]), "ms", goal=150
    )
    yield at_most(f"{name}, compressed", answers[0][1] / 1000, "kB", goal=150)


def _first_visit(browser: Browser, stack: Stack) -> Iterator[Figure]:
    spent, scripts = [], 0.0
    for _ in range(VISITS):
        page = browsing.visitor(browser, stack)
        page.add_init_script(browsing.READY)
        page.goto("/workflows")
        browsing.wait(page, "window.interactiveAt !== undefined")
        until: float = page.evaluate("window.interactiveAt")
        spent.append(until)
        scripts = page.evaluate(browsing.SCRIPTS, until)
        page.context.close()
    yield at_most("first visit, interactive, p50", median(spent), "ms", goal=500)
    yield at_most("first visit, JavaScript", scripts / 1000, "kB", goal=150)


def _matrix(browser: Browser, stack: Stack) -> Iterator[Figure]:
    painted: list[float] = []
    for visit in range(VISITS):
        page = browsing.visitor(browser, stack)
        page.goto(f"/workflows/wide?runs={RUNS}")
        browsing.wait(page, f"({browsing.FIRST_PAINT})() !== null")
        painted.append(page.evaluate(browsing.FIRST_PAINT))
        if visit < VISITS - 1:
            page.context.close()
    yield at_most(
        "matrix drawn, after its answer, p50", median(painted), "ms", goal=100
    )
    page.wait_for_load_state("networkidle")
    frames: list[float] = page.evaluate(
        browsing.SCROLLING, {"frames": 240, "pixels": 48}
    )
    yield at_most("matrix scrolled, frame p50", median(frames), "ms", goal=17.5)
    p95 = frames[int(len(frames) * 0.95)]
    yield at_most("matrix scrolled, frame p95", p95, "ms", goal=40)
    nodes = page.evaluate("document.querySelectorAll('*').length")
    yield at_most("matrix page, elements", nodes, "elements", goal=2_000)
    page.context.close()


def _busy(browser: Browser, stack: Stack) -> Iterator[Figure]:
    """One run that tells of 2,000 events a minute, seen by the matrix and by itself."""
    definition = wide.definition("busy", STEPS)
    assert stack.post("/v1/default/workflows", definition)[0] == 201
    for name, address in (("matrix", "/workflows/busy"), ("run", "/runs/busy/{}")):
        status, run = stack.post("/v1/default/runs", {"workflow": "busy"})
        assert status == 201, run
        stack.wait_level()
        page = browsing.visitor(browser, stack)
        page.goto(address.format(run["number"]))
        page.wait_for_selector(".live-live")
        yield at_most(
            f"{name} page of a run with {EVENTS_A_MINUTE:,} events a minute",
            _load(stack, page, run["run_id"], definition) * 100,
            "% of a core",
            goal=20,
        )
        page.context.close()


def _load(stack: Stack, page: Page, run: str, definition: dict[str, Any]) -> float:
    """The share of a core that the page takes while its run goes on."""
    over = threading.Event()
    told = stack.head()

    def report() -> None:
        began = time.monotonic()
        for step in definition["steps"]:
            for verb in ("start", "complete"):
                path = f"/v1/default/runs/{run}/steps/{step['name']}/{verb}"
                assert stack.post(path, {})[0] == 200
            ahead = (stack.head() - told) / (EVENTS_A_MINUTE / 60)
            if over.wait(max(0.0, ahead - (time.monotonic() - began))):
                return

    reporter = threading.Thread(target=report)
    reporter.start()
    try:
        taken = browsing.main_thread(page)
        page.wait_for_timeout(BUSY_S * 1000)
        worked, passed = taken()
    finally:
        over.set()
        reporter.join()
    rate = (stack.head() - told) / passed * 60
    assert rate > EVENTS_A_MINUTE / 4, f"only {rate:.0f} events a minute"
    # A machine that is busy with other things may bring fewer: then each counts more.
    return worked / passed * max(1.0, EVENTS_A_MINUTE / rate)


def _import(stack: Stack) -> None:
    """13,087 loan applications, as an importer's user brings them."""
    subprocess.run(
        [
            Path(sys.executable).with_name("runledger"),
            *("import", "--mapping", "bpic2012", LOG),
        ],
        env={
            **os.environ,
            "RUNLEDGER_COMMAND_URL": stack.command_url,
            "RUNLEDGER_QUERY_URL": stack.query_url,
            "RUNLEDGER_TOKEN": stack.token,
            "RUNLEDGER_NAMESPACE": "default",
        },
        stdout=subprocess.DEVNULL,
        check=True,
        timeout=600,
    )
    stack.wait_level(180)


def _many_runs(browser: Browser, stack: Stack) -> Iterator[Figure]:
    spent: list[float] = []
    cursor = ""
    while True:
        path = f"/v1/default/runs?workflow=loan-application&limit=100{cursor}"
        milliseconds, _, answer = _fetch(stack, path)
        spent.append(milliseconds)
        if answer["next"] is None:
            break
        cursor = f"&cursor={quote(answer['next'])}"
    assert len(spent) == 131, len(spent)
    deepest = median(spent[-20:])
    yield at_most("13,087 runs, a page of 100 at the end", deepest, "ms", goal=50)
    slow = sorted(spent)[int(len(spent) * 0.95)]
    yield at_most("13,087 runs, a page of 100 anywhere, p95", slow, "ms", goal=50)

    page = browsing.visitor(browser, stack)
    page.goto("/workflows/loan-application?runs=100")
    page.wait_for_selector('[role="grid"]')
    page.wait_for_load_state("networkidle")
    opened: list[float] = [
        page.evaluate(browsing.OPENING, {"x": 30 + 20 * at, "y": 11})
        for at in range(10)
    ]
    yield at_most(
        "a cell's details after the click, p50", median(opened), "ms", goal=100
    )
    page.context.close()


def _fetch(stack: Stack, path: str) -> tuple[float, int, Any]:
    """Milliseconds, bytes as they came, and what they say."""
    connection = http.client.HTTPConnection(urlsplit(stack.query_url).netloc)
    headers = {"authorization": f"Bearer {stack.token}", "accept-encoding": "gzip"}
    began = time.perf_counter()
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    milliseconds = (time.perf_counter() - began) * 1000
    assert answer.status == 200, body
    connection.close()
    packed = answer.headers.get("content-encoding") == "gzip"
    return (
        milliseconds,
        len(body),
        orjson.loads(gzip.decompress(body) if packed else body),
    )
