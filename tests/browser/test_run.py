"""The page of a run, and the panel of a step beside it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator, Page

    from tests.support.world import World

REFUSED = {
    "type": "OperationalError",
    "message": "connection to db-1 refused",
    "traceback": 'File "/srv/load.py", line 41, in load\n    connect(dsn)\n',
}
EVIL = "<script>window.__pwned = 1</script><img src=x onerror='window.__pwned = 1'>"


@pytest.fixture
def nightly(world: World) -> World:
    """With a workflow whose steps a service reports."""
    world.register(
        "nightly",
        {"name": "extract", "description": "Read the bookings of the day."},
        {"name": "load", "needs": ["extract"], "max_attempts": 2, "backoff": NO_PAUSE},
        {"name": "publish", "needs": ["load"]},
    )
    return world


NO_PAUSE = {"first_s": 0}


def fail_in_load(world: World) -> str:
    """A run that failed for good, after two attempts."""
    run = world.start("nightly", inputs={"day": "2026-11-01"})
    world.step(run, "extract", "start")
    world.step(run, "extract", "complete", output={"rows": 120})
    for _ in range(2):
        world.step(run, "load", "start")
        world.step(run, "load", "fail", error=REFUSED)
    world.level()
    return run


def write(world: World, run: str, lines: list[Any], first: int = 1) -> None:
    """Lines of the log of the first attempt of ``extract``."""
    told = [line if isinstance(line, dict) else {"text": line} for line in lines]
    batch = {"run_id": run, "step": "extract", "attempt": 1, "first": first}
    answer = world.post("/logs", {"batches": [{**batch, "lines": told}]})
    assert answer["items"][0]["status"] == 200, answer


def running(world: World, lines: list[Any]) -> str:
    """A run whose ``extract`` goes on, and has said this."""
    run = world.start("nightly")
    world.step(run, "extract", "start")
    write(world, run, lines)
    world.level()
    return run


def rows(start: int, end: int) -> list[Any]:
    return [f"row {n} checked" for n in range(start, end + 1)]


def step_row(page: Page, step: str) -> Locator:
    return page.get_by_role("list", name="Steps").get_by_role(
        "link", name=re.compile(f"^{step} ")
    )


def panel(page: Page, step: str) -> Locator:
    return page.get_by_role("region", name=f"Step {step}", exact=True)


def log(page: Page) -> Locator:
    return page.get_by_role("region", name="Log of extract, attempt 1")


def test_why_a_run_failed_is_said_and_leads_to_the_step(
    page: Page, nightly: World
) -> None:
    fail_in_load(nightly)
    page.goto("/runs/nightly/1")
    why = page.get_by_role("banner").or_(page.locator("main header"))
    expect(why.last).to_contain_text("OperationalError: connection to db-1 refused")
    why.last.get_by_role("link", name="load").click()
    expect(page).to_have_url(re.compile("step=load"))
    told = panel(page, "load")
    expect(told.get_by_role("region", name="Traceback")).to_contain_text("connect(dsn)")
    expect(told.get_by_text("2 attempts, 2 allowed")).to_be_visible()


def test_the_timeline_tells_each_attempt(page: Page, nightly: World) -> None:
    fail_in_load(nightly)
    page.goto("/runs/nightly/1")
    expect(step_row(page, "load")).to_have_accessible_name(
        re.compile("load failed, 2 attempts")
    )
    expect(step_row(page, "load").get_by_title(re.compile("^attempt "))).to_have_count(
        2
    )
    expect(step_row(page, "publish")).to_have_accessible_name(
        re.compile("publish (not started|canceled)")
    )


def test_a_retry_and_its_run_are_linked_both_ways(page: Page, nightly: World) -> None:
    run = fail_in_load(nightly)
    nightly.post(f"/runs/{run}/retry", {"reason": "the database is back"})
    nightly.level()
    page.goto("/runs/nightly/1")
    page.get_by_role("navigation", name="Retries").get_by_role(
        "link", name="#2"
    ).click()
    expect(page).to_have_url(re.compile("/runs/nightly/2$"))
    expect(step_row(page, "extract")).to_have_accessible_name(
        re.compile("carried over")
    )
    expect(
        page.get_by_role("navigation", name="Retries").get_by_role("link", name="#1")
    ).to_be_visible()


def test_what_happens_is_seen_without_a_reload(page: Page, nightly: World) -> None:
    run = nightly.start("nightly")
    nightly.level()
    page.goto("/runs/nightly/1")
    expect(step_row(page, "extract")).to_have_accessible_name(
        re.compile("extract queued")
    )
    expect(page.get_by_text("live", exact=True)).to_be_visible()
    nightly.step(run, "extract", "start")
    expect(step_row(page, "extract")).to_have_accessible_name(
        re.compile("extract running")
    )
    nightly.step(run, "extract", "complete")
    expect(step_row(page, "load")).to_have_accessible_name(re.compile("load queued"))


def test_arrows_go_from_step_to_step(page: Page, nightly: World) -> None:
    fail_in_load(nightly)
    page.goto("/runs/nightly/1")
    step_row(page, "extract").focus()
    page.keyboard.press("ArrowDown")
    expect(panel(page, "load")).to_be_visible()
    expect(step_row(page, "load")).to_be_focused()
    page.keyboard.press("End")
    expect(panel(page, "publish")).to_be_visible()
    panel(page, "publish").get_by_role("button", name="Close").click()
    expect(panel(page, "publish")).to_be_hidden()


def test_a_long_log_opens_at_its_end_and_is_read_back(
    page: Page, nightly: World
) -> None:
    run = running(nightly, rows(1, 5000))
    write(nightly, run, rows(5001, 9000), first=5001)
    page.goto("/runs/nightly/1?step=extract")
    expect(log(page).get_by_text("row 9000 checked")).to_be_in_viewport()
    expect(page.get_by_text("9,000 lines")).to_be_visible()
    # Two pages up, however the first one is fetched; what was read stays where it is.
    for _ in range(6):
        log(page).press("PageUp")
    expect(log(page).get_by_text("row 8880 checked")).to_be_attached()
    place = page.get_by_role("slider", name="Place in the log")
    place.focus()
    place.press("Home")
    expect(log(page).get_by_text("row 1 checked")).to_be_in_viewport()


def test_a_line_has_an_address(page: Page, nightly: World) -> None:
    running(nightly, rows(1, 3000))
    page.goto("/runs/nightly/1?step=extract#L1200")
    line = log(page).get_by_text("row 1200 checked")
    expect(line).to_be_in_viewport()
    expect(log(page).locator(".log-selected")).to_contain_text("row 1200")
    log(page).get_by_role("link", name="Line 1205", exact=True).click()
    expect(page).to_have_url(re.compile(r"attempt=1.*#L1205$"))
    expect(log(page).locator(".log-selected")).to_contain_text("row 1205")
    page.reload()
    expect(log(page).get_by_text("row 1205 checked")).to_be_in_viewport()


def test_a_search_goes_from_hit_to_hit(page: Page, nightly: World) -> None:
    lines = rows(1, 3000)
    lines[99] = lines[1499] = lines[2899] = "Amount is missing"
    running(nightly, lines)
    page.goto("/runs/nightly/1?step=extract")
    expect(log(page).get_by_text("row 3000 checked")).to_be_in_viewport()
    find = page.get_by_role("searchbox", name="Find in the log")
    find.fill("amount")
    find.press("Enter")
    hits = page.get_by_role("status").filter(has_text=" of 3")
    expect(hits).to_have_text("3 of 3")
    expect(log(page).get_by_role("link", name="Line 2900")).to_be_in_viewport()
    find.press("Shift+Enter")
    expect(hits).to_have_text("2 of 3")
    expect(log(page).get_by_role("link", name="Line 1500")).to_be_in_viewport()
    page.get_by_role("button", name="Previous hit").click()
    expect(hits).to_have_text("1 of 3")
    page.get_by_role("checkbox", name="only hits").check()
    expect(log(page).locator(".log-line")).to_have_count(3)


def test_lines_are_followed_unless_one_has_scrolled_away(
    page: Page, nightly: World
) -> None:
    run = running(nightly, rows(1, 500))
    page.goto("/runs/nightly/1?step=extract")
    expect(log(page).get_by_text("row 500 checked")).to_be_in_viewport()
    write(nightly, run, rows(501, 510), first=501)
    expect(log(page).get_by_text("row 510 checked")).to_be_in_viewport()
    log(page).press("PageUp")
    expect(page.get_by_role("button", name="To the end")).to_be_visible()
    write(nightly, run, rows(511, 517), first=511)
    more = page.get_by_role("button", name="7 new lines")
    expect(more).to_be_visible()
    expect(log(page).get_by_text("row 517 checked")).not_to_be_in_viewport()
    more.click()
    expect(log(page).get_by_text("row 517 checked")).to_be_in_viewport()
    expect(more).to_be_hidden()


def test_a_log_has_the_colours_of_a_terminal_and_its_levels(
    page: Page, nightly: World
) -> None:
    running(
        nightly,
        [
            "\x1b[31mred\x1b[0m and \x1b[38;2;10;200;30mown\x1b[0m",
            {"text": "disk almost full", "stream": "stderr", "level": "warning"},
            "\x1b[2J\x1b]0;title\x07calm",
        ],
    )
    page.goto("/runs/nightly/1?step=extract")
    expect(log(page).locator(".ansi-1")).to_have_text("red")
    expect(log(page).locator(".ansi-own")).to_have_text("own")
    expect(log(page).locator(".log-line").last).to_contain_text(re.compile("^3calm$"))
    page.get_by_role("combobox", name="Level").select_option("warnings and errors")
    expect(log(page).locator(".log-line")).to_have_count(1)
    expect(log(page)).to_contain_text("disk almost full")


def test_nothing_of_what_a_run_brings_is_carried_out(
    page: Page, nightly: World
) -> None:
    run = nightly.start("nightly", inputs={"page": EVIL})
    nightly.step(run, "extract", "start")
    write(nightly, run, [EVIL])
    nightly.step(
        run, "extract", "complete", output={"html": EVIL, "url": "javascript:0"}
    )
    for _ in range(2):
        nightly.step(run, "load", "start")
        nightly.step(
            run,
            "load",
            "fail",
            error={"type": EVIL, "message": EVIL, "traceback": EVIL},
        )
    nightly.level()
    for place in (
        "step=extract&show=log",
        "step=extract&show=output",
        "step=load",
        "tab=inputs",
        "tab=events",
    ):
        page.goto(f"/runs/nightly/1?{place}")
        expect(page.get_by_text("window.__pwned").last).to_be_visible()
        assert page.evaluate("window.__pwned") is None, place
        assert page.locator("main script, main img").count() == 0, place


def test_jobs_stand_beside_the_run_with_states_of_their_own(
    page: Page, world: World
) -> None:
    world.register("queued", {"name": "build", "queue": "builders"})
    run = world.start("queued")
    asked = {
        "worker": "host-7",
        "queue": "builders",
        "workflows": ["queued"],
        "max_jobs": 1,
    }
    job = world.post("/jobs/lease", asked)["jobs"][0]
    told = {"run_id": run, "step": "build", "lease": job["lease"]}
    progress = {"fraction": 0.4, "message": "40 of 100 pages"}
    world.post(
        "/jobs/heartbeat",
        {"worker": "host-7", "jobs": [{**told, "progress": progress}]},
    )
    world.level()
    page.goto("/runs/queued/1?tab=jobs")
    jobs = page.get_by_role("region", name="Jobs")
    row = jobs.get_by_role("row", name=re.compile("build"))
    expect(row).to_contain_text("leased")
    expect(row).to_contain_text("host-7")
    expect(row).to_contain_text("40 % 40 of 100 pages")
    row.get_by_role("link", name="build").click()
    expect(panel(page, "build").get_by_role("progressbar")).to_have_attribute(
        "value", "0.4"
    )
    expect(panel(page, "build").get_by_role("region", name="Attempts")).to_contain_text(
        "leased"
    )


def test_a_question_to_people_is_told_with_who_decides(
    page: Page, world: World
) -> None:
    policy = {"approvers": ["ada", "grace"], "required": 2}
    world.register("release", {"name": "sign", "kind": "approval", "approval": policy})
    world.start("release")
    world.level()
    page.goto("/runs/release/1")
    step_row(page, "sign").click()
    question = panel(page, "sign")
    expect(question).to_contain_text("0 of 2 agreed")
    expect(question).to_contain_text("ada or grace")
    expect(question.get_by_role("link", name="Review page")).to_have_attribute(
        "href", re.compile("/approvals/release/1/sign")
    )


def test_a_run_of_many_steps_builds_only_what_is_seen(page: Page, world: World) -> None:
    steps = [{"name": f"step-{n:03}"} for n in range(500)]
    world.register("wide", *steps)
    run = world.start("wide")
    world.step(run, "step-400", "start")
    world.level()
    page.goto("/runs/wide/1")
    expect(step_row(page, "step-000")).to_be_visible()
    assert page.get_by_role("list", name="Steps").get_by_role("link").count() < 90
    page.get_by_role("button", name="1 running").click()
    expect(panel(page, "step-400")).to_be_visible()
    expect(step_row(page, "step-400")).to_be_in_viewport()


@pytest.mark.parametrize(
    "place",
    [
        "step=load",
        "step=load&show=attempts",
        "step=extract&show=log#L2",
        "step=extract&show=output",
        "tab=graph",
        "tab=jobs",
        "tab=events",
        "tab=inputs",
    ],
)
def test_the_pages_of_a_run_can_be_used_by_everybody(
    page: Page, nightly: World, axe: Callable[[Page], None], place: str
) -> None:
    run = nightly.start("nightly", inputs={"day": "2026-11-01"})
    nightly.step(run, "extract", "start")
    colours = [
        f"\x1b[{code}mcolour\x1b[0m" for code in (*range(30, 38), *range(90, 98))
    ]
    owns = [
        "\x1b[38;2;255;255;120mpale\x1b[0m \x1b[41mon red\x1b[0m \x1b[7minverse\x1b[0m"
    ]
    write(nightly, run, [*colours, *owns, {"text": "low", "level": "warning"}])
    nightly.step(run, "extract", "complete", output={"rows": 120})
    for _ in range(2):
        nightly.step(run, "load", "start")
        nightly.step(run, "load", "fail", error=REFUSED)
    nightly.level()
    page.goto(f"/runs/nightly/1?{place}")
    expect(page.get_by_role("heading", name="nightly#1")).to_be_visible()
    expect(page.get_by_text("Loading")).to_have_count(0)
    axe(page)


def test_a_run_is_shown_as_it_was_after_any_of_its_events(
    page: Page, world: World
) -> None:
    world.register("pages", {"name": "fetch"}, {"name": "ship", "needs": ["fetch"]})
    run = world.start("pages")
    for step in ("fetch", "ship"):
        world.step(run, step, "start")
        done = world.step(run, step, "complete")
    world.level()
    page.goto("/runs/pages/1?version=5")
    expect(page.get_by_text(f"after event 5 of {done['version']}")).to_be_visible()
    expect(page.get_by_role("button", name="Retry")).to_have_count(0)
    slider = page.get_by_role("slider", name="After which of its events")
    slider.press("End")
    expect(page.get_by_text(f"after event {done['version']} of")).to_be_visible()
    page.get_by_role("link", name="Back to now").click()
    expect(page.get_by_role("button", name="Retry")).to_be_visible()
