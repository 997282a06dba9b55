"""The README's first example, copied as it stands."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

README = Path(__file__).parents[2] / "README.md"


def example() -> str:
    """The block of shell that begins with the path."""
    blocks = re.findall(r"```sh\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    (found,) = [block for block in blocks if block.startswith("export PATH")]
    assert isinstance(found, str)
    return found


def test_the_first_example_works_as_it_stands(shell: Callable[..., str]) -> None:
    said = shell("bash", "-e", "-c", example(), namespace="readme")
    assert "report#1   ◆ waiting for approval" in said
    assert "any approver may decide" in said
    assert "report#1   ● completed" in said
    assert "report#3   ○ queued   retry of report#2" in said
    matrix = said[said.index("report   3 runs, 3 steps") :]
    rows = {line.split()[0]: line.split()[1:] for line in matrix.splitlines()[2:6]}
    assert rows == {
        "run": ["●", "✗", "○"],
        "fetch": ["●", "●", "●←"],
        "render": ["●", "✗", "○"],
        "publish": ["●", "·", "·"],
    }
    assert "a retry from failed that carries 1 step: The printer is back" in said
