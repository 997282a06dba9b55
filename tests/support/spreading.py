"""Which worker runs which tests, when there are several (``pytest -n``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xdist.scheduler import LoadScopeScheduling

if TYPE_CHECKING:
    import pytest

SHARING = ("browser", "journeys", "sdk", "workers")
"""Folders whose tests share a whole service or a broker: one worker has them all."""
ALONE = ("journeys/test_crashes.py", "journeys/test_log_crashes.py")
"""But these start a service of their own."""
LONGEST = (*SHARING, *ALONE, "infra")
"""These begin first, so that what is left in the end is short."""


def longest_first(item: pytest.Item) -> int:
    """What to sort tests by."""
    unit = _unit(item.nodeid)
    places = [place for place, one in enumerate(LONGEST) if unit.startswith(one)]
    return max(places, default=len(LONGEST))


class ByFolder(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Hands out folders that share something, and files, in the order of the tests."""

    def __init__(self, config: pytest.Config, log: object) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False

    def _split_scope(self, nodeid: str) -> str:
        return _unit(nodeid)


def _unit(nodeid: str) -> str:
    """What one worker runs as a whole."""
    file = nodeid.partition("::")[0].removeprefix("tests/")
    folder = file.partition("/")[0]
    return folder if folder in SHARING and file not in ALONE else file
