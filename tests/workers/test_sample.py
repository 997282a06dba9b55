"""The sample: its steps, rehearsed against the rules, without a server."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from runledger.testing import rehearse

from infra.settings import Settings
from workers.sample import flow
from workers.sample.folder import SEEDS, enter

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(SEEDS, tmp_path / "pages")
    monkeypatch.setattr(flow, "FOLDER", tmp_path)
    monkeypatch.setattr(flow, "SECONDS_A_PAGE", 0)
    return tmp_path


def test_pages_are_published_once_a_person_has_approved_them(folder: Path) -> None:
    with rehearse(flow.pages, inputs={"title": "Field notes"}) as run:
        run.work().assert_waiting("review")
        run.assert_step("check", "completed", attempts=2)
        assert run.seconds == 1, "the check is tried again after a second"
        assert run.progress("render") == (1, "done")
        assert not folder.joinpath("site").exists()
        run.approve("review", by="ada").work().assert_completed()
    published = {file.name for file in folder.joinpath("site").iterdir()}
    assert published == {"index.html", "pond.html", "lighthouse.html"}
    pond = folder.joinpath("site/pond.html").read_text("utf-8")
    assert '<a href="lighthouse.html">' in pond


def test_what_is_approved_is_the_rendered_page(folder: Path) -> None:
    with rehearse(flow.pages, inputs={}) as run:
        asked = run.work().step("review").approval
        assert asked is not None
        (page,) = [
            each
            for each in asked.subject["render"]["pages"]
            if each["file"] == "pond.html"
        ]
        assert page["html"].startswith("<!doctype html>")
        assert "<h1>The pond</h1>" in page["html"]


def test_a_rejection_has_the_pages_rendered_again(folder: Path) -> None:
    with rehearse(flow.pages, inputs={}) as run:
        run.work().reject("review", comment="a *larger* heading").work()
        run.assert_step("render", "completed", iteration=2).assert_waiting("review")
        html = run.output("render")["pages"][0]["html"]
        assert "Revised: a <em>larger</em> heading" in html


def test_markdown_brings_no_html_of_its_own(folder: Path) -> None:
    text = "# Title <script>\n\n<script>alert(1)</script>\n\n[x](javascript:alert(1))"
    folder.joinpath("pages/index.md").write_text(text, "utf-8")
    with rehearse(flow.pages, inputs={"title": "<script>"}) as run:
        run.work().assert_waiting("review")
        html = run.output("render")["pages"][0]["html"]
    assert "<script" not in html
    assert 'href="javascript' not in html


def test_a_link_that_leads_nowhere_fails_the_run_for_good(folder: Path) -> None:
    folder.joinpath("pages/pond.md").write_text("# Pond\n\n[x](frog.md)", "utf-8")
    with rehearse(flow.pages, inputs={}) as run:
        run.work()
        run.assert_failed(step="check", error="pond.md links to frog.md")
        run.assert_step("check", "failed", attempts=2)


def test_an_empty_folder_is_told(folder: Path) -> None:
    shutil.rmtree(folder / "pages")
    with rehearse(flow.pages, inputs={}) as run:
        run.work().assert_failed(step="fetch", error="no Markdown files")


def test_the_folder_is_seeded_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNLEDGER_SAMPLE", "")
    settings = Settings(home=tmp_path)
    folder = enter(settings)
    seeded = sorted(file.name for file in folder.joinpath("pages").iterdir())
    assert seeded == ["index.md", "lighthouse.md", "pond.md"]
    folder.joinpath("pages/pond.md").unlink()
    enter(settings)
    assert not folder.joinpath("pages/pond.md").exists()
