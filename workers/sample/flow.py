"""Markdown files become a small site: fetch, check, render, review, publish.

The files lie in ``pages/`` of the sample's folder and the site is written to ``site/``.
Change a file, start a run (``runledger start pages``) and see what becomes of it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt
from pydantic import BaseModel
from runledger.worker import Backoff, Context, Permanent, Workflow

FOLDER = Path(os.environ.get("RUNLEDGER_SAMPLE", "."))
SECONDS_A_PAGE = 1.0
"""Rendering is quick; being seen at work takes a while."""

MARKDOWN = MarkdownIt("commonmark", {"html": False})


class Site(BaseModel):
    """What a run is given."""

    title: str = "Field notes"


pages = Workflow(
    "pages",
    inputs=Site,
    description="Markdown files become a site, once a person has looked at it",
)


@pages.step(effects="none")
def fetch(context: Context) -> list[dict[str, str]]:
    """Read the Markdown files of the folder."""
    files = sorted(FOLDER.joinpath("pages").glob("*.md"))
    if not files:
        raise Permanent(f"There are no Markdown files in {FOLDER / 'pages'}.")
    for file in files:
        context.log(f"{file.name}, {file.stat().st_size} bytes")
    return [{"file": file.name, "text": file.read_text("utf-8")} for file in files]


@pages.step(
    needs=[fetch],
    effects="none",
    max_attempts=3,
    backoff_s=Backoff(first_s=1, most_s=10),
)
def check(context: Context) -> dict[str, int]:
    """Look for links that lead nowhere and pages without a heading."""
    if context.attempt == 1:
        # So that there is a failed attempt to look at, and one that follows it.
        raise ConnectionError(
            "The link checker did not answer. In this sample it never does at first."
        )
    found = context.outputs["fetch"]
    names = {page["file"] for page in found}
    wrong: list[str] = []
    links = 0
    for page in found:
        tokens = MARKDOWN.parse(page["text"])
        headings = [token for token in tokens if token.type == "heading_open"]
        if not headings or headings[0].tag != "h1":
            wrong.append(f"{page['file']} does not begin with a heading")
        for target in _links(tokens):
            links += 1
            file = target.partition("#")[0]
            if file and "://" not in file and file not in names:
                wrong.append(f"{page['file']} links to {file}, which is not there")
    for line in wrong:
        context.log(line, "error")
    if wrong:
        raise Permanent("; ".join(wrong))
    context.log(f"{links} links, and all lead somewhere")
    return {"pages": len(found), "links": links}


@pages.step(needs=[fetch, check], effects="none", timeout_s=120)
def render(context: Context) -> dict[str, Any]:
    """Make HTML of each page."""
    title = context.inputs.title
    found = context.outputs["fetch"]
    made: list[dict[str, str]] = []
    for number, page in enumerate(found):
        context.progress(number / len(found), f"rendering {page['file']}")
        context.sleep(SECONDS_A_PAGE)
        body = MARKDOWN.render(page["text"])
        name = f"{Path(page['file']).stem}.html"
        made.append({"file": name, "html": _document(title, body, context.feedback)})
        context.log(f"{page['file']} became {name}")
    context.progress(1, "done")
    return {"title": title, "pages": made}


pages.approval(
    "review",
    needs=[render],
    on_reject="redo",
    description="A person looks at the pages; a rejection has them rendered again",
)


@pages.step(needs=[render, "review"], effects="once")
def publish(context: Context) -> dict[str, Any]:
    """Copy the pages to the site."""
    site = FOLDER / "site"
    site.mkdir(exist_ok=True)
    for page in context.outputs["render"]["pages"]:
        site.joinpath(page["file"]).write_text(page["html"], "utf-8")
        context.log(f"{page['file']} is published")
    return {"site": str(site), "pages": len(context.outputs["render"]["pages"])}


def _links(tokens: Any) -> list[str]:
    """Where the links of a page lead."""
    return [
        str(child.attrGet("href"))
        for token in tokens
        for child in token.children or ()
        if child.type == "link_open"
    ]


def _document(title: str, body: str, feedback: str | None) -> str:
    """A page as a whole document. Links lead to pages, no longer to their sources."""
    body = body.replace('.md"', '.html"').replace(".md#", ".html#")
    note = ""
    if feedback:
        note = f"<footer>{MARKDOWN.renderInline(f'Revised: {feedback}')}</footer>"
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        f"<title>{MARKDOWN.renderInline(title)}</title><style>{STYLE}</style>"
        f"<body>{body}{note}</body></html>"
    )


STYLE = (
    "body{max-width:38rem;margin:2rem auto;padding:0 1rem;font:1.05rem/1.6 Georgia,"
    "serif}h1{font-size:1.7rem}footer{margin-top:3rem;font-style:italic}"
)
