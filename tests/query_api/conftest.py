"""The real query API on a real database: events go in, and are projected, on demand.

``world``   a migrated database of this test's own, with what fills it
``api``     the query API over it, in a real uvicorn, with a client
``empty``   one over an empty database, for what needs none
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.query_api.serving import Api, served
from tests.query_api.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.database import Database, Template


@pytest.fixture
def world(database: Database) -> Iterator[World]:
    with World(database) as world:
        yield world


@pytest.fixture
def api(world: World) -> Iterator[Api]:
    with served(world) as api:
        yield api


@pytest.fixture(scope="session")
def empty(template: Template) -> Iterator[Api]:
    with template.copy() as database, World(database) as world, served(world) as api:
        yield api
