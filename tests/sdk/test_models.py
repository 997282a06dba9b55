"""The client against the services' own descriptions."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from types import ModuleType

SDK = Path(__file__).parents[2] / "sdk"


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    file = SDK / "generate_models.py"
    spec = importlib.util.spec_from_file_location("generate_models", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_models_are_those_of_the_openapi_documents(generator: ModuleType) -> None:
    made = generator.render(generator.documents())
    assert (SDK / "runledger" / "models.py").read_text() == made, (
        "stale: run .venv/bin/python sdk/generate_models.py"
    )
