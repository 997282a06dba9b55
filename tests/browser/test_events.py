"""The explorer of events: live, filtered by its address, and each event by itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.support.service import exchange

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator, Page

    from tests.support.world import World

MARKUP = '<img src=x onerror="document.title=1"><b>bold</b>'


@pytest.fixture
def run(world: World) -> str:
    """``release#1``, at its first step."""
    world.register("release", {"name": "build"}, {"name": "ship", "needs": ["build"]})
    run = world.start("release")
    world.step(run, "build", "start")
    return run


def rows(page: Page) -> Locator:
    return page.get_by_role("region", name="Events, newest first").get_by_role(
        "listitem"
    )


def sentence(page: Page, text: str) -> Locator:
    return rows(page).get_by_role("button", name=text)


def test_what_happens_comes_on_top_while_one_looks(
    world: World, page: Page, run: str, axe: Callable[[Page], None]
) -> None:
    page.goto("/events")
    expect(rows(page).first).to_contain_text("The run started")
    world.step(run, "build", "complete")
    expect(sentence(page, "Step build completed (attempt 1)")).to_be_visible()
    expect(rows(page).first).to_contain_text("Step ship was queued")
    expect(rows(page).first).to_contain_text("release#1")
    axe(page)


def test_a_paused_list_says_what_waits_and_loses_nothing(
    world: World, page: Page, run: str
) -> None:
    page.goto("/events")
    page.get_by_role("button", name="Pause").click()
    world.step(run, "build", "complete")
    expect(page.get_by_role("button", name="2 new events")).to_be_visible()
    expect(rows(page).first).to_contain_text("The run started")
    world.step(run, "ship", "start")
    page.get_by_role("button", name="3 new events").click()
    expect(rows(page).first).to_contain_text("started step ship")
    page.get_by_role("button", name="Resume").click()
    world.step(run, "ship", "complete")
    expect(rows(page).first).to_contain_text("The run completed")
    assert positions(page) == sorted(positions(page), reverse=True)
    assert len(positions(page)) == len(world.get("/events?limit=100")["items"])


def positions(page: Page) -> list[int]:
    links = rows(page).get_by_role("link", name=re.compile(r"^Event \d+, by itself$"))
    return [int(text) for text in links.all_text_contents()]


def test_older_ones_come_while_one_scrolls(world: World, page: Page) -> None:
    world.register("tick", {"name": "tock"})
    for _ in range(35):
        world.start("tick")
    page.goto("/events")
    expect(rows(page).first).to_contain_text("tick#35")
    region = page.get_by_role("region", name="Events, newest first")

    # The newest hundred are there first; what is below comes by itself.
    def to_the_end() -> None:
        region.evaluate("element => element.scrollTo(0, element.scrollHeight)")

    to_the_end()
    expect(region.locator("[aria-posinset='101']")).to_be_attached()
    to_the_end()
    expect(page.get_by_text("That is all: 106 of them.")).to_be_visible()
    expect(sentence(page, "registered version 1 of tick")).to_be_visible()
    world.start("tick")
    page.get_by_role("button", name="3 new events").click()
    expect(rows(page).first).to_contain_text("tick#36")


def test_filters_are_in_the_address_and_survive_a_reload(
    world: World, page: Page, run: str
) -> None:
    other = world.start("release")
    world.step(other, "build", "start")
    page.goto("/events")
    page.get_by_label("Run", exact=True).fill("release#2")
    page.get_by_label("Run", exact=True).press("Enter")
    page.get_by_label("Topic").select_option("run.step.")
    expect(page).to_have_url(re.compile(r"run=release%232&topic=run\.step\.$"))
    expect(rows(page)).to_have_count(2)
    page.reload()
    expect(page.get_by_label("Run", exact=True)).to_have_value("release#2")
    expect(rows(page)).to_have_count(2)
    # What arrives is filtered, too.
    world.step(run, "build", "complete")
    world.step(other, "build", "complete")
    expect(rows(page)).to_have_count(4)
    expect(rows(page).filter(has_text="release#1")).to_have_count(0)
    page.get_by_role("link", name="Clear all").click()
    expect(page).to_have_url(re.compile(r"/events$"))
    expect(rows(page).filter(has_text="release#1").first).to_be_visible()


def test_a_span_of_time_by_the_readers_clock(page: Page, run: str) -> None:
    page.goto("/events")
    expect(rows(page).first).to_be_visible()
    page.get_by_label("Until").fill("2020-01-01T12:00:30")
    page.get_by_label("Until").press("Enter")
    expect(page).to_have_url(re.compile(r"until=20(19|20)-\d\d-\d\dT"))
    expect(page.get_by_text("No event fits these filters")).to_be_visible()
    expect(page.get_by_text("This span is over")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Until")).to_have_value("2020-01-01T12:00:30")


def test_a_run_that_is_none_is_told(page: Page) -> None:
    page.goto("/events?run=nonsense")
    expect(page.get_by_role("alert")).to_contain_text("name one as pages#12")


def test_an_event_opens_by_keyboard_and_its_content_is_text(
    world: World, page: Page, run: str, axe: Callable[[Page], None]
) -> None:
    world.step(run, "build", "fail", error={"type": "Oops", "message": MARKUP})
    page.goto("/events?topic=run.step.attempt_failed")
    expect(rows(page)).to_have_count(1)
    page.keyboard.press("j")
    expect(sentence(page, "Step build failed")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"open=\d+$"))
    beside = page.get_by_role("complementary")
    expect(beside.get_by_text(MARKUP).first).to_be_visible()
    expect(beside).to_contain_text("run.step.attempt_failed")
    expect(page.locator("main img, main b")).to_have_count(0)
    expect(page).to_have_title("Events · Runledger")
    axe(page)
    page.reload()
    expect(beside.get_by_text(MARKUP).first).to_be_visible()
    page.keyboard.press("Escape")
    expect(beside).to_have_count(0)


def test_an_event_has_a_page_with_what_belongs_to_it(
    world: World, page: Page, run: str, axe: Callable[[Page], None]
) -> None:
    request = str(uuid4())
    cause = world.get(f"/runs/{run}/events?limit=1")["items"][0]
    completed = sent(
        world,
        f"/runs/{run}/steps/build/complete",
        {
            "runledger-correlation-id": request,
            "runledger-causation-id": cause["event_id"],
        },
    )
    page.goto(f"/events/{completed['position']}")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Step ship was queued")
    same = page.get_by_role("list", name="Of the same request").get_by_role("listitem")
    expect(same).to_have_count(2)
    around = page.get_by_role("list", name="Around it").get_by_role("listitem")
    expect(around).to_have_count(6)
    axe(page)

    page.get_by_role("link", name="← Before it").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Step build completed")
    page.goto(f"/events/{cause['position']}")
    caused = page.get_by_role("list", name="What it caused").get_by_role("listitem")
    expect(caused).to_have_count(2)
    caused.first.get_by_role("button").click()
    expect(caused.first).to_contain_text(request)


def sent(world: World, path: str, headers: dict[str, str]) -> Any:
    url = f"{world.service.command_url}/v1/{world.namespace}{path}"
    status, answer = exchange(url, "POST", world.admin, {}, headers=headers)
    assert status == 200, answer
    return answer


def test_a_position_of_somebody_else_is_none_here(page: Page) -> None:
    page.goto("/events/1")
    expect(page.get_by_text("There is no such event here")).to_be_visible()


def test_a_refused_command_is_found(
    world: World, page: Page, run: str, axe: Callable[[Page], None]
) -> None:
    status, _ = world.try_post(f"/runs/{run}/steps/ship/complete")
    assert status == 409
    page.goto("/events?show=refusals&code=wrong-state")
    refused = page.get_by_role("region", name="Refused commands, newest first")
    expect(refused.get_by_role("listitem")).to_have_count(1)
    expect(refused).to_contain_text("complete_step")
    refused.get_by_role("listitem").get_by_role("button").first.click()
    expect(refused).to_contain_text("Version seen")
    axe(page)
    # One more is found without asking again.
    world.try_post(f"/runs/{run}/steps/ship/complete")
    expect(refused.get_by_role("listitem")).to_have_count(2)


def test_who_does_not_audit_sees_what_was_refused_of_one_run(
    world: World, run: str, sign_in: Callable[..., Page]
) -> None:
    world.try_post(f"/runs/{run}/steps/ship/complete")
    page = sign_in("viewer", name="eve")
    page.goto("/events?show=refusals")
    expect(rows(page).first).to_be_visible()
    expect(page.get_by_role("link", name="Refused commands")).to_have_count(0)
    page.goto("/events?run=release%231")
    page.get_by_role("link", name="Refused commands").click()
    refused = page.get_by_role("region", name="Refused commands, newest first")
    expect(refused.get_by_role("listitem")).to_have_count(1)
    expect(page.get_by_label("Code")).to_have_count(0)
