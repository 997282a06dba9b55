"""The dashboard's types are those of the OpenAPI documents."""

from __future__ import annotations

from query_api.dashboard import generate_types


def test_the_types_of_the_dashboard_are_level_with_the_documents() -> None:
    stale = [
        path.name
        for path, text in generate_types.rendered().items()
        if path.read_text(encoding="utf-8") != text
    ]
    assert not stale, "run .venv/bin/python query_api/dashboard/generate_types.py"
