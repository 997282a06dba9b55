"""The dashboard in a real Chromium, against the whole service.

``stack``      the service (``tests.support.service.Service``), shared: kill nothing
``world``      a namespace for this test alone: ``post``, ``get``, ``token``, ``level``
``page``       a page of the dashboard, signed in as ``ada``, an administrator of it
``sign_in``    ``sign_in("viewer", name="eve")``: a page of somebody else
``axe``        ``axe(page)`` fails on what axe finds, in light and in dark

A page's address is relative: ``page.goto("/runs")``. Whatever a page throws fails its
test. Playwright waits by itself: ``expect(page.get_by_role(...)).to_be_visible()``.
"""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from infra.local.chromium import CHROMIUM
from tests.browser.accessibility import violations
from tests.browser.launching import ARGUMENTS
from tests.browser.people import People
from tests.support.service import Service
from tests.support.world import World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# As long as an action: the machine may be busy with much else.
expect.set_options(timeout=15_000)

DASHBOARD = Path(__file__).parents[2] / "query_api" / "dashboard"


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """With the dashboard as it is built now."""
    if not DASHBOARD.joinpath("dist", "index.html").exists():
        pytest.fail("the dashboard is not built: run infra/bin/dashboard")
    with Service(tmp_path_factory.mktemp("browser")) as running:
        yield running


@pytest.fixture
def stack(service: Service) -> Service:
    return service


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # Of a module, not of the session: while Playwright runs, its loop is the thread's,
    # and no asynchronous test could have one.
    if not CHROMIUM.exists():
        pytest.skip(f"no {CHROMIUM} on this machine")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield running
        running.close()


@pytest.fixture
def world(stack: Service) -> World:
    return World(stack, f"t-{uuid.uuid4().hex[:10]}")


@pytest.fixture
def people(world: World, browser: Browser) -> Iterator[People]:
    found = People(world, browser)
    yield found
    found.leave()


@pytest.fixture
def sign_in(people: People) -> Callable[..., Page]:
    return people.sign_in


@pytest.fixture
def page(people: People) -> Page:
    return people.sign_in("admin", name="ada")


@pytest.fixture
def axe() -> Callable[[Page], None]:
    def check(page: Page) -> None:
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            found = violations(page)
            assert not found, f"{page.url} ({scheme}):\n" + "\n".join(found)

    return check
