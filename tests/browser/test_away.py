"""The query API goes away and comes back: a page that stands open misses nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.people import People
from tests.support.service import Service
from tests.support.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def mortal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service of this module's own, whose processes may be killed."""
    with Service(tmp_path_factory.mktemp("mortal")) as running:
        yield running


def test_a_page_recovers_by_itself_and_shows_what_came_meanwhile(
    mortal: Service, browser: Browser
) -> None:
    world = World(mortal, "away")
    world.register(
        "nightly", {"name": "extract"}, {"name": "load", "needs": ["extract"]}
    )
    run = world.start("nightly")
    world.step(run, "extract", "start")
    told = {"run_id": run, "step": "extract", "attempt": 1}
    world.post(
        "/logs", {"batches": [{**told, "first": 1, "lines": [{"text": "before"}]}]}
    )
    world.level()
    people = People(world, browser)
    page = people.sign_in("admin")
    page.goto("/runs/nightly/1?step=extract")
    steps = page.get_by_role("list", name="Steps")
    log = page.get_by_role("region", name="Log of extract, attempt 1")
    expect(log.get_by_text("before")).to_be_visible()
    expect(page.get_by_text("live", exact=True)).to_be_visible()

    mortal.kill("query")
    expect(page.get_by_text("offline", exact=True)).to_be_visible()
    expect(
        steps.get_by_role("link", name=re.compile("extract running"))
    ).to_be_visible()
    world.post(
        "/logs", {"batches": [{**told, "first": 2, "lines": [{"text": "meanwhile"}]}]}
    )
    world.step(run, "extract", "complete")
    world.step(run, "load", "start")

    mortal.start("query")
    mortal.wait_ready("query")
    expect(page.get_by_text("live", exact=True)).to_be_visible()
    expect(
        steps.get_by_role("link", name=re.compile("extract completed"))
    ).to_be_visible()
    expect(steps.get_by_role("link", name=re.compile("load running"))).to_be_visible()
    expect(log.get_by_text("meanwhile")).to_be_visible()
    expect(page.get_by_text("Nobody answers")).to_have_count(0)
    people.leave()
