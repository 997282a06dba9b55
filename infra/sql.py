"""Named statements in .sql files: ``-- name: x`` starts one, comments say why."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, LiteralString, cast

if TYPE_CHECKING:
    from pathlib import Path

_NAME = re.compile(r"^-- name: ([a-z_0-9]+)\s*$", re.MULTILINE)


def load(path: Path) -> dict[str, LiteralString]:
    """The statements of a file by name.

    Raises:
        ValueError: a name stands twice.
    """
    parts = _NAME.split(path.read_text(encoding="utf-8"))
    found: dict[str, LiteralString] = {}
    for name, text in zip(parts[1::2], parts[2::2], strict=True):
        if name in found:
            raise ValueError(f"{path.name} names {name} twice.")
        # A file of ours is as literal as the source: nothing is put into it.
        found[name] = cast("LiteralString", text.strip())
    return found
