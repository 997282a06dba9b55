"""The page of a workflow: the history of its runs as a matrix."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.support import wide

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator, Page, Response

    from tests.support.world import World

STEPS = ("fetch", "build", "ship")


@pytest.fixture
def pages(world: World) -> list[str]:
    """Three runs of `pages`: completed, failed at `build`, and one that has begun."""
    chain = zip(STEPS, [[], *([step] for step in STEPS)], strict=False)
    world.register("pages", *({"name": step, "needs": needs} for step, needs in chain))
    runs = [world.start("pages") for _ in range(3)]
    for step in STEPS:
        finish(world, runs[0], step)
    finish(world, runs[1], "fetch")
    world.step(runs[1], "build", "start")
    error = {"type": "ValueError", "message": "no such page"}
    world.step(runs[1], "build", "fail", error=error)
    world.step(runs[2], "fetch", "start")
    world.level()
    return runs


def finish(world: World, run: str, step: str) -> None:
    world.step(run, step, "start")
    world.step(run, step, "complete")


def grid_of(page: Page) -> Locator:
    return page.get_by_role("grid")


def cell(page: Page, sentence: str) -> Locator:
    """The one real cell, where the cursor is."""
    return grid_of(page).get_by_role("gridcell", name=re.compile(sentence))


def test_keys_lead_from_cell_to_cell(page: Page, pages: list[str]) -> None:
    page.goto("/workflows/pages")
    expect(grid_of(page)).to_have_attribute("aria-colcount", "4")
    expect(grid_of(page)).to_have_attribute("aria-rowcount", "4")
    grid_of(page).focus()
    expect(cell(page, "^step fetch, run 3, running")).to_be_attached()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowDown")
    expect(cell(page, "^step build, run 2, failed")).to_be_attached()
    page.keyboard.press("Home")
    expect(cell(page, "^step build, run 1, completed")).to_be_attached()
    page.keyboard.press("Control+End")
    expect(cell(page, "^step ship, run 3, not started")).to_be_attached()
    page.keyboard.press("PageUp")
    page.keyboard.press("ArrowUp")
    header = grid_of(page).get_by_role("columnheader", name=re.compile("^run 3"))
    expect(header).to_be_attached()
    active = grid_of(page).get_attribute("aria-activedescendant")
    assert header.get_attribute("id") == active


def test_a_cell_opens_beside_the_matrix_which_is_not_fetched_again(
    page: Page, pages: list[str]
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/workflows/pages")
    grid_of(page).focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"run=2&step=build"))
    expect(page.get_by_text("no such page").first).to_be_visible()
    assert sum("/matrix?" in url for url in asked) == 1
    page.reload()
    expect(page.get_by_text("no such page").first).to_be_visible()
    grid_of(page).focus()
    expect(cell(page, "^step build, run 2")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Escape")
    expect(page).to_have_url(re.compile(r"/workflows/pages$"))


def test_a_click_opens_what_is_under_the_pointer(page: Page, pages: list[str]) -> None:
    page.goto("/workflows/pages?runs=25")
    expect(grid_of(page)).to_be_visible()
    grid_of(page).click(position={"x": 45, "y": 33})  # second run, second step
    expect(page).to_have_url(re.compile(r"run=2&step=build"))
    page.locator(".matrix-head").click(position={"x": 15, "y": 60})
    expect(page).to_have_url(re.compile(r"run=1$"))
    run = page.get_by_role("region", name="Run 1")
    expect(run.get_by_role("link", name="Open the run")).to_be_visible()


def test_a_state_in_the_legend_lets_others_fade(page: Page, pages: list[str]) -> None:
    page.goto("/workflows/pages")
    legend = page.get_by_role("group", name="States: choose which stand out")
    expect(legend.get_by_role("button", name="failed 1")).to_be_visible()
    before = ink(page)
    legend.get_by_role("button", name="failed 1").click()
    expect(page).to_have_url(re.compile("show=failed"))
    expect(legend.get_by_role("button", name="failed")).to_have_attribute(
        "aria-pressed", "true"
    )
    until(page, f"{INK} < {before / 2}")
    legend.get_by_role("button", name="failed").click()
    until(page, f"{INK} === {before}")


INK = """(() => {
  const { width, height } = document.querySelector(".matrix-cells");
  const on = document.querySelector(".matrix-cells").getContext("2d");
  const { data } = on.getImageData(0, 0, width, height);
  return data.reduce((sum, one, at) => at % 4 === 3 ? sum + one : sum, 0);
})()"""
"""How much is drawn: the sum of what covers the canvas."""


WAITING = """
async () => {
  const began = performance.now();
  while (!(%s)) {
    if (performance.now() - began > 15000) throw new Error("waited in vain");
    await new Promise(requestAnimationFrame);
  }
}
"""


def until(page: Page, condition: str) -> None:
    """Wait in the page, in one call: its policy lets no later one evaluate."""
    page.evaluate(WAITING % condition)


def ink(page: Page) -> int:
    until(page, f"{INK} > 0")
    found: int = page.evaluate(INK)
    return found


def test_steps_are_found_by_name_and_by_what_became_of_them(
    page: Page, pages: list[str]
) -> None:
    page.goto("/workflows/pages")
    page.get_by_label("Which steps").select_option(label="Steps that ever failed")
    expect(page.get_by_text("1 of 3 steps")).to_be_visible()
    page.get_by_label("Which steps").select_option(label="All steps")
    page.get_by_label("Steps whose name contains").fill("hip")
    expect(grid_of(page)).to_have_attribute("aria-rowcount", "2")
    expect(page).to_have_url(re.compile("q=hip"))


def test_the_same_stands_in_a_table(
    page: Page, pages: list[str], axe: Callable[[Page], None]
) -> None:
    page.goto("/workflows/pages?as=table")
    row = page.get_by_role("row", name=re.compile("^build"))
    expect(row.get_by_role("cell").nth(1)).to_have_text(" failed")
    expect(page.get_by_role("columnheader", name="#2 failed")).to_be_visible()
    axe(page)
    row.get_by_role("link", name="failed").click()
    expect(page.get_by_text("no such page").first).to_be_visible()


def test_the_matrix_and_what_is_around_it_is_accessible(
    page: Page, pages: list[str], axe: Callable[[Page], None]
) -> None:
    page.goto("/workflows/pages?run=2")
    expect(page.get_by_role("region", name="Run 2")).to_contain_text("build")
    axe(page)
    for view, region in (
        ("runs", "The last runs"),
        ("durations", "Durations of steps"),
        ("graph", "Graph of the steps"),
        ("versions", "What changed"),
    ):
        page.goto(f"/workflows/pages?view={view}")
        expect(page.get_by_role("heading", name="pages")).to_be_visible()
        expect(page.get_by_role("region", name=region)).to_be_visible()
        axe(page)


def test_what_happens_comes_into_its_column_alone(
    page: Page, world: World, pages: list[str]
) -> None:
    asked: list[str] = []
    page.goto("/workflows/pages")
    grid_of(page).focus()
    expect(cell(page, "^step fetch, run 3, running")).to_be_attached()
    expect(page.locator(".live-live")).to_be_visible()
    page.on("request", lambda request: asked.append(request.url))
    world.step(pages[2], "fetch", "complete")
    expect(cell(page, "^step fetch, run 3, completed")).to_be_attached()
    (matrix,) = {url for url in asked if "/matrix?" in url}
    assert "number=3" in matrix
    assert "detail=cells" in matrix

    world.start("pages")
    expect(grid_of(page)).to_have_attribute("aria-colcount", "5")
    expect(cell(page, "^step fetch, run 3, completed")).to_be_attached()


def test_a_step_of_a_new_version_gets_its_row(
    page: Page, world: World, pages: list[str]
) -> None:
    page.goto("/workflows/pages")
    expect(page.locator(".live-live")).to_be_visible()
    world.register("pages", {"name": "fetch"}, {"name": "tell", "needs": ["fetch"]})
    world.start("pages")
    expect(grid_of(page)).to_have_attribute("aria-rowcount", "5")
    page.goto("/workflows/pages?view=versions")
    changes = page.get_by_role("region", name="What changed")
    expect(changes.get_by_text("tell was added")).to_be_visible()
    expect(changes.get_by_text("ship was removed")).to_be_visible()


def test_durations_are_fetched_for_what_is_seen(page: Page, pages: list[str]) -> None:
    page.goto("/workflows/pages")
    expect(grid_of(page)).to_be_visible()
    with page.expect_response(lambda one: "detail=all" in one.url):
        page.get_by_label("Cells show").select_option("bars")
    expect(page).to_have_url(re.compile("cells=bars"))
    expect(page.get_by_text("a full bar is")).to_be_visible()


def test_500_steps_by_1000_runs_take_few_nodes_and_bytes(
    page: Page, world: World
) -> None:
    world.post("/workflows", wide.definition("wide", 500))
    wide.fill(world.service, world.namespace, "wide", 500, 1000)
    answers: list[Response] = []
    page.on("response", lambda one: answers.append(one) if is_matrix(one) else None)
    page.goto("/workflows/wide?runs=1000")
    expect(grid_of(page)).to_have_attribute("aria-colcount", "1001")
    expect(grid_of(page)).to_have_attribute("aria-rowcount", "501")
    (answer,) = answers
    sizes = answer.request.sizes()
    assert sizes["responseBodySize"] <= 150_000
    assert nodes(page) <= 2_000

    # Wherever it is scrolled: names are used again, cells are none.
    grid_of(page).evaluate("grid => { grid.scrollTop = 5000; grid.scrollLeft = 0; }")
    expect(page.locator(".matrix-name", has_text="step-230")).to_be_visible()
    assert nodes(page) <= 2_000
    grid_of(page).focus()
    page.keyboard.press("Control+Home")
    expect(cell(page, "^step step-000, run 1,")).to_be_attached()


def is_matrix(answer: Response) -> bool:
    return "/matrix?" in answer.url


def nodes(page: Page) -> int:
    found: int = page.evaluate("document.querySelectorAll('*').length")
    return found
