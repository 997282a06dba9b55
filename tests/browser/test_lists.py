"""The lists of workflows and runs, starting runs, and bulk operations."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator, Page

    from tests.support.world import World

    Axe = Callable[[Page], None]
    SignIn = Callable[..., Page]

TASKS = ({"name": "load"}, {"name": "check", "needs": ["load"]})
DAY = {
    "type": "object",
    "required": ["day"],
    "properties": {
        "day": {"type": "string", "title": "Day", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
    },
}
FAILED = (
    {"type": "start_step", "step": "load"},
    {
        "type": "fail_step",
        "step": "load",
        "retryable": False,
        "error": {"type": "TimeoutError", "message": "no answer"},
    },
)


DOWN_TO_THE_END = """() => {
  const list = document.querySelector('[role=region][aria-label=Runs]');
  list.scrollTo({ top: list.scrollHeight });
  return list.querySelector("table").ariaRowCount !== "-1"
      && list.scrollTop + list.clientHeight > list.scrollHeight - 2;
}"""


def start_many(
    world: World, count: int, *reports: dict[str, Any], workflow: str = "etl"
) -> list[str]:
    """Ids of new runs, each with these reports."""
    create = {"type": "create_run", "workflow": workflow, "start": True}
    ids: list[str] = []
    for first in range(0, count, 500):
        items = [{"commands": [create, *reports]}] * min(500, count - first)
        answer = world.post("/batch", {"items": items})
        assert all(item["status"] == 201 for item in answer["items"]), answer
        ids += [item["answer"]["run_id"] for item in answer["items"]]
    world.level()
    return ids


def rows(page: Page) -> Locator:
    """Those of the list that are in the page, without spacers."""
    return page.locator("tbody tr[aria-rowindex]")


def row(page: Page, name: str) -> Locator:
    return rows(page).filter(has=page.get_by_role("link", name=name, exact=True))


def scroll(page: Page, top: int) -> None:
    page.get_by_role("region", name="Runs", exact=True).evaluate(
        "(list, top) => list.scrollTo({ top })", top
    )


class TestWorkflows:
    def test_an_empty_namespace_says_what_to_do(self, page: Page, axe: Axe) -> None:
        page.goto("/workflows")
        expect(page.get_by_role("heading", name="No workflow yet")).to_be_visible()
        expect(page.get_by_role("table")).to_have_count(0)
        axe(page)

    def test_its_commands_work_as_they_stand(
        self, page: Page, world: World, tmp_path: Path
    ) -> None:
        page.goto("/workflows")
        way = page.get_by_role("region", name="Or report the steps")
        commands = way.locator("pre").inner_text()
        done = subprocess.run(
            ["bash", "-e", "-c", commands],
            env={
                **os.environ,
                "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
                "RUNLEDGER_QUERY_URL": world.service.query_url,
                "RUNLEDGER_COMMAND_URL": world.service.command_url,
                "RUNLEDGER_TOKEN": world.admin,
                "RUNLEDGER_NAMESPACE": world.namespace,
            },
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        expect(row(page, "report")).to_contain_text("running")

    def test_each_shows_its_last_runs_and_how_many_there_are(
        self, page: Page, world: World, axe: Axe
    ) -> None:
        world.register("etl", *TASKS)
        start_many(world, 3, *FAILED)
        start_many(world, 1)
        page.goto("/workflows")
        strip = page.get_by_role("group", name="Last runs of etl").get_by_role("link")
        expect(strip).to_have_count(4)
        expect(strip.last).to_have_attribute("title", re.compile("^#4 queued"))
        expect(strip.first).to_have_attribute("title", re.compile("^#1 failed after"))
        axe(page)
        row(page, "etl").get_by_role("link", name="3 failed", exact=True).click()
        expect(page).to_have_url(re.compile(r"/runs\?workflow=etl&state=failed$"))

    def test_the_list_is_live_and_its_filter_is_in_the_address(
        self, page: Page, world: World
    ) -> None:
        world.register("etl", *TASKS)
        world.register("pages", *TASKS)
        world.level()
        page.goto("/workflows")
        expect(rows(page)).to_have_count(2)
        page.get_by_label("Filter by name").fill("et")
        expect(rows(page)).to_have_count(1)
        expect(page).to_have_url(re.compile(r"\?q=et$"))
        page.reload()
        expect(rows(page)).to_have_count(1)
        world.register("fetch", *TASKS)
        expect(row(page, "fetch")).to_be_visible()
        world.start("etl")
        expect(row(page, "etl")).to_contain_text("queued")


class TestStarting:
    def test_a_run_is_started_by_the_schema_of_its_inputs(
        self, page: Page, world: World, axe: Axe
    ) -> None:
        world.register("etl", *TASKS, input_schema=DAY)
        page.goto("/workflows")
        page.get_by_role("button", name="Start a run of etl").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("Day").fill("tomorrow")
        axe(page)
        dialog.get_by_role("button", name="Start the run").click()
        expect(dialog.get_by_role("alert").first).to_contain_text("#/inputs/day")
        dialog.get_by_label("Day").fill("2026-11-01")
        dialog.get_by_role("button", name="Start the run").click()
        expect(page).to_have_url(re.compile(r"/runs/etl/\d+$"))  # one was refused
        run = world.get(f"/workflows/etl/runs/{page.url.rpartition('/')[2]}")
        assert run["inputs"]["value"] == {"day": "2026-11-01"}
        assert run["state"] == "queued"

    def test_a_run_of_an_older_version_may_be_created_only(
        self, page: Page, world: World
    ) -> None:
        world.register("etl", *TASKS)
        world.register("etl", *TASKS, {"name": "tell", "needs": ["check"]})
        page.goto("/runs?workflow=etl")
        page.get_by_role("button", name="Start a run").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("Version").select_option("1")
        dialog.get_by_label("Inputs (JSON)").fill("{")
        create = dialog.get_by_role(
            "button", name=re.compile("^(Start|Create) the run")
        )
        expect(create).to_be_disabled()
        dialog.get_by_label("Inputs (JSON)").fill('{"any": 1}')
        dialog.get_by_label("Start it at once").uncheck()
        create.click()
        expect(page).to_have_url(re.compile("/runs/etl/1$"))
        run = world.get("/workflows/etl/runs/1")
        assert (run["state"], run["workflow_version"]) == ("created", 1)


class TestRuns:
    def test_filters_are_in_the_address_and_survive_a_reload(
        self, page: Page, world: World, axe: Axe
    ) -> None:
        world.register("etl", *TASKS)
        start_many(world, 2, *FAILED)
        start_many(world, 3)
        page.goto("/runs")
        expect(rows(page)).to_have_count(5)
        page.get_by_role("button", name="failed", exact=True).click()
        page.get_by_label("Created", exact=True).select_option("24h")
        expect(rows(page)).to_have_count(2)
        address = page.url
        assert "state=failed" in address
        assert "created_after=24h" in address
        page.reload()
        expect(rows(page)).to_have_count(2)
        failed = page.get_by_role("button", name="failed", exact=True)
        expect(failed).to_have_attribute("aria-pressed", "true")
        expect(rows(page).first).to_contain_text("load: TimeoutError: no answer")
        axe(page)
        page.get_by_role("button", name="Clear").click()
        expect(rows(page)).to_have_count(5)
        page.get_by_label("Workflow", exact=True).fill("nothing-like-it")
        page.get_by_label("Workflow", exact=True).press("Enter")
        expect(page.get_by_role("heading", name="No run fits")).to_be_visible()
        axe(page)

    def test_a_view_is_saved_chosen_and_deleted(self, page: Page, world: World) -> None:
        world.register("etl", *TASKS)
        start_many(world, 1)
        page.goto("/runs?workflow=etl&state=queued")
        page.get_by_role("button", name="Save this view").click()
        page.get_by_label("Name of the view").fill("My queue")
        page.get_by_role("button", name="Save", exact=True).click()
        views = page.get_by_role("navigation", name="Views")
        views.get_by_role("link", name="Failed today").click()
        expect(page.get_by_role("heading", name="No run fits")).to_be_visible()
        page.reload()
        views.get_by_role("link", name="My queue").click()
        expect(rows(page)).to_have_count(1)
        views.get_by_role("button", name="Delete the view My queue").click()
        expect(views.get_by_role("link", name="My queue")).to_have_count(0)

    def test_a_thousand_runs_are_scrolled_by_pages(
        self, page: Page, world: World
    ) -> None:
        world.register("etl", *TASKS)
        start_many(world, 1000)
        page.goto("/runs")
        expect(row(page, "etl#1000")).to_be_visible()
        table = page.get_by_role("table")
        expect(table).to_have_attribute("aria-rowcount", "-1")
        page.wait_for_function(DOWN_TO_THE_END)
        expect(table).to_have_attribute("aria-rowcount", "1001")
        expect(row(page, "etl#1")).to_be_visible()
        assert rows(page).count() < 100

    def test_coming_back_it_is_where_it_was(self, page: Page, world: World) -> None:
        world.register("etl", *TASKS)
        start_many(world, 300)
        page.goto("/runs")
        expect(row(page, "etl#300")).to_be_visible()
        with page.expect_response(re.compile("/runs.*cursor=")):
            scroll(page, 2500)
        row(page, "etl#220").get_by_role("link", name="etl#220").click()
        expect(page).to_have_url(re.compile("/runs/etl/220$"))
        page.go_back()
        expect(row(page, "etl#220")).to_be_in_viewport()

    def test_new_runs_wait_for_a_click_and_changed_ones_do_not(
        self, page: Page, world: World
    ) -> None:
        world.register("etl", *TASKS)
        (run,) = start_many(world, 1)
        page.goto("/runs")
        expect(row(page, "etl#1")).to_contain_text("queued")
        world.step(run, "load", "start")
        expect(row(page, "etl#1")).to_contain_text("running")
        start_many(world, 2)
        news = page.get_by_role("button", name="2 new runs")
        expect(news).to_be_visible()
        expect(rows(page)).to_have_count(1)
        news.click()
        expect(rows(page)).to_have_count(3)
        expect(news).to_have_count(0)

    def test_a_run_that_fits_no_longer_stays_and_shows_what_became_of_it(
        self, page: Page, world: World
    ) -> None:
        world.register("etl", *TASKS)
        gone, _ = start_many(world, 2)
        page.goto("/runs?state=queued")
        expect(rows(page)).to_have_count(2)
        world.post(f"/runs/{gone}/cancel", {"reason": "superseded"})
        expect(row(page, "etl#1")).to_contain_text("canceled by local: superseded")
        page.get_by_role("button", name="1 no longer fits").click()
        expect(rows(page)).to_have_count(1)

    def test_a_viewer_sees_no_button_that_would_fail(
        self, sign_in: SignIn, world: World
    ) -> None:
        world.register("etl", *TASKS)
        start_many(world, 1)
        page = sign_in("viewer", name="eve")
        page.goto("/workflows")
        expect(row(page, "etl")).to_be_visible()
        expect(page.get_by_role("button", name=re.compile("Start"))).to_have_count(0)
        page.goto("/runs?workflow=etl")
        expect(rows(page)).to_have_count(1)
        expect(page.get_by_role("button", name="Start a run")).to_have_count(0)
        expect(rows(page).get_by_role("checkbox")).to_have_count(0)

    @pytest.mark.parametrize(
        ("role", "verbs"),
        [
            ("operator", ["Cancel…", "Retry…"]),
            ("approver", ["Approve…", "Reject…", "Redo…"]),
        ],
    )
    def test_the_bar_offers_what_ones_roles_come_to(
        self, sign_in: SignIn, world: World, role: str, verbs: list[str]
    ) -> None:
        world.register("etl", *TASKS)
        start_many(world, 1)
        page = sign_in(role, name="oscar")
        page.goto("/runs")
        page.get_by_label("Choose etl#1").check()
        bar = page.get_by_role("region", name="Runs that are chosen")
        expect(bar.get_by_role("button", name="…")).to_have_text(verbs)


class TestBulk:
    def test_runs_are_chosen_previewed_canceled_and_followed(
        self, page: Page, world: World, axe: Axe
    ) -> None:
        world.register("etl", *TASKS)
        start_many(world, 5)
        start_many(world, 1, *FAILED)
        page.goto("/runs")
        page.get_by_label("Choose etl#2").click()
        page.get_by_label("Choose etl#6").click(modifiers=["Shift"])
        bar = page.get_by_role("region", name="Runs that are chosen")
        expect(bar).to_contain_text("5 runs chosen")
        axe(page)
        bar.get_by_role("button", name="Cancel…").click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("4 will be done")
        expect(dialog).to_contain_text("1 will be refused")
        expect(dialog).to_contain_text("run-over")
        axe(page)
        dialog.get_by_label("Reason").fill("bad deploy")
        dialog.get_by_role("button", name="Cancel 5 runs").click()
        expect(page.get_by_role("heading", name="Cancel 5 runs")).to_be_visible()
        expect(page.get_by_text("completed", exact=True)).to_be_visible()
        expect(page.get_by_text("5 of 5")).to_be_visible()
        expect(page.get_by_text("bad deploy")).to_be_visible()
        expect(rows(page)).to_have_count(5)
        axe(page)
        page.get_by_role("link", name="1 refused").click()
        expect(rows(page)).to_have_count(1)
        expect(rows(page)).to_contain_text("etl#6")
        expect(page).to_have_url(re.compile("result=refused"))
        page.get_by_role("link", name="All operations").click()
        expect(row(page, "Cancel 5 runs")).to_contain_text("1 refused")
        axe(page)

    def test_all_that_fit_the_filter_are_retried(
        self, page: Page, world: World
    ) -> None:
        world.register("etl", *TASKS)
        start_many(world, 120, *FAILED)
        start_many(world, 1)
        page.goto("/runs?state=failed")
        page.get_by_label("Choose etl#120").check()
        page.get_by_role("button", name="Choose all that fit the filter").click()
        page.get_by_role("button", name="Retry…").click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("120 will be done")
        expect(dialog).to_contain_text("and 70 more")
        dialog.get_by_role("button", name="Retry 120 runs").click()
        expect(page.get_by_text("120 of 120")).to_be_visible()
        expect(rows(page).first).to_contain_text("a new run")

    def test_a_list_that_has_changed_is_shown_again(
        self, page: Page, world: World
    ) -> None:
        world.register("etl", *TASKS)
        start_many(world, 2)
        page.goto("/runs?state=queued")
        page.get_by_label("Choose etl#1").check()
        page.get_by_role("button", name="Choose all that fit the filter").click()
        page.get_by_role("button", name="Cancel…").click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("2 will be done")
        start_many(world, 1)
        dialog.get_by_role("button", name="Cancel 2 runs").click()
        expect(dialog.get_by_role("alert")).to_contain_text("changed")
        expect(dialog).to_contain_text("3 will be done")
        dialog.get_by_role("button", name="Cancel 3 runs").click()
        expect(page.get_by_text("3 of 3")).to_be_visible()

    def test_no_operation_is_about_every_run_there_is(
        self, page: Page, world: World
    ) -> None:
        world.register("etl", *TASKS)
        start_many(world, 1)
        page.goto("/runs")
        page.get_by_label("Choose etl#1").check()
        every = page.get_by_role("button", name="Choose all that fit the filter")
        expect(every).to_have_attribute("aria-disabled", "true")
        every.dispatch_event("click")  # a real click would wait until it is enabled
        expect(page.get_by_text("no bulk operation is about every run")).to_be_visible()

    def test_where_there_is_none_it_says_how_to_begin(
        self, page: Page, axe: Axe
    ) -> None:
        page.goto("/bulk")
        expect(
            page.get_by_role("heading", name="No bulk operations yet")
        ).to_be_visible()
        axe(page)
