"""Which worker runs which tests, when there are several (``pytest -n``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xdist.scheduler import LoadScopeScheduling

if TYPE_CHECKING:
    import pytest

SHARING = ("browser", "journeys", "sdk", "workers")
"""Folders whose tests share a whole service or a broker: one worker has them all."""
ALONE = ("journeys/test_crashes.py", "journeys/test_log_crashes.py")
"""These start a service of their own."""
LONGEST = (*SHARING, "infra")
"""These begin first, so that what is left in the end is short."""


def longest_first(item: pytest.Item) -> int:
    """What to sort tests by."""
    folder = item.path.parent.name
    return LONGEST.index(folder) if folder in LONGEST else len(LONGEST)


class ByFolder(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Hands out folders that share something, and files, in the order of the tests."""

    def __init__(self, config: pytest.Config, log: object) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        folder = file.split("/")[1]
        return folder if folder in SHARING and not file.endswith(ALONE) else file
