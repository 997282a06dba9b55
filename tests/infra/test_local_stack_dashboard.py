"""The dashboard's build: when it is done, what comes out, and what is said if not."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from infra.local import node
from infra.local.dashboard import Dashboard, first_error
from infra.local.environment import ROOT, SetUpFailed

if TYPE_CHECKING:
    from pathlib import Path

BUILD = """\
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
const source = readFileSync("source.txt", "utf8");
if (source.includes("broken")) throw new Error("source.txt is broken");
const out = process.argv.find((one) => one.startsWith("--outDir=")).slice(9);
mkdirSync(`${out}/assets`, { recursive: true });
writeFileSync(`${out}/index.html`, "<!doctype html>");
writeFileSync(`${out}/assets/app-1.js`, source);
writeFileSync(`${out}/assets/dot-1.png`, "no text");
"""


@pytest.fixture
def dashboard(tmp_path: Path) -> Dashboard:
    """One without packages, that any Node builds without any registry."""
    dashboard = Dashboard(tmp_path)
    dashboard.folder.mkdir(parents=True)
    dashboard.log.parent.mkdir()
    about = {"name": "small", "version": "1.0.0", "type": "module"}
    files = {
        "package.json": json.dumps({**about, "scripts": {"build": "node build.js"}}),
        "package-lock.json": json.dumps(
            {**about, "lockfileVersion": 3, "packages": {"": about}}
        ),
        "build.js": BUILD,
        "source.txt": "// the first\n",
    }
    for name, content in files.items():
        dashboard.folder.joinpath(name).write_text(content)
    return dashboard


def test_it_is_built_once_for_the_sources_there_are(
    dashboard: Dashboard, capfd: pytest.CaptureFixture[str]
) -> None:
    dashboard.build()
    script = dashboard.dist / "assets/app-1.js"
    assert script.read_text() == "// the first\n"
    assert "Building the dashboard" in capfd.readouterr().err

    dashboard.build()
    assert capfd.readouterr().err == "", "nothing has changed"

    dashboard.folder.joinpath("source.txt").write_text("// the second\n")
    assert not dashboard.level
    dashboard.build()
    assert script.read_text() == "// the second\n"
    said = capfd.readouterr().err
    assert "packages" not in said, "the lockfile is the one of before"


def test_what_is_served_lies_there_compressed(dashboard: Dashboard) -> None:
    dashboard.build()
    assets = dashboard.dist / "assets"
    twin = (assets / "app-1.js.gz").read_bytes()
    assert gzip.decompress(twin) == (assets / "app-1.js").read_bytes()
    assert not (assets / "dot-1.png.gz").exists(), "pictures are compressed already"


def test_a_build_by_hand_is_followed_by_one_of_ours(dashboard: Dashboard) -> None:
    dashboard.build()
    # As Vite does, which clears the folder first.
    shutil.rmtree(dashboard.dist)
    dashboard.dist.mkdir()
    dashboard.dist.joinpath("index.html").write_text("by hand")
    assert not dashboard.level


def test_a_build_that_fails_says_why_and_leaves_the_last_one(
    dashboard: Dashboard,
) -> None:
    dashboard.build()
    dashboard.folder.joinpath("source.txt").write_text("broken\n")
    with pytest.raises(SetUpFailed) as failure:
        dashboard.build()
    said = str(failure.value)
    assert said.startswith(
        "The dashboard could not be built: Error: source.txt is broken"
    )
    assert str(dashboard.log) in said
    assert "\n" not in said
    assert dashboard.dist.joinpath("index.html").exists()
    assert not dashboard.level


def test_packages_that_cannot_be_had_are_said_in_a_line(dashboard: Dashboard) -> None:
    dashboard.folder.joinpath("package-lock.json").unlink()
    with pytest.raises(SetUpFailed, match=r"packages could not be installed: .*npm ci"):
        dashboard.build()


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("> tsc\n\nsrc/a.ts(1,2): error TS2304: No b.\nnpm error code 2", "src/a.ts"),
        ("error during build:\nCould not resolve x\n", "error during build: Could not"),
        ("  new Error(`x`)\n\nError: Failed to resolve\n", "Error: Failed to resolve"),
        ("npm warn old\nnpm error code E404\nnpm error 404 Not Found", "404 Not Found"),
        ("", "nothing was said"),
    ],
)
def test_of_all_that_is_said_one_line_is_told(said: str, told: str) -> None:
    assert first_error(said).startswith(told)


@pytest.mark.parametrize(
    ("version", "enough"),
    [
        ("v20.18.3", False),
        ("v20.19.0", True),
        ("v21.7.0", False),
        ("v22.11.0", False),
        ("v22.12.0", True),
        ("v24.0.0", True),
        ("", False),
    ],
)
def test_a_node_is_recent_enough_or_not(version: str, enough: bool) -> None:
    assert node.recent_enough(version) is enough


@pytest.mark.parametrize("editable", [True, False])
def test_no_wheel_is_made_without_it(tmp_path: Path, editable: bool) -> None:
    checkout = tmp_path / "checkout"
    names = ("domain", "projections", "command_api", "query_api", "workers", "infra")
    for name in names:
        checkout.joinpath(name).mkdir(parents=True)
        checkout.joinpath(name, "__init__.py").touch()
    for name in ("pyproject.toml", "README.md", "LICENSE", "infra/hatch_build.py"):
        shutil.copy(ROOT / name, checkout / name)

    def build() -> subprocess.CompletedProcess[str]:
        call = f"build_{'editable' if editable else 'wheel'}({str(tmp_path)!r})"
        return subprocess.run(
            [sys.executable, "-c", f"import hatchling.build as it; it.{call}"],
            cwd=checkout,
            env={"PATH": os.environ["PATH"]},
            capture_output=True,
            text=True,
            check=False,
        )

    done = build()
    if editable:
        assert done.returncode == 0, done.stderr
        return
    assert done.returncode != 0
    assert "run infra/bin/dashboard" in done.stderr
    dist = checkout / "query_api/dashboard/dist"
    dist.mkdir(parents=True)
    dist.joinpath("index.html").touch()
    assert build().returncode == 0
    (wheel,) = tmp_path.glob("*.whl")
    listed = subprocess.run(
        [sys.executable, "-m", "zipfile", "-l", wheel],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "query_api/dashboard/dist/index.html" in listed
    assert "hatch_build" not in listed
