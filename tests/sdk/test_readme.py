"""The examples of sdk/README.md, as they stand."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.sdk.conftest import Command

README = Path(__file__).parents[2] / "sdk" / "README.md"


def test_the_first_example_runs_as_it_stands(
    runledger: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    first = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)[0]
    exec(compile(first, str(README), "exec"), {})
    assert capsys.readouterr().out == "completed\n"
    assert "etl#1" in runledger("runs", "-w", "etl").out


def test_every_example_compiles() -> None:
    for example in re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL):
        compile(example, str(README), "exec")


@pytest.mark.parametrize("document", ["importing.md", "command-line.md"])
def test_links_lead_somewhere(document: str) -> None:
    file = README.parents[1] / "docs" / document
    for link in re.findall(r"\]\(([^)#:]+)\)", file.read_text()):
        assert (file.parent / link).exists(), link
