"""A day with the sample: a real worker carries it out, a person does all the rest."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import uuid
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from infra.local.child import Child
from tests.support.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Locator, Page

    from tests.support.service import Service

PATIENCE_MS = 60_000
"""The worker has two cores to share with all other tests."""

SAMPLE = [sys.executable, "-P", "-m", "workers", "sample"]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the sample has its Markdown files and the site it makes of them."""
    return tmp_path_factory.mktemp("sample")


@pytest.fixture(scope="module")
def world(service: Service, home: Path) -> Iterator[World]:
    """A namespace in which the sample's worker is at work."""
    world = World(service, f"t-{uuid.uuid4().hex[:10]}")
    for name, secret in (
        ("client", world.admin),
        ("sample-worker", world.token("worker", name="sample-worker")),
    ):
        given = {
            "command_url": service.command_url,
            "query_url": service.query_url,
            "token": secret,
            "namespace": world.namespace,
        }
        home.joinpath(f"{name}.json").write_text(json.dumps(given))
    environ = {**service.environ("runledger_command"), "RUNLEDGER_HOME": str(home)}
    subprocess.run([*SAMPLE, "begin"], env=environ, check=True, capture_output=True)
    worker = Child(
        "sample", [*SAMPLE, "work"], environ=environ, log=home / "worker.log"
    )
    try:
        yield world
    finally:
        worker.stop(20)


def in_matrix(page: Page, step: str, run: int) -> Locator:
    """What the matrix, as a table, says of a step in a run."""
    row = page.get_by_role("row", name=re.compile(f"^{step} "))
    return row.get_by_role("cell").nth(run - 1)


def start(page: Page) -> int:
    """A run, by its dialog; its number."""
    page.goto("/workflows/pages?as=table")
    page.get_by_role("button", name="Start a run").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Start the run").click()
    expect(page).to_have_url(re.compile(r"/runs/pages/\d+"))
    return int(page.url.rpartition("/")[2])


def review(page: Page, run: int) -> None:
    """Open what is asked of the reader, from the inbox."""
    page.goto("/approvals")
    page.get_by_role("link", name=f"pages#{run}").first.click(timeout=PATIENCE_MS)
    expect(page.get_by_role("heading", name=re.compile("review"))).to_be_visible()


def test_a_run_is_started_seen_to_fill_the_matrix_sent_back_and_approved(
    page: Page, home: Path
) -> None:
    run = start(page)
    page.goto("/workflows/pages?as=table")
    for step in ("fetch", "check", "render"):
        expect(in_matrix(page, step, run)).to_contain_text(
            "completed", timeout=PATIENCE_MS
        )
    expect(in_matrix(page, "check", run)).to_contain_text("more than one attempt")
    expect(in_matrix(page, "review", run)).to_contain_text("waiting for approval")

    review(page, run)
    frame = page.frame_locator("iframe").first
    expect(frame.get_by_role("heading", level=1)).to_be_visible()
    page.get_by_label("Comment").fill("Larger letters")
    page.get_by_role("button", name="Reject").click()

    page.goto(f"/runs/pages/{run}?step=render")
    expect(page.get_by_text("iteration 2").first).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_text("waiting for approval").first).to_be_visible(
        timeout=PATIENCE_MS
    )
    review(page, run)
    expect(page.get_by_text("Larger letters").first).to_be_visible()
    page.get_by_role("button", name="Approve").click()

    page.goto("/workflows/pages?as=table")
    expect(in_matrix(page, "publish", run)).to_contain_text(
        "completed", timeout=PATIENCE_MS
    )
    assert home.joinpath("sample/site/pond.html").exists()


def test_a_step_is_done_again_with_feedback(page: Page) -> None:
    run = start(page)
    review(page, run)
    page.get_by_role("button", name="Redo", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Feedback").fill("A calmer title")
    dialog.get_by_role("button", name="Redo render").click()
    expect(dialog).to_be_hidden(timeout=PATIENCE_MS)
    page.goto(f"/runs/pages/{run}?tab=events")
    expect(page.get_by_text("A calmer title").first).to_be_visible()


def test_a_failed_run_is_retried_after_its_verdict(
    page: Page, world: World, home: Path
) -> None:
    pond = home / "sample" / "pages" / "pond.md"
    whole = pond.read_text("utf-8")
    pond.write_text("# The pond\n\n[A frog](frog.md)\n", "utf-8")
    run = start(page)
    expect(page.get_by_text("pond.md links to frog.md").first).to_be_visible(
        timeout=PATIENCE_MS
    )
    pond.write_text(whole, "utf-8")
    page.get_by_role("button", name="Retry").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("From").select_option("start")
    row = dialog.get_by_role("row", name=re.compile("^check "))
    expect(row).to_contain_text("safe")
    dialog.get_by_label("Reason").fill("The link is mended")
    dialog.get_by_role("button", name="Retry as a new run").click()
    expect(page).to_have_url(re.compile(rf"/runs/pages/{run + 1}"))
    expect(page.get_by_role("link", name=f"failed #{run}").first).to_be_visible()
    expect(page.get_by_text("waiting for approval").first).to_be_visible(
        timeout=PATIENCE_MS
    )


def test_a_run_is_canceled_with_a_reason(page: Page) -> None:
    run = start(page)
    page.get_by_role("button", name="Cancel").click()
    dialog = page.get_by_role("dialog", name=f"Cancel the run pages#{run}?")
    expect(dialog).to_contain_text("What completed stays completed")
    dialog.get_by_label("Reason").fill("The wrong folder")
    dialog.get_by_role("button", name="Cancel the run").click()
    expect(dialog).to_be_hidden(timeout=PATIENCE_MS)
    expect(page.get_by_text("canceled").first).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_text("The wrong folder").first).to_be_visible()
