"""What stands around every page, and who sees it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page


def test_the_frame_leads_to_every_area(page: Page) -> None:
    page.goto("/")
    for area in ("Runs", "Approvals", "Events", "System", "Workflows"):
        page.get_by_role("navigation", name="Areas").get_by_role(
            "link", name=area
        ).click()
        expect(page).to_have_url(re.compile(f"/{area.lower()}$"))
        expect(page).to_have_title(f"{area} · Runledger")


def test_an_address_that_is_none_says_so(
    page: Page, axe: Callable[[Page], None]
) -> None:
    page.goto("/no/such/page")
    expect(page.get_by_text("There is nothing at this address")).to_be_visible()
    axe(page)


def test_a_page_that_is_asked_for_while_the_service_is_away_comes_when_it_is_back(
    page: Page,
) -> None:
    page.goto("/workflows")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.context.set_offline(True)
    areas = page.get_by_role("navigation", name="Areas")
    areas.get_by_role("link", name="System").click()
    expect(page.get_by_text("Loading…")).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_role("heading", name="System")).to_be_visible()
