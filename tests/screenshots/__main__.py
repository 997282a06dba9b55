"""A picture of every page, light and dark: ``infra/bin/screenshots [FOLDER]``."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from playwright.sync_api import sync_playwright

from infra.local.chromium import CHROMIUM
from tests.browser.launching import ARGUMENTS
from tests.browser.people import People
from tests.screenshots.seeding import seed
from tests.support.service import Service
from tests.support.world import World

if TYPE_CHECKING:
    from playwright.sync_api import Page


class Shot(NamedTuple):
    name: str
    address: str
    ready: str
    """Text that stands on the page when there is nothing more to wait for."""
    width: int = 1440
    height: int = 900
    framed: bool = False
    """That text stands in a preview."""


def shots(world: World) -> list[Shot]:
    """Every page, and the address of something worth seeing on it."""
    newest = world.get("/runs?workflow=statements&limit=1")["items"][0]["number"]
    waiting = world.get("/approvals?state=open&limit=1")["items"][0]
    failed = world.get("/runs?workflow=statements&state=failed&limit=1")["items"][0]
    event = world.get("/events?topic=run.failed&limit=1")["items"][0]
    bulk = world.get("/bulk?limit=1")["items"][0]
    review = f"/approvals/statements/{waiting['number']}/review"
    broken = f"/runs/statements/{failed['number']}"
    return [
        Shot("workflows", "/workflows", "schema-change"),
        Shot("runs", "/runs", f"statements#{newest}"),
        Shot("matrix", "/workflows/statements", "fetch-bookings"),
        Shot(
            "matrix-with-a-step",
            f"/workflows/statements?run={failed['number']}&step=validate",
            "the amount is missing",
        ),
        Shot("durations", "/workflows/statements?view=durations", "p95"),
        Shot("graph", "/workflows/statements?view=graph", "render-letters"),
        Shot("versions", "/workflows/statements?view=versions", "score"),
        Shot("run-failed", broken, "the amount is missing"),
        Shot(
            "run-running", f"/runs/statements/{newest}?step=fetch-bookings", "5,220 of"
        ),
        Shot("run-events", f"{broken}?tab=events", "run.failed"),
        Shot("approvals", "/approvals", "statements#"),
        Shot("review", review, "Account 40-1182", framed=True),
        Shot("review-on-a-phone", review, "Account 40-1182", 380, 800, framed=True),
        Shot("events", "/events", "run."),
        Shot("event", f"/events/{event['position']}", "run.failed"),
        Shot("bulk", "/bulk", "The plan is given up"),
        Shot("bulk-operation", f"/bulk/{bulk['bulk_id']}", "14 done"),
        Shot("system", "/system", "reader-1"),
    ]


def take(folder: Path) -> None:
    """All of them, into ``folder``, from data seeded just now."""
    with tempfile.TemporaryDirectory() as scratch, Service(Path(scratch)) as service:
        _say("The service is up; putting runs on record")
        world = World(service, "default")
        seed(world)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=CHROMIUM, args=ARGUMENTS
            )
            people = People(world, browser)
            pages: dict[tuple[int, int], Page] = {}
            for shot in shots(world):
                size = shot.width, shot.height
                if size not in pages:
                    pages[size] = people.sign_in(
                        "admin",
                        name="operator-1",
                        groups=("finance",),
                        width=shot.width,
                        height=shot.height,
                    )
                _take(pages[size], shot, folder)
            people.leave()
            browser.close()


def _take(page: Page, shot: Shot, folder: Path) -> None:
    page.goto(shot.address)
    place = page.frame_locator("iframe") if shot.framed else page
    place.get_by_text(shot.ready).filter(visible=True).first.wait_for()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        path = folder / f"{shot.name}-{scheme}.png"
        page.screenshot(path=path)
        _say(str(path))


def _say(line: str) -> None:
    print(line, flush=True)


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    take(folder)


if __name__ == "__main__":
    main()
