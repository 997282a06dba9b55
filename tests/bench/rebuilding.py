"""A rebuild of all read tables, comparison and flip included, beside one COPY."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.bench.appends import bare_copy
from tests.bench.commands import WORKFLOW, drive_runs
from tests.bench.figures import Figure, at_least

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.bench.stack import Stack

RUNS = 20_000
"""Of ten events each."""


def measure(stack: Stack) -> Iterator[Figure]:
    assert stack.post("/v1/default/workflows", WORKFLOW)[0] in {200, 201}
    drive_runs(stack, RUNS)
    stack.wait_level(180)
    said = stack.run("rebuild", role="runledger_projector")
    found = re.search(r"Done in ([\d.]+) s", said)
    assert found is not None, said
    yield at_least(
        f"rebuild of {stack.head():,} events, compared and flipped",
        stack.head() / float(found[1]),
        "events/s",
        goal=30_000,
        limit=bare_copy(stack.url()),
        limit_is="one COPY of as many bytes a row",
    )
