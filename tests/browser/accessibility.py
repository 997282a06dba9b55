"""What axe finds on a page."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

AXE = Path(__file__).parents[2] / "query_api/dashboard/node_modules/axe-core/axe.min.js"

RUN = """
async () => {
  const found = await axe.run(document, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    resultTypes: ["violations"],
  });
  return found.violations.map(({ id, help, nodes }) =>
    `${id}: ${help}: ${nodes.slice(0, 3).map((node) =>
      `${node.target.join(" ")} (${node.any.map((one) => one.message).join("; ")})`
    ).join(", ")}`);
}
"""


@cache
def _source() -> str:
    return AXE.read_text(encoding="utf-8")


def violations(page: Page) -> list[str]:
    """One line for each rule that is broken: which, where, and what it says."""
    # By the debugging protocol: the page's own policy would refuse a script of ours.
    page.evaluate(_source())
    found: list[str] = page.evaluate(RUN)
    return found
