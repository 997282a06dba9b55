"""Small XES logs for tests."""

from __future__ import annotations

import gzip
import io
from typing import TYPE_CHECKING

from runledger.importing.logs import LogReader
from runledger.importing.mapping import Mapping

if TYPE_CHECKING:
    from pathlib import Path

    from runledger.importing.observed import ObservedRun

T = "2026-03-01T09:00:{:02d}.000+01:00"


def entry(
    name: str | None = "ship",
    transition: str | None = "complete",
    at: str | int | None = 0,
    who: str | None = None,
    more: str = "",
) -> str:
    """An event element; a number is a second of one minute."""
    time = T.format(at) if isinstance(at, int) else at
    parts = [
        ("string", "concept:name", name),
        ("string", "lifecycle:transition", transition),
        ("date", "time:timestamp", time),
        ("string", "org:resource", who),
    ]
    attributes = "".join(
        f'<{kind} key="{key}" value="{value}"/>'
        for kind, key, value in parts
        if value is not None
    )
    return f"<event>{attributes}{more}</event>"


def trace(*entries: str, name: str | None = "case 1", more: str = "") -> str:
    named = "" if name is None else f'<string key="concept:name" value="{name}"/>'
    return f"<trace>{named}{more}{''.join(entries)}</trace>"


def log(*traces: str, name: str | None = "orders") -> bytes:
    named = "" if name is None else f'<string key="concept:name" value="{name}"/>'
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<log xes.version="1.0" xmlns="http://www.xes-standard.org/">\n'
        f"{named}{''.join(traces)}</log>"
    ).encode()


def read(content: bytes, mapping: Mapping | None = None) -> list[ObservedRun]:
    reader = LogReader(io.BytesIO(content), "file")
    reader.mapping = mapping or Mapping()
    return list(reader.runs())


def write(path: Path, content: bytes) -> Path:
    packed = path.suffix == ".gz"
    path.write_bytes(gzip.compress(content) if packed else content)
    return path
