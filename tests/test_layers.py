"""Who may import whom: the folders of the design, enforced."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
OURS = {
    "domain",
    "infra",
    "projections",
    "command_api",
    "query_api",
    "workers",
    "runledger",
    "tests",
}
ALLOWED = {
    "domain": set[str](),
    "infra": {"domain"},
    "projections": {"domain", "infra"},
    "command_api": {"domain", "infra"},
    "query_api": {"domain", "infra"},
    "workers": {"domain", "infra", "projections"},
    "sdk/runledger": set[str](),
}
COMPOSITION_ROOTS = {
    Path("workers/__main__.py"): {"command_api", "query_api"},
    Path("workers/serve.py"): {"command_api", "query_api"},
    Path("query_api/dashboard/generate_types.py"): {"command_api"},
    Path("workers/sample/flow.py"): {"runledger"},
    Path("workers/sample/command.py"): {"runledger"},
}
"""The service command wires the APIs' applications; nobody else sees them, but for the
script that writes the dashboard's types. The sample is written as a user would write
it, with the SDK."""

DOMAIN_NEEDS = {"domain", "pydantic", "eventsourcing", "jsonschema", "referencing"}
"""The last two hold forms and inputs against their schemas; neither does any I/O."""


def imports(file: Path) -> Iterator[tuple[int, str]]:
    """Line and top-level name of every import in a file, also inside functions."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        match node:
            case ast.Import(names=names):
                yield from ((node.lineno, name.name.split(".")[0]) for name in names)
            case ast.ImportFrom(module=str(module), level=0):
                yield node.lineno, module.split(".")[0]


def files(folder: str) -> list[Path]:
    found = sorted((ROOT / folder).rglob("*.py"))
    assert found, f"{folder} holds no Python"
    return [file for file in found if "node_modules" not in file.parts]


@pytest.mark.parametrize("folder", ALLOWED)
def test_a_folder_imports_only_what_the_design_allows(folder: str) -> None:
    package = folder.split("/")[-1]
    wrong = [
        f"{file.relative_to(ROOT)}:{line} imports {name}"
        for file in files(folder)
        for line, name in imports(file)
        if name in OURS - {package}
        and name not in ALLOWED[folder]
        and name not in COMPOSITION_ROOTS.get(file.relative_to(ROOT), set())
    ]
    assert not wrong


def test_the_domain_needs_little_beside_itself() -> None:
    import sys

    wrong = [
        f"{file.relative_to(ROOT)}:{line} imports {name}"
        for file in files("domain")
        for line, name in imports(file)
        if name not in DOMAIN_NEEDS and name not in sys.stdlib_module_names
    ]
    assert not wrong


def test_decisions_have_no_clock_no_chance_and_no_surroundings() -> None:
    forbidden = {"time", "random", "secrets", "os", "socket", "subprocess"}
    wrong = [
        f"{file.relative_to(ROOT)}:{line} imports {name}"
        for folder in ("domain/run", "domain/workflow", "domain/bulk")
        for file in files(folder)
        for line, name in imports(file)
        if name in forbidden
    ]
    assert not wrong
