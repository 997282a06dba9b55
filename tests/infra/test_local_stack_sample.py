"""Whether a stack has a sample; what it shows: ``test_local_stack_up``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.local.services import services
from infra.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path


def test_a_stack_can_do_without(tmp_path: Path) -> None:
    names = [
        [one.name for one in services(Settings(sample=wanted), {}, "", tmp_path)]
        for wanted in (True, False)
    ]
    assert names[0] == [*names[1], "sample-worker"]
