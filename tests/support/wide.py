"""A matrix of many steps and runs, put into the read table as it would have been."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import psycopg

if TYPE_CHECKING:
    from tests.support.service import Service

# As the projector writes them; a duration per step, none of it the same.
INSERT = """
INSERT INTO read.matrix
SELECT gen_random_uuid(), %(namespace)s, %(workflow)s, 1, n, state,
       now() - (%(runs)s - n) * interval '17 minutes', NULL,
       (30 + n %% 90) * 1000000, NULL, NULL, cells,
       ARRAY(SELECT (1 + (n * 31 + s * 17) %% 600) * 100000
               FROM generate_series(1, length(cells)) AS s),
       array_fill(1::smallint, ARRAY[length(cells)]), flags, 1, 0
  FROM unnest(%(states)s::text[], %(cells)s::text[], %(flags)s::text[])
       WITH ORDINALITY AS run (state, cells, flags, n)
"""


def definition(name: str, steps: int, branches: int = 5) -> dict[str, Any]:
    """A workflow of branches side by side, each a chain."""
    names = [f"step-{number:03}" for number in range(steps)]
    return {
        "name": name,
        "steps": [
            {"name": step, "needs": names[at - branches : at - branches + 1]}
            if at >= branches
            else {"name": step}
            for at, step in enumerate(names)
        ],
    }


def fill(
    service: Service, namespace: str, workflow: str, steps: int, runs: int
) -> None:
    """The columns of runs 1 to ``runs``: one in twelve failed, some steps were tried
    again. Of a workflow that is registered; only its matrix knows these runs.
    """
    chance = random.Random(500)
    states, cells, flags = [], [], []
    for _ in range(runs):
        failed = chance.random() < 1 / 12
        at = chance.randrange(steps)
        states.append("failed" if failed else "completed")
        cells.append("c" * at + "f" + "." * (steps - at - 1) if failed else "c" * steps)
        marks = ["0"] * steps
        for _ in range(steps // 100):
            marks[chance.randrange(steps)] = "8"
        flags.append("".join(marks))
    with psycopg.connect(service.url("postgres")) as connection:
        connection.execute(
            INSERT,
            {
                "namespace": namespace,
                "workflow": workflow,
                "runs": runs,
                "states": states,
                "cells": cells,
                "flags": flags,
            },
        )
