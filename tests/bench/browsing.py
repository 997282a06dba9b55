"""What a page costs, asked of a real Chromium."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from playwright.sync_api import sync_playwright

from infra.local.chromium import CHROMIUM
from tests.browser.launching import ARGUMENTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

    from tests.bench.stack import Stack

SCROLLING = """
async ({ frames, pixels }) => {
  const grid = document.querySelector('[role="grid"]');
  const spent = [];
  let before = await new Promise(requestAnimationFrame);
  let [across, down] = [-pixels, pixels];
  for (let frame = 0; frame < frames; frame++) {
    grid.scrollLeft += across;
    grid.scrollTop += down;
    if (grid.scrollLeft === 0) across = pixels;
    const now = await new Promise(requestAnimationFrame);
    spent.push(now - before);
    before = now;
  }
  return spent.sort((a, b) => a - b);
}
"""

FIRST_PAINT = """
() => {
  const [painted] = performance.getEntriesByName("matrix-painted");
  const asked = performance.getEntriesByType("resource");
  const answer = asked.find((one) => one.name.includes("/matrix?"));
  return painted && answer ? painted.startTime - answer.responseEnd : null;
}
"""

# From the click until the step's own answer is on the page.
OPENING = """
async ({ x, y }) => {
  const panel = '[aria-label^="Step "].step-panel .state';
  const before = document.querySelector(panel);
  const began = performance.now();
  const grid = document.querySelector('[role="grid"]');
  const bounds = grid.getBoundingClientRect();
  const at = { clientX: bounds.left + x, clientY: bounds.top + y, bubbles: true };
  grid.dispatchEvent(new MouseEvent("click", at));
  for (;;) {
    const now = document.querySelector(panel);
    if (now !== null && now !== before) return performance.now() - began;
    if (performance.now() - began > 10000) throw new Error("no step was opened");
    await new Promise(requestAnimationFrame);
  }
}
"""

WAITING = """
async () => {
  const began = performance.now();
  while (!(%s)) {
    if (performance.now() - began > 15000) throw new Error("waited in vain");
    await new Promise(requestAnimationFrame);
  }
}
"""

# Runs before the page's own script: when its heading stands, a person can act.
READY = """
new MutationObserver((_, observer) => {
  if (document.querySelector("main h1, main table, main .empty") === null) return;
  observer.disconnect();
  window.interactiveAt = performance.now();
}).observe(document, { childList: true, subtree: true });
"""

SCRIPTS = """
(until) => performance.getEntriesByType("resource")
  .filter((one) => one.name.endsWith(".js") && one.startTime <= until)
  .reduce((sum, one) => sum + one.encodedBodySize, 0)
"""


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=list(ARGUMENTS)
        )
        try:
            yield browser
        finally:
            browser.close()


def visitor(browser: Browser, stack: Stack) -> Page:
    """An empty page with a cache of its own, signed in as an administrator."""
    context = browser.new_context(
        base_url=stack.query_url, viewport={"width": 1600, "height": 896}
    )
    answer = context.request.post(
        f"{stack.command_url}/session", data={"token": stack.token}
    )
    assert answer.status == 201, answer.text()
    return context.new_page()


def wait(page: Page, condition: str) -> None:
    """Until this is true. In one call: the page's policy lets no later one evaluate."""
    page.evaluate(WAITING % condition)


def main_thread(page: Page) -> Callable[[], tuple[float, float]]:
    """Ask it for seconds of a core that the page's main thread has taken since now,
    and for the seconds that have passed.
    """
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def read() -> tuple[float, float]:
        found: dict[str, Any] = session.send("Performance.getMetrics")
        values = {one["name"]: one["value"] for one in found["metrics"]}
        return values["TaskDuration"], time.monotonic()

    before, began = read()

    def since() -> tuple[float, float]:
        after, now = read()
        return after - before, now - began

    return since


def median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]
